# Emulators and untrusted programs under control: the library, the program `machine`, their tests and test guests.

MACHINE_PROGRAM := $(addprefix grading/machine/,main.cc terminal.cc)
MACHINE_TESTS := grading/machine/tests
MACHINE_TEST_SOURCES := $(wildcard $(MACHINE_TESTS)/*_test.cc)
MACHINE_LIBS = $(B)/host/libmachine.a $(B)/host/libresult.a

# A record is JSON, and the program `machine` leaves none: it does not wait for nlohmann-json to be compiled.
RECORD_FILE := grading/machine/record_file.cc

$(eval $(call host-library,machine,$(filter-out $(MACHINE_PROGRAM) $(OPTIONS) $(RECORD_FILE),$(wildcard grading/machine/*.cc))))
# The loader of Bochs' disc is code of a PC on every host; the library has it as numbers.
QUICK_LOADER := $(B)/made/grading/machine/quick_loader.inc
$(QUICK_LOADER): grading/machine/quick_loader.S $(FLAGS) | $(BOOTSTRAP)
	$(call say,LOADER,$<)
	@mkdir -p $(@D)
	$(Q)$(TARGET_CXX) -m32 -nostdlib -static -Wl,--build-id=none -Wl,-z,noexecstack -Wl,-e,start -Wl,-Ttext=0x7c00 \
	  -Wl,--oformat=binary -o $@.bin $< && od -An -v -tx1 $@.bin | sed 's/ \(..\)/0x\1,/g' >$@
$(B)/host/obj/libmachine.o: $(QUICK_LOADER)
$(B)/host/obj/libmachine.o: private HOST_FLAGS += -I$(B)/made
$(eval $(call host-program,machine,$(MACHINE_PROGRAM),$(B)/host/liboptions.a $(B)/host/libmachine.a))

ifneq ($(MACHINE_TEST_SOURCES),)
MACHINE_GUESTS := $(B)/machine-guests

$(eval $(call host-test,machine_test,$(MACHINE_TEST_SOURCES),$(MACHINE_LIBS) -lutil))
$(B)/test/machine_test: | $(B)/host/machine $(B)/host/scope.so $(B)/kernel/sprat.elf $(MACHINE_GUESTS)/guest.elf $(MACHINE_GUESTS)/subject

# The guest: no flags of the kernel's, for it is no kernel. 32 bits, because the loader leaves the processor there.
$(MACHINE_GUESTS)/guest.elf: $(MACHINE_TESTS)/guests/guest.cc $(MACHINE_TESTS)/guests/guest.ld $(FLAGS) | $(BOOTSTRAP)
	$(call say,GUEST,$@)
	@mkdir -p $(@D)
	$(Q)$(TARGET_CXX) -m32 -std=c++20 -Os $(WARNINGS) -ffreestanding -fno-exceptions -fno-rtti -fno-pic -fno-pie \
	  -fno-stack-protector -fno-asynchronous-unwind-tables -mgeneral-regs-only -nostdlib -static \
	  -Wl,--build-id=none -Wl,-z,noexecstack -Wl,-z,max-page-size=4096 -T $(MACHINE_TESTS)/guests/guest.ld -o $@ $<

TEST_OBJECTS += $(MACHINE_GUESTS)/guest.elf $(call objects,subject,$(MACHINE_TESTS)/subject_program.cc)
$(MACHINE_GUESTS)/subject: $(call objects,subject,$(MACHINE_TESTS)/subject_program.cc)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) -fsanitize=address,undefined -o $@ $^
endif
