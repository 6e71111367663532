# kernel/tests/build.mk — capabilities on the host, under sanitizers: unit tests, and millions of random operations
# against a simple model.

CAP_TEST_SOURCES := $(wildcard kernel/tests/cap/*.cc)
ifneq ($(CAP_TEST_SOURCES),)
HOST_TESTS += $(B)/test/cap
$(eval $(call subject-unit,cap-tests,$(CAP_TEST_SOURCES)))
$(eval $(call subject-unit,cap,$(wildcard kernel/cap/*.cc)))
$(B)/subject/cap-tests.o $(B)/subject/cap.o: SUBJECT_FLAGS += -O1
$(B)/test/cap: $(B)/subject/cap-tests.o $(B)/subject/cap.o
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) -fsanitize=address,undefined -o $@ $(filter %.o,$^) -lcriterion
endif
