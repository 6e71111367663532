# labs/build.mk — for each lab: its code under test as a host program, and the trusted suite that questions it.

# Sources that a lab's subject is made of, by lab, beside what is in its folder.
SUBJECT_KERNEL_boot := kernel/x86/uart.cc kernel/memory/memory_map.cc kernel/memory/address_space.cc \
  kernel/debug/backtrace.cc
#@ since cpu-driver
SUBJECT_KERNEL_cpu-driver := $(wildcard kernel/cap/*.cc)
#@ end
#@ since urpc
# Words of memory are simulated, or asked for: the simulation's header takes the place of the real one.
# Its main.cc knows nothing of the code under test, and is not compiled again with it.
SUBJECT_KERNEL_urpc := user/urpc/simulation/schedule.cc labs/3-urpc/subject/main.cc
SUBJECT_LIBRARIES_urpc := -lboost_context
# These are compiled with the subject, whose words they use; the units of test/user have real ones.
SUBJECT_UNIT_urpc := $(addprefix user/lib/,channel.cc event_loop.cc lrpc_link.cc)
$(B)/subject/lab-urpc.o $(call objects,subject,$(SUBJECT_KERNEL_urpc)): \
  private SUBJECT_FLAGS += -Iuser/urpc/simulation -Iuser
#@ end
#@ since monitor
SUBJECT_KERNEL_monitor := $(wildcard user/agreement/*.cc)
$(B)/subject/lab-monitor.o $(call objects,subject,$(SUBJECT_KERNEL_monitor)): private SUBJECT_FLAGS += -Iuser
# The test reads and prints messages.
TEST_UNIT_monitor := kernel/debug/format.cc
$(B)/host/obj/test/lab-monitor.o: private HOST_FLAGS += -Iuser
# All right and wrong solutions, on which students' own tests are tried. They are not in students' trees.
ifneq ($(wildcard labs/4-monitor/protocols),)
PROTOCOLS := $(B)/protocols/monitor
PROTOCOL_SOURCES := $(addprefix user/agreement/,coordinator.cc member.cc names.cc)
$(PROTOCOLS)/made: $(wildcard labs/4-monitor/*.toml labs/4-monitor/alternatives/* labs/4-monitor/protocols/* \
    labs/4-monitor/subject/* user/agreement/* user/interfaces/*) $(FLAGS)
	$(call say,MAKE,$(@D))
	$(Q)scripts/protocols --lab monitor --out $(@D) $(PROTOCOL_SOURCES)
	$(Q)+$(MAKE) -s --no-print-directory -f labs/4-monitor/protocols/programs.mk OUT=$(@D) CXX='$(CXX)' \
	  SOURCES='$(PROTOCOL_SOURCES)' \
	  FLAGS='-std=c++20 -O0 -w -Igrading/subject -Ikernel/include -Ikernel -I. -Iuser'
	$(Q)touch $@
$(B)/test/lab-monitor: | $(PROTOCOLS)/made
endif
#@ end
#@ since memory
# The calls that these make of the library, which makes system calls of them, are the subject's own.
SUBJECT_KERNEL_memory := $(addprefix user/memory/,buddy.cc records.cc stealing.cc) $(addprefix user/lib/,memory_client.cc self_paging.cc)
$(B)/subject/lab-memory.o $(call objects,subject,$(SUBJECT_KERNEL_memory)): \
  private SUBJECT_FLAGS += -Ilabs/5-memory/subject/simulation -Iuser
#@ end

# A lab without a subject cannot be graded yet. (Tests are no sign of it: behind the wall no lab has them.)
LABS_BY_NUMBER := $(call names-of-labs,$(patsubst %/subject,%,$(wildcard labs/[1-9]-*/subject)))
LAB_NAMES := $(sort $(LABS_BY_NUMBER))
# Labs still being written: of these, make test and make soak grade the solution only.
DRAFT_LABS := monitor memory
lab-folder = $(firstword $(wildcard labs/[0-9]*-$(1)))

define lab-rules
$(call subject-unit,lab-$(1),$(filter-out $(SUBJECT_KERNEL_$(1)),$(wildcard $(call lab-folder,$(1))/subject/*.cc)) $(SUBJECT_UNIT_$(1)))
SUBJECT_SOURCES += $(SUBJECT_KERNEL_$(1))
$(B)/kernel/subject-$(1): $(B)/subject/lab-$(1).o $(call objects,subject,grading/subject/main.cc $(SUBJECT_KERNEL_$(1)))
SUBJECTS += $(B)/kernel/subject-$(1)
LAB_TESTS += $(B)/test/lab-$(1)
$(eval $(call host-test,lab-$(1),$(wildcard $(call lab-folder,$(1))/tests/*.cc) $(TEST_UNIT_$(1)),$(B)/host/liblab.a $(B)/host/libmachine.a $(B)/host/libresult.a))
endef
$(B)/kernel/subject-%:
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)! $(NM) -A --defined-only $(filter %.o,$^) | grep -E ' [A-Z] __(asan|ubsan|lsan|sanitizer)_' || \
	  { echo '$@: error: the functions above would take the place of the sanitizers; remove them' >&2; exit 1; }
	$(Q)$(CXX) -fsanitize=address,undefined -o $@ $(filter %.o,$^) $(SUBJECT_LIBRARIES_$*)
ARTIFACTS += $(B)/kernel/sprat.elf $(B)/kernel/sprat-test.elf
$(foreach lab,$(LAB_NAMES),$(eval $(call lab-rules,$(lab))))
# A tree is graded in the newest of its labs.
ARTIFACTS += $(addprefix $(B)/kernel/subject-,$(lastword $(LABS_BY_NUMBER)))
