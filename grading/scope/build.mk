# The scope: a QEMU plugin, its test, and the guests that the test boots.

SCOPE := grading/scope
SCOPE_PLUGIN := $(SCOPE)/scope.cc
SCOPE_TESTS := $(addprefix $(SCOPE)/,scope_test.cc witness_test.cc guests_test.cc trusted_test.cc)
SCOPE_PARTS := $(filter-out $(SCOPE_PLUGIN) $(SCOPE_TESTS),$(wildcard $(SCOPE)/*.cc))
SCOPE_GUESTS := $(patsubst $(SCOPE)/%.S,$(B)/scope/%.elf,$(wildcard $(SCOPE)/guests/*.S))

# The parts serve the plugin and their tests alike.
$(eval $(call host-library,scope,$(SCOPE_PARTS)))
$(eval $(call host-unit,scope,$(SCOPE_PLUGIN)))
$(B)/host/obj/scope.o $(B)/host/obj/libscope.o: private HOST_FLAGS += -fPIC -O2 -fvisibility=hidden
$(B)/host/obj/scope.o $(B)/host/obj/libscope.o: private HOST_COMMON :=
$(B)/host/scope.so: $(B)/host/obj/scope.o $(B)/host/libscope.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) -shared -o $@ $^

ifneq ($(wildcard $(SCOPE_TESTS)),)
$(eval $(call host-test,scope_test,$(SCOPE_TESTS),$(B)/host/libscope.a $(B)/host/libresult.a))
TEST_OBJECTS += $(SCOPE_GUESTS)
$(B)/test/scope_test: | $(B)/host/scope.so $(SCOPE_GUESTS)

# A guest is one source, included files apart.
$(B)/scope/%.elf: $(SCOPE)/%.S $(SCOPE)/guests/guest.inc $(SCOPE)/guests/guest.ld $(FLAGS)
	$(call say,GUEST,$@)
	@mkdir -p $(@D)
	$(Q)$(TARGET_CXX) -m32 -nostdlib -static -Wl,--build-id=none -Wl,-z,noexecstack \
	  -T $(SCOPE)/guests/guest.ld -o $@ $<
endif
