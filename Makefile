# Makefile — everything one can do with Sprat. `make` alone says what that is.

MAKEFLAGS += --no-builtin-rules --no-builtin-variables
# As many jobs as there are processors, unless the command line says how many.
ifeq ($(findstring -j,$(MAKEFLAGS)),)
  MAKEFLAGS += -j$(shell nproc)
endif
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# ---- switches of the make line ------------------------------------------------------------------

EMU    ?= qemu
ACCEL  ?= tcg
NCPU   ?= 4
MEM    ?= 128
# In a staged tree, that tree's lab.
LAB    ?= $(or $(shell sed -n 's/^lab = "\(.*\)"/\1/p' .stage 2>/dev/null),boot)
IMAGE  ?= sprat
CXX    := $(if $(filter default undefined,$(origin CXX)),g++,$(CXX))
BUILD  ?= build

HOST_ARCH := $(shell uname -m)
CONFIG := $(notdir $(firstword $(CXX)))$(if $(SAN),-san)$(if $(TRACE),-trace)$(if $(WERROR),-werror)
B := $(BUILD)/$(CONFIG)
Q := $(if $(V),,@)

ifneq ($(filter-out qemu qemu-icount bochs,$(EMU)),)
  $(error EMU=$(EMU) is not an emulator Sprat knows; use EMU=qemu, EMU=qemu-icount or EMU=bochs)
endif
ifneq ($(filter-out tcg kvm,$(ACCEL)),)
  $(error ACCEL=$(ACCEL) is not an accelerator Sprat knows; use ACCEL=tcg or ACCEL=kvm)
endif

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

# What is still to be written has no use for its parameters, members and constants yet.
WARNINGS := -Wall -Wextra -Wno-unused-parameter -Wshadow -Wconversion -Wno-sign-conversion \
  $(if $(findstring clang,$(CXX)),-Wno-unused-private-field -Wno-unused-const-variable) $(if $(WERROR),-Werror)
TARGET_FLAGS := -std=c++20 -O2 -g $(WARNINGS) -ffreestanding -fno-exceptions -fno-rtti \
  -fno-pic -mcmodel=kernel -mno-red-zone -mno-mmx -mno-sse -mno-sse2 -mno-avx \
  -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer -fno-optimize-sibling-calls \
  -fno-stack-protector -fno-threadsafe-statics -fno-asynchronous-unwind-tables \
  -ffile-prefix-map=$(CURDIR)=. $(if $(TRACE),-DSPRAT_TRACE) -Ikernel/include -Ikernel -I. \
  $(if $(SAN),-fsanitize=undefined $(if $(findstring clang,$(CXX)),-fno-sanitize=function))
TARGET_LDFLAGS := -nostdlib -static -Wl,--build-id=none -Wl,-z,max-page-size=4096 -Wl,-z,noexecstack
HOST_FLAGS := -std=c++20 -O0 -g1 $(WARNINGS) -Wno-conversion -I. -Ikernel/include -Igrading
SUBJECT_FLAGS := -std=c++20 -O0 -g1 $(WARNINGS) -fno-omit-frame-pointer \
  -fsanitize=address,undefined -fno-sanitize-recover=undefined -Igrading/subject -Ikernel/include -Ikernel -I.

# ---- how things are built -----------------------------------------------------------------------

# Three kinds of object code: `target` runs on the machine that boots, `host` on this one, and `subject`
# is code of the target compiled for this one, under sanitizers, to be questioned by tests.
objects = $(addprefix $(B)/$(1)/,$(addsuffix .o,$(2)))
say = @printf '  %-7s %s\n' '$(1)' '$(2)'

BOOTSTRAP := $(BUILD)/bootstrap.stamp
$(BOOTSTRAP): scripts/bootstrap scripts/packages
	$(Q)scripts/bootstrap
	@mkdir -p $(@D) && touch $@

# Objects depend on the flags they were made with: this file changes exactly when those do.
define FLAGS_TEXT
target: $(TARGET_CXX) $(TARGET_FLAGS) $(TARGET_LDFLAGS)
host: $(CXX) $(HOST_FLAGS)
subject: $(CXX) $(SUBJECT_FLAGS)
endef
$(B)/flags: export TEXT = $(FLAGS_TEXT)
$(B)/flags: FORCE
	@mkdir -p $(@D) && printf '%s\n' "$$TEXT" >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
.PHONY: FORCE

# An object is as old as the beginning of its compilation: what is edited meanwhile is compiled again.
compiled-from-now = started=$$(date +%s.%N) && $(1) && touch -d @$$started $@
define compile
	$(call say,$(1),$<)
	@mkdir -p $(@D)
	$(Q)$(call compiled-from-now,$(2) -MMD -MP -c -o $@ $<)
endef
$(B)/target/%.o: % $(B)/flags | $(BOOTSTRAP)
	$(call compile,CXX,$(TARGET_CXX) $(TARGET_FLAGS))
$(B)/subject/%.o: % $(B)/flags | $(BOOTSTRAP)
	$(call compile,SUBJECT,$(CXX) $(SUBJECT_FLAGS))

# Headers that most host sources include, compiled once.
HOST_COMMON = -include $(B)/host/common.hh
$(B)/host/common.hh.gch: grading/common.hh $(B)/flags | $(BOOTSTRAP)
	$(call say,HEADERS,$<)
	@mkdir -p $(@D) && cp $< $(B)/host/common.hh
	$(Q)$(CXX) $(HOST_FLAGS) -x c++-header -o $@ $(B)/host/common.hh

# All sources of one host library, program or test are compiled as one unit: what they all instantiate is compiled once,
# which takes half of the time. $(call host-unit,NAME,SOURCES) makes $(B)/host/obj/NAME.o, and $(call
# subject-unit,NAME,SOURCES) makes $(B)/subject/NAME.o.
define compile-unit
	$(call say,$(1),$(@F:.o=): $(words $(3)) sources)
	@mkdir -p $(@D)
	$(Q)$(call compiled-from-now,printf '#include "%s"\n' $(3) | $(2) -MMD -MP -c -o $@ -x c++ -)
endef
define host-unit
HOST_SOURCES += $(2)
$(B)/host/obj/$(1).o: $(2) $(B)/flags | $(BOOTSTRAP) $(B)/host/common.hh.gch
	$$(call compile-unit,HOSTCXX,$(CXX) $$(HOST_FLAGS) $$(HOST_COMMON),$(2))
endef
define subject-unit
SUBJECT_SOURCES += $(2)
$(B)/subject/$(1).o: $(2) $(B)/flags | $(BOOTSTRAP)
	$$(call compile-unit,SUBJECT,$(CXX) $$(SUBJECT_FLAGS),$(2))
endef

define link-host
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(1)
endef

# $(call host-program,NAME,SOURCES,LDLIBS), $(call host-library,NAME,SOURCES), $(call host-test,NAME,SOURCES,LDLIBS);
# libraries of ours among LDLIBS are named by their path.
define host-program
HOST_PROGRAMS += $(B)/host/$(1)
$(call host-unit,$(1),$(2))
$(B)/host/$(1): $(B)/host/obj/$(1).o $(filter %.a,$(3))
	$$(call link-host,$(filter-out %.a,$(3)))
endef
define host-library
$(call host-unit,lib$(1),$(2))
$(B)/host/lib$(1).a: $(B)/host/obj/lib$(1).o
	$$(call say,AR,$$@)
	@mkdir -p $$(@D)
	$(Q)rm -f $$@ && ar rcs $$@ $$<
endef
define host-test
HOST_TESTS += $(B)/test/$(1)
$(call host-unit,test/$(1),$(2))
$(B)/test/$(1): $(B)/host/obj/test/$(1).o $(filter %.a,$(3))
	$$(call link-host,$(filter-out %.a,$(3)) -lcriterion)
endef

# ---- labs and what grades them ------------------------------------------------------------------

# LAB names a lab or gives its number.
LAB_FOLDER := $(firstword $(wildcard labs/$(LAB)-* labs/[0-9]*-$(LAB)))
LAB_NAME = $(shell echo $(notdir $(LAB_FOLDER)) | sed 's/^[0-9]*-//')
need-lab = $(if $(LAB_FOLDER),,$(error LAB=$(LAB) is no lab; there are: $(notdir $(wildcard labs/[0-9]*-*))))

GRADE = $(B)/host/grade --root . --tests $(B)/test/lab-$(LAB_NAME) --scope $(B)/host/scope.so --jobs 2 \
  --lab $(LAB_NAME) --out $(BUILD)/grade/$(LAB_NAME) $(if $(SEED),--seed $(SEED))
GRADE_TOOLS = $(B)/host/grade $(B)/host/scope.so $(B)/test/lab-$(LAB_NAME)

FRAGMENTS := $(sort $(wildcard */build.mk */*/build.mk))
include $(FRAGMENTS)
-include $(shell test -d $(B) && find $(B) -name '*.d')

# ---- what one can ask for -----------------------------------------------------------------------

#@ since cpu-driver
# What boots along with the kernel: these programs, and those of MODULES='hello core=2 one two, counter core=1'.
BOOT_MODULES := init, shell, hello, counter, echo, fault
#@ end
#@ since urpc
BOOT_MODULES := $(BOOT_MODULES), talk, talk core=1, talk core=2, talk core=3
#@ end
# One argument for each part between commas; blanks are hidden while make splits the list.
blank := $(subst ,, )
comma := ,
module-program = $(B)/user/$(firstword $(1))
module-argument = --module '$(module-program) $(1)'
for-each-module = $(foreach part,$(subst $(comma), ,$(subst $(blank),^,$(2))),$(if $(subst ^,,$(part)),\
  $(call $(1),$(strip $(subst ^, ,$(part))))))
MODULE_PROGRAMS = $(filter $(USER_PROGRAMS),$(call for-each-module,module-program,$(BOOT_MODULES)$(comma)$(MODULES)))
COMMAND_LINE = $(strip $(if $(LOG),log=$(LOG)) $(APPEND))
IMAGE_ARGUMENTS = --kernel $(B)/kernel/$(IMAGE).elf --append '$(COMMAND_LINE)' \
  $(call for-each-module,module-argument,$(BOOT_MODULES)$(comma)$(MODULES))
MACHINE_ARGUMENTS = $(IMAGE_ARGUMENTS) --cpus $(NCPU) --mem $(MEM)

BUILD_ARTIFACTS = $(MAKE) --no-print-directory BUILD=$(abspath $(BUILD)) CXX='$(CXX)' artifacts
GRADE_THIS_TREE ?= --artifacts $(B)/kernel --build "$(BUILD_ARTIFACTS)"

.PHONY: help all artifacts programs bootstrapped run iso gdb doctor grade checkpoint test-one clean

help: ## this text
	@echo 'Sprat: one kernel per core, nothing shared. What to ask for:'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile $(FRAGMENTS)
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
	@echo '  LAB=NAME|NUMBER              which lab                                             [$(LAB)]'
	@echo '  EX=N                         make grade: only exercise N'
	@echo '  CXX=g++|clang++-16  SAN=1    compiler; kernel with undefined-behaviour checks      [$(CXX)]'
	@echo '  V=1  BUILD=DIR               show commands; where everything is built              [$(BUILD)]'

all: artifacts programs $(HOST_PROGRAMS) $(HOST_TESTS) $(B)/host/scope.so ## build everything, tests included

# What gradings look at; and all that can boot along with the kernel.
artifacts: $(ARTIFACTS)
programs: $(USER_PROGRAMS)

ifeq ($(GDB),)
run: $(B)/host/machine $(B)/kernel/$(IMAGE).elf $(MODULE_PROGRAMS) ## boot the system in this terminal
	@$(B)/host/machine run --emu $(EMU) $(if $(filter kvm,$(ACCEL)),--accel kvm) --prompt '>' $(MACHINE_ARGUMENTS)
else
run: gdb
endif

iso: $(B)/host/machine $(B)/kernel/$(IMAGE).elf $(MODULE_PROGRAMS) ## make sprat.iso in the build folder, which GRUB boots anywhere
	@$(B)/host/machine iso $(IMAGE_ARGUMENTS) --out $(B)/sprat.iso

gdb: $(B)/host/machine $(B)/kernel/$(IMAGE).elf $(MODULE_PROGRAMS) ## boot the system under GDB, with commands of ours (sprat help)
	@$(B)/host/machine gdb $(MACHINE_ARGUMENTS) --gdb-script scripts/gdb/sprat.py

doctor: ## which tools are here, and what breaks without the others
	@scripts/doctor

grade: $(GRADE_TOOLS) ## grade this tree, or SUBMISSION=dir, and print the scorecard
	$(need-lab)$(if $(SUBMISSION),$(if $(wildcard scripts/stage),,$(error SUBMISSION= is for the source tree of the course; here, make grade grades what is in this folder)))@$(GRADE) $(if $(EX),--exercise $(LAB_NAME).$(EX)) $(if $(SUBMISSION),\
	  --submission '$(SUBMISSION)' --stage scripts/stage,$(GRADE_THIS_TREE))

checkpoint: $(GRADE_TOOLS) ## measure the checkpoints of a lab
	$(need-lab)@$(GRADE) --checkpoints $(GRADE_THIS_TREE)

test-one: $(GRADE_TOOLS) ## run one test of a lab: T=suite.test
	$(need-lab)$(if $(T),,$(error T=suite.test is missing; the names are in $(LAB_FOLDER)/lab.toml))
	@$(GRADE) --only $(T) $(GRADE_THIS_TREE)

bootstrapped: $(BOOTSTRAP)

# One line of compile_commands.json for each source: command-of KIND,COMPILER AND FLAGS,SOURCES.
command-of = $(foreach source,$(3),$(file >>$@.new,{"directory": "$(CURDIR)"$(comma) "file": "$(source)"$(comma) \
  "command": "$(2) -c $(source)"$(comma) "output": "$(1)/$(source).o"}$(comma)))
compile_commands.json: Makefile $(FRAGMENTS) | bootstrapped ## for clangd and clang-tidy
	$(file >$@.new,[)
	$(call command-of,target,$(TARGET_CXX) $(TARGET_FLAGS),$(filter %.cc,$(TARGET_SOURCES)))
	$(call command-of,host,$(CXX) $(HOST_FLAGS),$(filter %.cc,$(HOST_SOURCES)))
	$(call command-of,subject,$(CXX) $(SUBJECT_FLAGS),$(filter-out $(TARGET_SOURCES),$(SUBJECT_SOURCES)))
	@sed '$$s/,$$//' $@.new >$@ && echo ']' >>$@ && rm $@.new

clean: ## remove everything that was built
	rm -rf $(BUILD) compile_commands.json
