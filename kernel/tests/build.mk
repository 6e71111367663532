# kernel/tests/build.mk — capabilities on the host, under sanitizers: unit tests, and millions of random operations
# against a model. The model is what is believed, so it goes without sanitizers and fast.

CAP_TESTS := $(wildcard kernel/tests/cap/*_test.cc kernel/tests/cap/machine.cc)
CAP_WORLD := $(wildcard kernel/tests/cap/model*.cc kernel/tests/cap/world*.cc)
ifneq ($(CAP_TESTS),)
HOST_TESTS += $(B)/test/cap
$(eval $(call subject-unit,cap-tests,$(CAP_TESTS)))
$(eval $(call subject-unit,cap-world,$(CAP_WORLD)))
$(eval $(call subject-unit,cap,$(wildcard kernel/cap/*.cc)))
$(B)/subject/cap-world.o: SUBJECT_FLAGS += -O1 -fno-sanitize=all
$(B)/subject/cap.o: SUBJECT_FLAGS += -O1
$(B)/test/cap: $(B)/subject/cap-tests.o $(B)/subject/cap-world.o $(B)/subject/cap.o
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) -fsanitize=address,undefined -o $@ $(filter %.o,$^) -lcriterion
endif
