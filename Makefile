# Makefile — everything one can do with Sprat. `make` alone says what that is.

MAKEFLAGS += --no-builtin-rules --no-builtin-variables
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# ---- switches of the make line ------------------------------------------------------------------

include switches.mk

# Whatever is parsed speaks one language.
export LC_ALL := C.UTF-8
unexport LANGUAGE

# As many jobs as there are processors, unless the command line says how many, or the make that started this one.
ifeq ($(LOCKED)$(findstring -j,$(MAKEFLAGS)),)
  MAKEFLAGS += -j$(shell nproc)
endif

EMU    ?= qemu
ACCEL  ?= tcg
NCPU   ?= 4
# More than eight cores need more memory for their shares of it.
MEM    ?= $(if $(filter 9 1%,$(filter-out 1,$(NCPU))),256,128)
# In a staged tree, that tree's lab.
LAB    ?= $(or $(if $(wildcard .stage),$(shell sed -n 's/^lab = "\(.*\)"/\1/p' .stage)),boot)
override LAB := $(LAB)
IMAGE  ?= sprat
CXX    ?= g++
BUILD  ?= build
override BUILD := $(BUILD:/=)

HOST_ARCH := $(firstword $(subst -, ,$(MAKE_HOST)))
CONFIG := $(notdir $(firstword $(CXX)))$(if $(SAN),-san)$(if $(TRACE),-trace)$(if $(WERROR),-werror)$(if $(SYNTAX),-syntax)
B      ?= $(BUILD)/$(CONFIG)
Q      := $(if $(V),,@)

ifneq ($(filter-out qemu qemu-icount bochs,$(EMU)),)
  $(error EMU=$(EMU) is not an emulator Sprat knows; use EMU=qemu, EMU=qemu-icount or EMU=bochs)
endif
# Graded code is compiled alike for all students; WERROR=1 is for the grader's own tools there.
ifneq ($(and $(filter grade checkpoint test-one hand-in,$(MAKECMDGOALS)),$(strip $(SAN)$(TRACE))),)
  $(error graded code is built without SAN and TRACE; leave them away here, and say make SAN=1 to build with them)
endif
ifneq ($(filter-out tcg kvm,$(ACCEL)),)
  $(error ACCEL=$(ACCEL) is not an accelerator Sprat knows; use ACCEL=tcg or ACCEL=kvm)
endif

# ---- one make at a time -------------------------------------------------------------------------

# A target is built (files, and groups of them) or is a command that uses built files. A make that builds holds
# the lock of the build folder; another one waits for it, and says so. So a command has a make of its own build the files
# that it needs, and then lets go. It is two rules:
#
#   needs-of-NAME: FILES
#   NAME: build-for-NAME ## TEXT FOR make help
#   	RECIPE
lock-and-make = +@mkdir -p $(BUILD) && ( exec 9>$(BUILD)/lock && { flock -n 9 || { \
  echo 'Another make is building in $(BUILD); this one waits for it.' >&2; flock 9; }; } && \
  $(MAKE) --no-print-directory LOCKED=1 $(1) )
needs-of-%: ; @:
build-for-%: $(if $(LOCKED),needs-of-%) ; $(if $(LOCKED),@:,$(call lock-and-make,needs-of-$*))

FRAGMENTS := $(sort $(wildcard */build.mk */*/build.mk))
COMMANDS := help doctor $(sort $(shell sed -n 's/^\([a-z_.-]*\): build-for-.*/\1/p' Makefile $(FRAGMENTS)))
BUILT := $(filter-out $(COMMANDS),$(MAKECMDGOALS))
THEN := $(filter $(COMMANDS),$(MAKECMDGOALS))
ifneq ($(if $(LOCKED),,$(BUILT)),)

.PHONY: $(MAKECMDGOALS) build-and-do
$(MAKECMDGOALS): build-and-do ; @:
build-and-do:
	$(call lock-and-make,$(BUILT))$(if $(THEN), && $(MAKE) --no-print-directory $(THEN))

else

# ---- tools and flags ----------------------------------------------------------------------------

# The system is always x86-64. On other hosts a cross g++ builds it, or clang, which is always a cross compiler.
ifeq ($(HOST_ARCH),x86_64)
  TARGET_CXX := $(CXX)
  NM := nm
else ifneq ($(shell command -v x86_64-linux-gnu-g++),)
  TARGET_CXX := x86_64-linux-gnu-g++
  NM := x86_64-linux-gnu-nm
else
  TARGET_CXX := clang++ --target=x86_64-linux-gnu -fuse-ld=lld
  NM := llvm-nm
endif

# Open exercises do not use their parameters, members and constants yet.
WARNINGS := -Wall -Wextra -Wno-unused-parameter -Wshadow -Wconversion -Wno-sign-conversion \
  $(if $(findstring clang,$(CXX)),-Wno-unused-private-field -Wno-unused-const-variable) $(if $(WERROR),-Werror)
# With its checks, the kernel's image would not end below 2 MiB if g++ did not optimise for size.
TARGET_FLAGS := -std=c++20 -O2 -g $(WARNINGS) -ffreestanding -fno-exceptions -fno-rtti \
  -fno-pic -mcmodel=kernel -mno-red-zone -mno-mmx -mno-sse -mno-sse2 -mno-avx \
  -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer -fno-optimize-sibling-calls \
  -fno-stack-protector -fno-threadsafe-statics -fno-asynchronous-unwind-tables \
  -ffile-prefix-map="$$PWD"=. $(if $(TRACE),-DSPRAT_TRACE) -Ikernel/include -Ikernel -I. \
  -I$(B)/made/kernel/include -I$(B)/made/kernel \
  $(if $(SAN),-fsanitize=undefined $(if $(findstring clang,$(CXX)),-fno-sanitize=function,-Os))
TARGET_LDFLAGS := -nostdlib -static -Wl,--build-id=none -Wl,-z,max-page-size=4096 -Wl,-z,noexecstack
HOST_FLAGS := -std=c++20 -O0 -g1 $(WARNINGS) -Wno-conversion -I. -Ikernel/include -Igrading
# Attributes by which a function would leave the sanitizers' sight; under another name they are unknown, and do nothing.
UNSEEN := no_sanitize no_sanitize_address no_sanitize_undefined no_sanitize_thread no_address_safety_analysis \
  disable_sanitizer_instrumentation
SUBJECT_FLAGS := -std=c++20 -O0 -g $(WARNINGS) -fno-omit-frame-pointer \
  $(foreach name,$(UNSEEN),-D$(name)=is_refused -D__$(name)__=is_refused) \
  -fsanitize=address,undefined -fno-sanitize-recover=undefined -Igrading/subject -Ikernel/include -Ikernel -I.

# ---- how things are built -----------------------------------------------------------------------

# Three kinds of object code: `target` runs on the machine that boots, `host` on this one, and `subject`
# is code of the target compiled for this one, under sanitizers, to be questioned by tests.
objects = $(addprefix $(B)/$(1)/,$(addsuffix .o,$(2)))
say = @printf '  %-7s %s\n' '$(1)' '$(2)'

BOOTSTRAP := $(BUILD)/bootstrap.stamp
# Behind the wall there are no scripts; the make outside has run them.
$(BOOTSTRAP): $(wildcard scripts/bootstrap scripts/packages)
	$(if $<,$(Q)scripts/bootstrap)
	@mkdir -p $(@D) && touch $@

# $(call kept,NAME,TEXT) is a file with this text, which changes exactly when the text does: what depends on it is made
# again when a flag has changed, or a source has come or gone.
kept = $(if $(LOCKED),$(call keep,$(B)/kept/$(1),$(2)))$(B)/kept/$(1)
keep = $(if $(call same,$(strip $(2)),$(strip $(file <$(1)))),,$(file >$(1),$(2)))
same = $(and $(findstring $(1),$(2)),$(findstring $(2),$(1)))
KEPT := $(addprefix $(B)/kept/,host/test subject user/obj)
$(if $(LOCKED),$(if $(filter-out $(wildcard $(KEPT)),$(KEPT)),$(shell mkdir -p $(KEPT))))

# All that says how to compile: switches, these files, and the compiler's version. The build folder is left out: there are
# several ways to write where it is.
FLAGS := $(call kept,flags,$(TARGET_CXX) $(subst $(B)/,,$(TARGET_FLAGS)) $(CXX) $(HOST_FLAGS) $(if $(LOCKED),\
  $(shell cat Makefile $(FRAGMENTS) | cksum; $(CXX) -dumpfullversion 2>/dev/null)))

# An object is as old as the beginning of its compilation: what is edited meanwhile is compiled again. The file of its
# dependencies names it by $(B), for there are several ways to write where a folder is.
compiled-from-now = started=$$(date +%s.%N) && $(1) && touch -d @$$started $@
NOTE_DEPENDENCIES = -MMD -MP -MT '$(patsubst $(B)/%,$$(B)/%,$@)'

# The numbers that assembly needs of C++ types (kernel/include/sprat/for_assembly.hh): each FOLDER/assembly.cc is compiled to
# text, of which some lines make $(B)/made/FOLDER/assembly.hh. It is part of nothing that is linked.
FOR_ASSEMBLY := $(wildcard kernel/*/assembly.cc kernel/include/*/assembly.cc user/*/assembly.cc labs/*/probe/assembly.cc)
MADE_FOR_ASSEMBLY := $(FOR_ASSEMBLY:%.cc=$(B)/made/%.hh)
linked = $(filter-out $(FOR_ASSEMBLY),$(wildcard $(1)))
$(MADE_FOR_ASSEMBLY): $(B)/made/%.hh: %.cc $(FLAGS) | $(BOOTSTRAP)
	$(call say,NUMBERS,$<)
	@mkdir -p $(@D)
	$(Q)$(call compiled-from-now,$(TARGET_CXX) $(TARGET_FLAGS) -Iuser $(NOTE_DEPENDENCIES) -S -o $@.s $< && \
	  sed -n 's/.*"\(#define .*\)\$$\(.*\)"/\1\2/p' $@.s >$@)

# `make SYNTAX=1 unlinked-tests` has the compiler warn of tests, and make no code, which takes a fifth of the time.
define compile
	$(call say,$(1),$(or $(3),$<))
	@mkdir -p $(@D)
	$(Q)$(call compiled-from-now,$(2) $(NOTE_DEPENDENCIES) $(if $(SYNTAX),-fsyntax-only,-c) -o $@ $<)
endef

# Standard headers that most sources of the system include, compiled once, which takes a third of the time. Not with
# clang: its files would not work in another folder, to which graded builds are copied, and so a source that lacks an
# include of its own fails there.
COMPILES_HEADERS := $(if $(findstring clang,$(TARGET_CXX)),,yes)
TARGET_COMMON := $(if $(COMPILES_HEADERS),$(B)/target/common.hh.gch)
common = $(if $(and $(1),$(filter %.cc,$<)),-include $(1:.gch=))
$(B)/target/common.hh.gch: kernel/common.hh $(FLAGS) | $(BOOTSTRAP)
	$(call compile-headers,$(TARGET_CXX) $(TARGET_FLAGS))

$(B)/target/%.o: % $(FLAGS) | $(BOOTSTRAP) $(MADE_FOR_ASSEMBLY) $(TARGET_COMMON)
	$(call compile,CXX,$(TARGET_CXX) $(TARGET_FLAGS) $(call common,$(TARGET_COMMON)))
$(B)/subject/%.o: % $(FLAGS) | $(BOOTSTRAP)
	$(call compile,SUBJECT,$(CXX) $(SUBJECT_FLAGS))

# $(call whole-program,SOURCES,LDLIBS): what a compiler is told that makes a program of sources without objects.
whole-program = $(if $(SYNTAX),-fsyntax-only $(1),-o $@ $(1) $(2))

# Headers that most host sources include, compiled once.
HOST_COMMON = -include $(B)/host/common.hh
$(B)/host/common.hh.gch: grading/common.hh $(FLAGS) | $(BOOTSTRAP)
	$(call compile-headers,$(CXX) $(HOST_FLAGS))
define compile-headers
	$(call say,HEADERS,$<)
	@mkdir -p $(@D) && cp $< $(@:.gch=)
	$(Q)$(1) -x c++-header -o $@ $(@:.gch=)
endef

# All sources of one host library, program or test are compiled as one unit: templates that they all instantiate are
# compiled once, which takes half of the time. $(call host-unit,NAME,SOURCES) makes $(B)/host/obj/NAME.o, and $(call
# subject-unit,NAME,SOURCES) makes $(B)/subject/NAME.o.
host-unit = $(B)/host/obj/$(1).o: $(call unit-of,host/$(1),$(2)) $(2)
subject-unit = $(B)/subject/$(1).o: $(call unit-of,subject/$(1),$(2)) $(2)
unit-of = $(call kept,$(1).cc,$(foreach source,$(2),$(newline)$(hash)include "$(source)"))
hash := \#
define newline


endef
# g++ warns of types that only their own source has, if that source is included.
UNIT_WARNINGS := $(if $(findstring clang,$(CXX)),,-Wno-subobject-linkage)
sources-of-unit = $(notdir $*): $(words $(filter-out $<,$(filter %.cc,$^))) sources
$(B)/host/obj/%.o: $(B)/kept/host/%.cc $(FLAGS) | $(BOOTSTRAP) $(B)/host/common.hh.gch
	$(call compile,HOSTCXX,$(CXX) $(HOST_FLAGS) $(HOST_COMMON) $(UNIT_WARNINGS),$(sources-of-unit))
$(B)/subject/%.o: $(B)/kept/subject/%.cc $(FLAGS) | $(BOOTSTRAP)
	$(call compile,SUBJECT,$(CXX) $(SUBJECT_FLAGS) $(UNIT_WARNINGS),$(sources-of-unit))

# $(call host-program,NAME,SOURCES,LDLIBS), $(call host-library,NAME,SOURCES), $(call host-test,NAME,SOURCES,LDLIBS);
# libraries of ours among LDLIBS are named by their path.
define host-program
HOST_PROGRAMS += $(B)/host/$(1)
$(call host-linked,host/$(1),$(1),$(2),$(3))
endef
define host-test
HOST_TESTS += $(B)/test/$(1)
TEST_OBJECTS += $(B)/host/obj/test/$(1).o
$(call host-linked,test/$(1),test/$(1),$(2),$(3) -lcriterion)
endef
define host-linked
LINKED += $(B)/$(1)
$(call host-unit,$(2),$(3))
$(B)/$(1): private LDLIBS := $(filter-out %.a,$(4))
$(B)/$(1): $(B)/host/obj/$(2).o $(filter %.a,$(4))
endef
define host-library
$(call host-unit,lib$(1),$(2))
endef
$(B)/host/lib%.a: $(B)/host/obj/lib%.o
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $<

# ---- labs and what grades them ------------------------------------------------------------------

# $(call names-of-labs,FOLDERS): their names without numbers.
names-of-labs = $(strip $(foreach digit,1 2 3 4 5 6 7 8 9,$(patsubst $(digit)-%,%,$(filter $(digit)-%,$(notdir $(1))))))
# LAB names a lab or gives its number.
LAB_FOLDER := $(firstword $(wildcard labs/$(LAB)-* labs/[0-9]*-$(LAB)))
LAB_NAME := $(call names-of-labs,$(LAB_FOLDER))
need-lab = $(if $(LAB_FOLDER),,$(error LAB=$(LAB) is no lab; there are: $(notdir $(wildcard labs/[0-9]*-*))))

GRADE = $(B)/host/grade --root . --tests $(B)/test/lab-$(LAB_NAME) --scope $(B)/host/scope.so --jobs 2 \
  --lab $(LAB_NAME) --out $(BUILD)/grade/$(LAB_NAME) --compiler '$(CXX)' $(if $(SEED),--seed $(SEED)) \
  $(if $(WALL),$(if $(filter none,$(WALL)),--no-wall,--wall $(WALL)))
GRADE_TOOLS = $(B)/host/grade $(B)/host/scope.so $(B)/test/lab-$(LAB_NAME)

# The code that is graded is compiled behind the wall, in a folder of its own, which is kept.
GRADE_THIS_TREE = --tree . --place $(BUILD)/graded/$(LAB_NAME)

include $(FRAGMENTS)
-include $(if $(LOCKED),$(shell find $(B) -name '*.d'))

$(LINKED):
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LDLIBS)

# ---- what one can ask for -----------------------------------------------------------------------

#@ since cpu-driver
# The programs that boot along with the kernel, in this order, each with its arguments.
BOOT_PROGRAMS := monitor shell hello counter echo fault
BOOT_MODULES := monitor, shell, hello, counter, echo, fault
#@ end
#@ since urpc
BOOT_PROGRAMS += talk
BOOT_MODULES := $(BOOT_MODULES), talk, talk core=1, talk core=2, talk core=3
#@ end
#@ since monitor
BOOT_PROGRAMS += picture
BOOT_MODULES := $(BOOT_MODULES), picture
#@ end
#@ since memory
BOOT_PROGRAMS += memory hog
BOOT_MODULES := $(BOOT_MODULES), memory, hog
#@ end
# MODULES='hello core=2 one two, counter core=1' adds to them. It may name any program; the program `machine` reads it.
MODULE_FILES = $(if $(MODULES),$(USER_PROGRAMS),$(addprefix $(B)/user/,$(BOOT_PROGRAMS)))
IMAGE_ARGUMENTS = --kernel $(B)/kernel/$(IMAGE).elf --append "$(if $(LOG),log=$(LOG)$(if $(APPEND), ))$$APPEND" \
  --programs $(B)/user --modules "$(BOOT_MODULES), $$MODULES"
MACHINE_ARGUMENTS = $(IMAGE_ARGUMENTS) --cpus $(NCPU) --mem $(MEM)

.PHONY: $(COMMANDS) all artifacts programs tools unlinked-tests bootstrapped clean

help: ## this text
	@echo 'Sprat: one kernel per core, nothing shared. Targets:'
	@echo
	@awk -F ':.*## ' '/^[a-z_.-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile $(FRAGMENTS)
	@echo
	@echo 'Switches, on the same line:'
	@echo
	@echo '  EMU=qemu|qemu-icount|bochs   which emulator; qemu-icount counts time in instructions   [$(EMU)]'
	@echo '  NCPU=N  MEM=MIB              processors and memory of the machine                  [$(NCPU), $(MEM)]'
	@echo '  ACCEL=tcg|kvm                how QEMU executes                                     [$(ACCEL)]'
	@echo '  LOG=quiet|info|debug         how much the kernel says                              [info]'
	@echo '  APPEND="key=value ..."       more words for the kernel; IMAGE=sprat-test has tests'
	@echo '  MODULES="hello core=2, ..."  more programs to start when the system boots'
	@echo '  GDB=1                        make run waits for GDB: the same as make gdb'
	@echo '  SOCKET=FILE                  make gdb: only the machine; a GDB of your own attaches to this file'
	@echo '  LAB=NAME|NUMBER              which lab                                             [$(LAB)]'
	@echo '  EX=N                         make grade: only exercise N'
	@echo '  WALL=none|user|...           make grade: which wall stands around the code that is graded  [the best]'
	@echo '  CXX=g++|clang++-16  SAN=1    compiler; kernel with undefined-behaviour checks      [$(CXX)]'
	@echo '  V=1  BUILD=DIR               show commands; where everything is built              [$(BUILD)]'

all: tools $(HOST_TESTS) ## build everything, tests included

# The artifacts of a grading in the newest lab; all programs that can boot along with the kernel; all but tests; and tests as
# far as they are compiled.
artifacts: $(ARTIFACTS)
programs: $(USER_PROGRAMS)
tools: artifacts programs $(SUBJECTS) $(HOST_PROGRAMS) $(B)/host/scope.so
unlinked-tests: $(TEST_OBJECTS)

BOOT_FILES = $(B)/host/machine $(B)/kernel/$(IMAGE).elf $(MODULE_FILES)
needs-of-run: $(BOOT_FILES)
ifeq ($(GDB),)
run: build-for-run ## boot the system in this terminal
	@$(B)/host/machine run --emu $(EMU) --accel $(ACCEL) --prompt '>' $(MACHINE_ARGUMENTS)
else
run: build-for-run gdb
endif

needs-of-iso: $(BOOT_FILES)
iso: build-for-iso ## make sprat.iso in the build folder, which GRUB boots anywhere
	@$(B)/host/machine iso $(IMAGE_ARGUMENTS) --out $(B)/sprat.iso

needs-of-gdb: $(BOOT_FILES)
gdb: build-for-gdb ## boot the system under GDB, with commands of ours (sprat help)
	@$(B)/host/machine gdb $(MACHINE_ARGUMENTS) $(if $(SOCKET),--socket "$$SOCKET",--gdb-script scripts/gdb/sprat.py)

doctor: ## which tools are here and work, and what mends the others
	@scripts/doctor

# No older result stands there from the moment a grading begins, whatever happens to it.
needs-of-grade: $(GRADE_TOOLS)
build-for-grade build-for-checkpoint build-for-test-one: forget-result
forget-result: ; $(need-lab)@rm -f $(BUILD)/grade/$(LAB_NAME)/result.json
grade: build-for-grade ## grade this tree, or SUBMISSION=dir, and print the scorecard
	$(if $(and $(SUBMISSION),$(if $(wildcard scripts/stage),,none)),$(error SUBMISSION= is for the source tree of the \
	  course; here, make grade grades what is in this folder))@$(GRADE) $(if $(EX),--exercise $(LAB_NAME).$(EX)) \
	  $(if $(SUBMISSION),--submission="$$SUBMISSION" --stage scripts/stage \
	  --prebuilt $(BUILD)/prebuilt,$(GRADE_THIS_TREE))

# A hand-in is an archive of the answers. Its grading is rehearsed in a pristine tree with these answers in it.
HAND_IN = $(BUILD)/hand-in
needs-of-hand-in: $(GRADE_TOOLS)
hand-in: build-for-hand-in ## in a student's tree: pack what is taken, and rehearse its grading
	$(if $(wildcard .stage),,$(error hand-in is for a student's tree; here is the source tree of the course))@scripts/hand-in \
	  --archive $(HAND_IN)/$(LAB_NAME).tar.gz --tree $(HAND_IN)/tree
	@$(GRADE:$(BUILD)/grade/$(LAB_NAME)=$(HAND_IN)/grade) --tree $(HAND_IN)/tree --place $(HAND_IN)/built
	@echo; echo 'Hand in $(HAND_IN)/$(LAB_NAME).tar.gz'

needs-of-checkpoint: $(GRADE_TOOLS)
checkpoint: build-for-checkpoint ## measure the checkpoints of a lab
	@$(GRADE) --checkpoints $(GRADE_THIS_TREE)

needs-of-test-one: $(GRADE_TOOLS)
test-one: build-for-test-one ## run one test of a lab: T=suite.test
	$(if $(T),,$(error T=suite.test is missing; the names are in $(LAB_FOLDER)/lab.toml))@$(GRADE) \
	  --only="$$T" $(GRADE_THIS_TREE)

bootstrapped: $(BOOTSTRAP)

DRY_RUN = $(MAKE) --no-print-directory --always-make --dry-run LOCKED=1
needs-of-compile_commands.json: bootstrapped
compile_commands.json: build-for-compile_commands.json ## for clangd and clang-tidy: how each source is compiled
	+@{ $(DRY_RUN) all $(PROGRAMS_APART); $(DRY_RUN) SAN=1 artifacts; } | scripts/compile-commands >$@

clean: ## remove everything that was built
	@find $(BUILD) -mindepth 1 -maxdepth 1 ! -name lock -exec rm -rf {} +
	@rm -f compile_commands.json

endif
