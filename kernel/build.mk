# kernel/build.mk — the system's image, and the same image with the labs' guest tests in it.

KERNEL_SOURCES := $(filter-out kernel/tests/%,$(call linked,kernel/*.cc kernel/*/*.cc kernel/*/*.S))
GUEST_TEST_SOURCES := grading/guest/text_begin.S \
  $(filter-out grading/guest/text_%,$(wildcard grading/guest/*.cc grading/guest/*.S labs/*/guest/*.cc kernel/tests/guest/*.cc)) \
  grading/guest/text_end.S
ifeq ($(SAN),)
  KERNEL_SOURCES := $(filter-out kernel/debug/ubsan.cc,$(KERNEL_SOURCES))
endif

$(B)/target/kernel/boot/kernel.ld: kernel/boot/kernel.ld $(wildcard kernel/memory/layout.hh) $(B)/made/kernel/include/sprat/assembly.hh $(FLAGS) | $(BOOTSTRAP)
	@mkdir -p $(@D)
	$(Q)$(TARGET_CXX) -E -P -x assembler-with-cpp -Ikernel -I$(B)/made/kernel/include -o $@ $<

TARGET_SOURCES := $(KERNEL_SOURCES) $(GUEST_TEST_SOURCES)
$(B)/kernel/sprat.elf: $(call objects,target,$(KERNEL_SOURCES)) $(call kept,sprat,$(KERNEL_SOURCES))
$(B)/kernel/sprat-test.elf: $(call objects,target,$(TARGET_SOURCES)) $(call kept,sprat-test,$(TARGET_SOURCES))

# Linked twice: the first image's functions become the table of symbols that the second carries. The table comes
# after all code, so that no function moves.
LINK_KERNEL = $(TARGET_CXX) $(TARGET_LDFLAGS) -Wl,-T,$(B)/target/kernel/boot/kernel.ld
$(B)/kernel/%.elf: $(B)/target/kernel/boot/kernel.ld kernel/debug/symbol_table.awk
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(LINK_KERNEL) -o $@.first $(filter %.o,$^)
	$(Q)$(NM) --numeric-sort --demangle $@.first | awk -f kernel/debug/symbol_table.awk >$@.symbols.S
	$(Q)$(TARGET_CXX) -c -o $@.symbols.o $@.symbols.S
	$(Q)$(LINK_KERNEL) -o $@ $(filter %.o,$^) $@.symbols.o
	@rm -f $@.first

# The parts of the kernel that can be tried without a machine, under sanitizers.
KERNEL_TEST_SOURCES := $(wildcard kernel/tests/*.cc)
ifneq ($(KERNEL_TEST_SOURCES),)
HOST_TESTS += $(B)/test/kernel
$(eval $(call subject-unit,kernel-tests,$(KERNEL_TEST_SOURCES)))
KERNEL_TEST_OBJECTS := $(B)/subject/kernel-tests.o \
  $(call objects,subject,kernel/debug/format.cc kernel/boot/multiboot.cc kernel/boot/acpi.cc)
TEST_OBJECTS += $(KERNEL_TEST_OBJECTS)
$(B)/test/kernel: $(KERNEL_TEST_OBJECTS)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) -fsanitize=address,undefined -o $@ $(filter %.o,$^) -lcriterion

$(eval $(call host-test,system,$(wildcard kernel/tests/system/*.cc),$(B)/host/libmachine.a $(B)/host/libresult.a))
$(eval $(call host-test,attacks,$(wildcard kernel/tests/attacks/*.cc),$(B)/host/libmachine.a $(B)/host/libresult.a))
$(B)/test/attacks: | $(B)/kernel/sprat.elf $(B)/user/hostile
$(B)/test/system: | $(B)/kernel/sprat.elf $(B)/kernel/sprat-test.elf $(B)/host/scope.so \
  $(addprefix $(B)/user/,monitor shell hello echo counter fault talk urpc-bench rings-bench stress)
endif
