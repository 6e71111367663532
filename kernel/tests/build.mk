# kernel/tests/build.mk — capabilities on the host, under sanitizers: unit tests, and millions of random operations
# against a model, which is believed and so goes without sanitizers and fast. And fuzzers of parsers.

CAP_TESTS := $(wildcard kernel/tests/cap/*_test.cc kernel/tests/cap/machine.cc)
CAP_WORLD := $(wildcard kernel/tests/cap/model*.cc kernel/tests/cap/world*.cc)
ifneq ($(CAP_TESTS),)
HOST_TESTS += $(B)/test/cap
$(eval $(call subject-unit,cap-tests,$(CAP_TESTS)))
$(eval $(call subject-unit,cap-world,$(CAP_WORLD)))
$(eval $(call subject-unit,cap,$(wildcard kernel/cap/*.cc)))
$(B)/subject/cap-world.o: SUBJECT_FLAGS += -O1 -fno-sanitize=all
$(B)/subject/cap.o: SUBJECT_FLAGS += -O1
CAP_TEST_OBJECTS := $(addprefix $(B)/subject/,cap-tests.o cap-world.o cap.o)
TEST_OBJECTS += $(CAP_TEST_OBJECTS)
$(B)/test/cap: $(CAP_TEST_OBJECTS)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) -fsanitize=address,undefined -o $@ $(filter %.o,$^) -lcriterion
endif

# Parsers of untrusted data, fed by libFuzzer, which is clang's. It begins with kernel/tests/fuzz/corpus and with
# programs of ours, and keeps its findings in the build folder.
FUZZERS := $(patsubst kernel/tests/fuzz/%.cc,$(BUILD)/fuzz/%,$(wildcard kernel/tests/fuzz/*.cc))
PROGRAMS_APART += $(FUZZERS)
FUZZ_CXX = $(firstword $(shell command -v clang++-16 clang++) clang++)
$(BUILD)/fuzz/acpi_fuzz: kernel/boot/acpi.cc kernel/boot/multiboot.cc
$(BUILD)/fuzz/%: kernel/tests/fuzz/%.cc $(wildcard kernel/include/sprat/*.hh kernel/boot/*.hh kernel/memory/*.hh) | $(BOOTSTRAP)
	$(call say,FUZZER,$<)
	@mkdir -p $(@D)/seeds $@.corpus
	$(Q)$(FUZZ_CXX) -std=c++20 -O1 -g -fsanitize=fuzzer,address,undefined -Igrading/subject -Ikernel/include -Ikernel \
	  -o $@ $(filter %.cc,$^)
needs-of-fuzz: $(FUZZERS) artifacts
fuzz: build-for-fuzz ## feed the parsers with hostile input: SECONDS=60 each
	@cp $(USER_PROGRAMS) kernel/tests/fuzz/corpus/* $(BUILD)/fuzz/seeds
	@for fuzzer in $(FUZZERS); do $$fuzzer -max_total_time=$(or $(SECONDS),60) -print_final_stats=1 \
	  -artifact_prefix=$(BUILD)/fuzz/ $$fuzzer.corpus $(BUILD)/fuzz/seeds || exit 1; done
