# scripts/build.mk — targets of the whole source tree only: staging, checks of everything, style. Students'
# trees do not have it.

# This tree holds all labs. Here the solved stage of one lab is graded, in a folder that is kept, so that only what has
# changed is built again.
SOLVED = $(BUILD)/solved/$(LAB_NAME)
GRADE_THIS_TREE = --tree $(SOLVED) --place $(BUILD)/graded/$(LAB_NAME) \
  -- scripts/stage --lab $(LAB_NAME) --out $(SOLVED) --solution --no-git --force

stage: build-for-stage ## make a student's tree: LAB=boot OUT=dir [SOLUTION=1] [FROM=ref|dir]
	$(need-lab)$(if $(OUT),,$(error OUT=dir is missing: where shall the tree go?))
	@scripts/stage --lab $(LAB_NAME) --out="$$OUT" $(if $(SOLUTION),--solution) $(if $(FROM),--from="$$FROM")

needs-of-mutants: $(GRADE_TOOLS) $(B)/host/mutants
mutants: build-for-mutants ## grade wrong and other right solutions of a lab: are they caught, and by the tests that should? THOROUGH=1: run all tests
	$(need-lab)@$(B)/host/mutants --lab $(LAB_NAME) --root . --tests $(B)/test/lab-$(LAB_NAME) --scope $(B)/host/scope.so \
	  --out $(BUILD)/mutants/$(LAB_NAME) --compiler '$(CXX)' $(if $(ONLY),--only="$$ONLY") $(if $(SEED),--seed $(SEED)) \
	  $(if $(THOROUGH),--thorough) \
	  $(if $(WALL),$(if $(filter none,$(WALL)),--no-wall,--wall $(WALL)))

# Even `make -n` executes a line with $(MAKE) in it. One that does more than to start a make begins with this.
unless-dry = $(if $(findstring n,$(firstword -$(MAKEFLAGS))),exit 0;)

FINISHED_LABS = $(filter-out $(DRAFT_LABS),$(LAB_NAMES))
needs-of-test: all
test: build-for-test ## all checks: units, labs, mutants, both compilers, style, handouts
	@$(unless-dry) B=$(B) BUILD=$(BUILD) CXX='$(CXX)' MAKE='$(MAKE)' HOST_TESTS='$(HOST_TESTS)' THREAD_TESTS='$(THREAD_TESTS)' LABS='$(LAB_NAMES)' FINISHED_LABS='$(FINISHED_LABS)' \
	  THOROUGH='$(THOROUGH)' scripts/check $$STEPS

needs-of-soak: all
soak: build-for-soak ## distributions, models, property tests, labs, mutants, attacks, deaths, stops of cores, 10^8 messages (MESSAGES=) with fresh seeds, 20 gradings with one (ROUNDS=)
	@scripts/check-distributions --folder $(BUILD)/distributions
	@scripts/check-models user/*/model
	@LARGE=1 scripts/check-models user/*/model
	@MESSAGES=$(or $(MESSAGES),100000000) $(B)/test/system --timeout 0 -j1 --filter 'stress/*'
	@KILLS=$(or $(KILLS),10000) $(B)/test/system --timeout 0 -j1 --filter 'deaths/*'
	@STOPS=$(or $(STOPS),10000) $(B)/test/system --timeout 0 -j1 --filter 'cores/stopped_at_random*'
	@FUZZ_STEPS=$(or $(FUZZ_STEPS),10000000) $(B)/test/attacks --timeout 0 --filter 'hostile/@(fuzzers_on_all_cores*|fuzzers_beside*_harm)'
	@$(unless-dry) for round in $$(seq $(or $(ROUNDS),20)); do \
	  for test in $(filter-out $(LAB_TESTS),$(HOST_TESTS)); do $$test -j2 --quiet || exit 1; done; \
	  for test in $(THREAD_TESTS); do $$test || exit 1; done; \
	  for lab in $(LAB_NAMES); do $(MAKE) --no-print-directory grade LAB=$$lab || exit 1; done; \
	  echo "round $$round is over"; done
	@for lab in $(FINISHED_LABS); do $(MAKE) --no-print-directory mutants LAB=$$lab THOROUGH=1 || exit 1; done
	@for lab in $(FINISHED_LABS); do B=$(B) scripts/check-verdicts --lab $$lab || exit 1; done
	@for lab in $(FINISHED_LABS); do B=$(B) scripts/check-repeat --lab $$lab --rounds $(or $(ROUNDS),20) --beside 5 || exit 1; done

needs-of-bench: artifacts programs $(B)/host/machine $(B)/host/scope.so $(B)/host/agreement-bench
bench: build-for-bench ## what operations and messages take: tables, and a page in the build folder
	@scripts/bench --build $(B) --scope $(B)/host/scope.so --out $(BUILD)/bench

# The first process of a Linux that is measured beside Sprat, and a program for it to start.
LINUX_SOURCES := $(wildcard scripts/benchmarks/linux/*.cc)
PROGRAMS_APART += $(B)/linux/init
$(B)/linux/init: $(LINUX_SOURCES) $(FLAGS) $(wildcard scripts/benchmarks/linux/*.hh user/bench-cores/*.hh user/urpc/*.hh \
  kernel/include/sprat/*.hh) | $(BOOTSTRAP)
	$(call say,LINUX,$@)
	@mkdir -p $(@D)
	$(Q)$(TARGET_CXX) -std=c++20 -O2 $(WARNINGS) -static -s -Ikernel/include -Iuser -o $@ $(LINUX_SOURCES)
$(B)/linux/nothing: scripts/benchmarks/linux/nothing.S $(FLAGS) | $(BOOTSTRAP)
	$(call say,LINUX,$@)
	@mkdir -p $(@D)
	$(Q)$(TARGET_CXX) -nostdlib -static -s -o $@ $<

needs-of-bench-linux: $(B)/kernel/sprat.elf programs $(B)/host/machine $(B)/linux/init $(B)/linux/nothing
bench-linux: build-for-bench-linux ## the same work on Sprat and on Debian's Linux in the same emulator, and a page of both; LINUX=FILE: another kernel
	@scripts/bench-linux --build $(B) --out $(BUILD)/bench-linux --debs $(BUILD)/linux $(if $(LINUX),--linux="$$LINUX")

OUR_SOURCES := '*.cc' '*.hh' ':!labs/*/alternatives/*' ':!labs/*/verdicts/*' ':!*/tests/does_not_compile/*'
needs-of-format: bootstrapped
format: build-for-format ## clang-format all sources
	@git ls-files -z $(OUR_SOURCES) | xargs -0 $(CLANG_FORMAT) -i
needs-of-format-check: bootstrapped
format-check: build-for-format-check
	@git ls-files -z $(OUR_SOURCES) | xargs -0 $(CLANG_FORMAT) --dry-run --Werror
needs-of-tidy: bootstrapped
tidy: build-for-tidy compile_commands.json ## clang-tidy the kernel
	@printf '%s\n' $(filter %.cc,$(KERNEL_SOURCES)) | xargs -P2 -n4 $(CLANG_TIDY) --quiet -p . --warnings-as-errors='*'

CLANG_FORMAT = $(firstword $(shell command -v clang-format-16 clang-format) clang-format)
CLANG_TIDY = $(firstword $(shell command -v clang-tidy-16 clang-tidy) clang-tidy)
