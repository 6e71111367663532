# user/build.mk — the runtime as a library, and the programs: $(B)/user/NAME.elf with symbols for the debugger, and
# $(B)/user/NAME without, which boots.

USER_FLAGS := -std=c++20 -O2 -g $(WARNINGS) -ffreestanding -fno-exceptions -fno-rtti -fno-pic \
  -fno-stack-protector -fno-threadsafe-statics -fno-asynchronous-unwind-tables -mno-red-zone \
  -ffunction-sections -fdata-sections -ffile-prefix-map="$$PWD"=. $(if $(TRACE),-DSPRAT_TRACE) -Ikernel/include -Iuser \
  -I$(B)/made/kernel/include -I$(B)/made/user
USER_LDFLAGS := -nostdlib -static -Wl,--build-id=none -Wl,--gc-sections -Wl,-z,norelro \
  -Wl,-z,max-page-size=4096 -Wl,-z,noexecstack -Wl,-T,user/lib/program.ld

# The kernel's own text formatting, and the functions that compilers call, are linked here as well.
USER_LIBRARY_SOURCES := $(call linked,user/lib/*.cc user/lib/*.S user/span/*.cc) kernel/debug/format.cc kernel/x86/memory.cc
USER_SOURCES := $(USER_LIBRARY_SOURCES)

USER_COMMON := $(if $(COMPILES_HEADERS),$(B)/user/common.hh.gch)
$(B)/user/common.hh.gch: user/lib/common.hh $(FLAGS) | $(BOOTSTRAP)
	$(call compile-headers,$(TARGET_CXX) $(USER_FLAGS))
$(B)/user/obj/%.o: % $(FLAGS) | $(BOOTSTRAP) $(MADE_FOR_ASSEMBLY) $(USER_COMMON)
	$(call compile,USER,$(TARGET_CXX) $(USER_FLAGS) $(call common,$(USER_COMMON)))

# $(call user-objects,SOURCES): the sources of one of these folders are compiled as one unit, which takes a third of the time.
# Alone are parts of several programs, and files that students write: a name may be two things in two of them. With clang all are
# compiled alone, so a source that lacks an include of its own fails there.
UNITS := $(if $(COMPILES_HEADERS),$(addprefix user/,monitor shell bench bench-rings bench-cores))
ALONE := %/main.cc $(addprefix user/monitor/,boot_files.cc cores.cc package.cc process_builder.cc \
  broker.cc broker_messages.cc remote_processes.cc remote_starts.cc)
in-unit = $(strip $(foreach source,$(filter-out $(ALONE),$(filter %.cc,$(2))),$(if $(filter $(1)/,$(dir $(source))),$(source))))
in-units = $(foreach folder,$(UNITS),$(call in-unit,$(folder),$(1)))
user-objects = $(call objects,user/obj,$(filter-out $(call in-units,$(1)),$(1))) \
  $(foreach folder,$(UNITS),$(if $(call in-unit,$(folder),$(1)),$(call user-unit,$(subst /,-,$(folder)),$(call in-unit,$(folder),$(1)))))
user-unit = $(eval $(B)/user/obj/$(1).o: $(call unit-of,user/obj/$(1),$(2)) $(2))$(B)/user/obj/$(1).o
$(B)/user/obj/%.o: $(B)/kept/user/obj/%.cc $(FLAGS) | $(BOOTSTRAP) $(MADE_FOR_ASSEMBLY) $(USER_COMMON)
	$(call compile,USER,$(TARGET_CXX) $(USER_FLAGS) $(call common,$(USER_COMMON)) -iquote . $(UNIT_WARNINGS),$(sources-of-unit))

$(B)/user/libuser.a: $(call objects,user/obj,$(USER_LIBRARY_SOURCES)) $(call kept,libuser,$(USER_LIBRARY_SOURCES))
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $(filter %.o,$^)

# $(call user-program,NAME,SOURCES): a program that can be a module of the boot image.
define user-program
USER_SOURCES += $(2)
USER_PROGRAMS += $(B)/user/$(1)
$(B)/user/$(1).elf: $(call user-objects,$(2)) $(call kept,user-$(1),$(2))
endef

MONITOR_SOURCES := $(wildcard user/monitor/*.cc user/agreement/*.cc)
#@ since memory
MONITOR_SOURCES += user/memory/stealing.cc
#@ end
$(eval $(call user-program,monitor,$(MONITOR_SOURCES)))
#@ since memory
$(eval $(call user-program,memory,$(wildcard user/memory/*.cc)))
#@ end
$(eval $(call user-program,shell,$(wildcard user/shell/*.cc)))
$(eval $(call user-program,bench,$(wildcard user/bench/*.cc user/bench/*.S)))
#@ since urpc
$(eval $(call user-program,urpc-bench,$(wildcard user/bench-urpc/*.cc)))
$(eval $(call user-program,stress,$(wildcard user/stress/*.cc)))
$(eval $(call user-program,rings-bench,$(wildcard user/bench-rings/*.cc) \
  $(addprefix user/monitor/,boot_files.cc cores.cc package.cc)))
#@ end
#@ since monitor
$(eval $(call user-program,cores-bench,$(wildcard user/bench-cores/*.cc)))
$(eval $(call user-program,span-bench,$(wildcard user/bench-span/*.cc)))
#@ end
$(foreach demo,$(wildcard user/demos/*.cc),\
  $(eval $(call user-program,$(notdir $(basename $(demo))),$(demo))))

# The program that labs boot in the place of the monitor, to question the kernel from user space.
PROBE_SOURCES := $(call linked,grading/probe/*.cc labs/*/probe/*.cc labs/*/probe/*.S)
ifneq ($(PROBE_SOURCES),)
PROBE_SOURCES += grading/guest/evidence.cc grading/guest/speak.S $(addprefix user/monitor/,boot_files.cc cores.cc package.cc) \
  $(wildcard user/bench/*.cc user/bench/*.S)
$(call user-objects,$(PROBE_SOURCES)): private USER_FLAGS += -I. -Ikernel -I$(B)/made
$(eval $(call user-program,probe,$(PROBE_SOURCES)))
endif

#@ since monitor
# For labs that boot the whole system: what boots in the place of each monitor, and the programs that it starts, one of which answers. The
# scope tells them by their addresses, at which no other program of the system is.
SYSTEM_PROBE_SOURCES := $(call linked,labs/*/system/*.cc)
SYSTEM_PROGRAM_SOURCES := $(call linked,labs/*/system/programs/*.cc)
ifneq ($(SYSTEM_PROBE_SOURCES),)
SYSTEM_PROGRAM_SOURCES += grading/guest/evidence.cc grading/guest/speak.S
$(call objects,user/obj,$(SYSTEM_PROBE_SOURCES) $(SYSTEM_PROGRAM_SOURCES)): private USER_FLAGS += -I. -Ikernel -I$(B)/made
$(eval $(call user-program,system-probe,$(SYSTEM_PROBE_SOURCES) \
  $(filter-out user/monitor/main.cc,$(MONITOR_SOURCES))))
$(eval $(call user-program,system-programs,$(SYSTEM_PROGRAM_SOURCES)))
$(B)/user/system-programs.elf: private USER_LDFLAGS += -Wl,--defsym=program_begin=0x800000
$(B)/user/system-probe.elf: private USER_LDFLAGS += -Wl,--defsym=program_begin=0xc00000
endif
#@ end

# The attacks on the kernel, which boot in the place of the monitor as well; students' trees do not have them.
HOSTILE_SOURCES := $(wildcard kernel/tests/hostile/*.cc kernel/tests/hostile/*/*.cc kernel/tests/hostile/*.S)
ifneq ($(HOSTILE_SOURCES),)
HOSTILE_SOURCES += $(addprefix user/monitor/,boot_files.cc cores.cc package.cc process_builder.cc)
$(call user-objects,$(filter kernel/%,$(HOSTILE_SOURCES))): private USER_FLAGS += -I. -Ikernel
$(eval $(call user-program,hostile,$(HOSTILE_SOURCES)))
$(B)/test/system: | $(B)/user/hostile
endif

# The longest kernel entries, and dispatchers that try to get more than their share.
define hostile-program
$(call user-objects,$(wildcard kernel/tests/$(1)/*.cc)): private USER_FLAGS += -I. -Ikernel
$(call user-program,$(1),$(wildcard kernel/tests/$(1)/*.cc) $(addprefix user/monitor/,boot_files.cc cores.cc package.cc))
$(B)/test/system: | $(B)/user/$(1)
endef
$(foreach program,$(notdir $(wildcard kernel/tests/latency kernel/tests/cheats)),\
  $(eval $(call hostile-program,$(program))))

# A first process that faults.
ifneq ($(wildcard kernel/tests/first-process/*.cc),)
$(eval $(call user-program,first-process,$(wildcard kernel/tests/first-process/*.cc) \
  $(addprefix user/monitor/,boot_files.cc cores.cc package.cc)))
$(B)/test/system: | $(B)/user/first-process
endif

# A monitor with few free slots.
ifneq ($(wildcard user/tests/few-slots/*.cc),)
$(eval $(call user-program,few-slots,$(wildcard user/tests/few-slots/*.cc) \
  $(filter-out user/monitor/main.cc,$(MONITOR_SOURCES))))
$(B)/test/system: | $(B)/user/few-slots
endif

# A monitor that falls silent.
ifneq ($(wildcard user/tests/silent-monitor/*.cc),)
$(eval $(call user-program,silent-monitor,$(wildcard user/tests/silent-monitor/*.cc) \
  $(filter-out user/monitor/main.cc,$(MONITOR_SOURCES))))
$(B)/test/system: | $(B)/user/silent-monitor
endif

# Programs that tests run: attacks on the monitor, and processes that die in the middle.
TEST_PROGRAMS := $(notdir $(basename $(wildcard user/tests/programs/*.cc)))
$(foreach program,$(TEST_PROGRAMS),$(eval $(call user-program,$(program),user/tests/programs/$(program).cc)))
ifneq ($(TEST_PROGRAMS),)
$(B)/test/system: | $(addprefix $(B)/user/,$(TEST_PROGRAMS))
endif

$(USER_PROGRAMS:%=%.elf): %.elf: $(B)/user/libuser.a user/lib/program.ld
	$(call say,LINK,$@)
	$(Q)$(TARGET_CXX) $(USER_LDFLAGS) -o $@ $(filter %.o,$^) $(B)/user/libuser.a
$(USER_PROGRAMS): %: %.elf
	$(Q)$(NM:%nm=%strip) -o $@ $<

# The grader reads in the symbols which of its instructions are to be trusted.
ARTIFACTS += $(if $(PROBE_SOURCES),$(B)/user/probe $(B)/user/probe.elf)
#@ since monitor
ARTIFACTS += $(if $(SYSTEM_PROBE_SOURCES),$(foreach program,system-probe system-programs,$(B)/user/$(program) $(B)/user/$(program).elf))
#@ end

# The messages of our interfaces as tables, for handouts.
ifneq ($(wildcard user/interfaces/table/*.cc),)
$(eval $(call host-program,interface-table,user/interfaces/table/main.cc kernel/debug/format.cc))
$(B)/host/obj/interface-table.o: private HOST_FLAGS += -Iuser
endif

# How long agreement takes on the simulated network.
ifneq ($(wildcard user/bench-agreement/*.cc),)
$(eval $(call host-program,agreement-bench,$(wildcard user/bench-agreement/*.cc user/agreement/*.cc) user/tests/network/network.cc \
  $(addprefix user/tests/agreement/,simulated_system.cc simulated_memory.cc) user/tests/fake_process.cc kernel/debug/format.cc,-lcriterion))
$(B)/host/obj/agreement-bench.o: private HOST_FLAGS += -Iuser -O2
# Headers that were compiled without -O2 are of no use to it, and clang refuses them.
$(B)/host/obj/agreement-bench.o: private HOST_COMMON :=
endif

# Protocols and their tests on simulated networks, by unit that is compiled as one.
SIMULATED := agreement memory network
SIMULATED_agreement := $(wildcard user/agreement/*.cc)
SIMULATED_memory := $(wildcard user/tests/memory/*.cc $(addprefix user/memory/,buddy.cc stealing.cc))
SIMULATED_network := $(wildcard user/tests/network/*.cc user/tests/agreement/*.cc)
SIMULATED := $(foreach unit,$(SIMULATED),$(if $(SIMULATED_$(unit)),$(unit)))

# The parts that can be tried on the host, under sanitizers, some of them in units as well.
TESTED := rings links parts
TESTED_rings := $(wildcard user/tests/urpc_*_test.cc)
TESTED_links := $(wildcard user/tests/link_*_test.cc user/tests/network_test.cc)
TESTED_parts := $(wildcard $(patsubst %,user/tests/%_test.cc,account heap line_editor ram_shares slots task words))
USER_TEST_SOURCES := $(filter-out $(foreach unit,$(TESTED),$(TESTED_$(unit))),$(wildcard user/tests/*.cc)) \
  $(wildcard $(addprefix user/lib/,slots.cc heap.cc event_loop.cc channel.cc lrpc_link.cc)) user/shell/line_editor.cc kernel/debug/format.cc
ifneq ($(wildcard user/tests/*.cc),)
USER_TEST_UNITS := $(SIMULATED:%=simulated-%) $(TESTED:%=tested-%)
$(foreach unit,$(SIMULATED),$(eval $(call subject-unit,simulated-$(unit),$(SIMULATED_$(unit)))))
$(foreach unit,$(TESTED),$(eval $(call subject-unit,tested-$(unit),$(TESTED_$(unit)))))
USER_TEST_OBJECTS := $(call objects,subject,$(USER_TEST_SOURCES)) $(USER_TEST_UNITS:%=$(B)/subject/%.o)
HOST_TESTS += $(B)/test/user
TEST_OBJECTS += $(USER_TEST_OBJECTS)
SUBJECT_SOURCES += $(USER_TEST_SOURCES)
$(USER_TEST_OBJECTS): private SUBJECT_FLAGS += -Iuser
$(B)/test/user: $(USER_TEST_OBJECTS) $(call kept,test-user,$(USER_TEST_SOURCES))
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) -fsanitize=address,undefined -o $@ $(filter %.o,$^) -lcriterion
endif

# Protocols on simulated networks once more, as fast as it goes.
ifneq ($(wildcard user/tests/network),)
NETWORK_TEST_OBJECTS := $(SIMULATED:%=$(B)/network/simulated-%.o) $(call objects,network,kernel/debug/format.cc \
  $(addprefix user/tests/,network_test.cc link_schedules_test.cc fake_process.cc))
HOST_TESTS += $(B)/test/network
NETWORK_COMPILER = $(CXX) -std=c++20 -O2 -g1 $(WARNINGS) -Wno-conversion -DSPRAT_SCHEDULES=50\'000 -Ikernel/include -Iuser -I.
$(B)/network/%.o: % $(FLAGS) | $(BOOTSTRAP)
	$(call compile,HOSTCXX,$(NETWORK_COMPILER))
$(B)/network/%.o: $(B)/kept/subject/%.cc $(FLAGS) | $(BOOTSTRAP)
	$(call compile,HOSTCXX,$(NETWORK_COMPILER),$*)
$(B)/test/network: $(NETWORK_TEST_OBJECTS)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) -o $@ $(filter %.o,$^) -lcriterion
endif

# Calls, in the code that boots: which of its instructions come first is the compiler's choice.
ifneq ($(wildcard user/tests/lrpc),)
LRPC_TEST_SOURCES := user/tests/lrpc/lrpc_test.cc user/lib/lrpc.cc
HOST_TESTS += $(B)/test/lrpc
TEST_OBJECTS += $(B)/test/lrpc
$(B)/test/lrpc: $(LRPC_TEST_SOURCES) $(FLAGS) $(wildcard user/lib/*.hh kernel/include/sprat/*.hh) | $(BOOTSTRAP)
	$(call say,HOSTCXX,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) -std=c++20 -O2 -g1 -mno-red-zone $(WARNINGS) -Wno-conversion -Ikernel/include -Iuser -I. \
	  $(call whole-program,$(LRPC_TEST_SOURCES),-lcriterion)
endif
