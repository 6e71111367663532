# user/urpc/build.mk — rings on the host: two threads under ThreadSanitizer, cores that are simulated, and the race against
# other queues; and pictures of the messages between cores.

# These print TAP themselves. ThreadSanitizer does not know fences; nothing here needs one to be free of data races.
RING_HEADERS := $(wildcard user/urpc/*.hh user/tests/*.hh kernel/include/sprat/*.hh)
THREAD_FLAGS = -std=c++20 -O1 -g1 $(WARNINGS) -fsanitize=thread $(if $(findstring clang,$(CXX)),,-Wno-tsan) \
  -Ikernel/include -Iuser
THREAD_TESTS := $(patsubst user/tests/threads/%.cc,$(B)/threads/%,$(wildcard user/tests/threads/*.cc))
$(B)/threads/%: user/tests/threads/%.cc $(RING_HEADERS) $(FLAGS) | $(BOOTSTRAP)
	$(call say,THREADS,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(THREAD_FLAGS) -o $@ $<
HOST_PROGRAMS += $(THREAD_TESTS)

# Any schedule of simulated cores. Their word.hh takes the place of the real one.
SIMULATION_TESTS := $(wildcard user/tests/simulation/*.cc)
SIMULATION_SOURCES := $(SIMULATION_TESTS) $(wildcard user/urpc/simulation/*.cc)
ifneq ($(SIMULATION_TESTS),)
HOST_TESTS += $(B)/test/urpc-simulation
TEST_OBJECTS += $(B)/test/urpc-simulation
$(B)/test/urpc-simulation: $(SIMULATION_SOURCES) $(RING_HEADERS) $(FLAGS) \
  $(wildcard user/urpc/simulation/*.hh user/urpc/simulation/urpc/*.hh) | $(BOOTSTRAP)
	$(call say,HOSTCXX,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) -std=c++20 -O2 -g1 $(WARNINGS) -Wno-conversion -Iuser/urpc/simulation -Ikernel/include -Iuser \
	  $(call whole-program,$(SIMULATION_SOURCES),-lcriterion -lboost_context)
endif

RACE_SOURCES := $(wildcard user/bench-host/*.cc)
ifneq ($(RACE_SOURCES),)
$(B)/host/bench-host: $(RACE_SOURCES) $(wildcard user/bench-host/*.hh) $(RING_HEADERS) $(FLAGS) | $(BOOTSTRAP)
	$(call say,HOSTCXX,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) -std=c++20 -O2 -g1 $(WARNINGS) -Wno-conversion -Ikernel/include -Iuser -o $@ $(RACE_SOURCES) -lfmt -pthread

PROGRAMS_APART += $(B)/host/bench-host
needs-of-bench-host: $(B)/host/bench-host
bench-host: build-for-bench-host ## race the rings against other queues on two processors of this machine
	@$(B)/host/bench-host
endif

# TRACE=1 is a configuration of its own: the markers of events are in the code.
trace: build-for-trace ## run a program and draw what the cores tell each other: RUN='talk 1 hello' OUT=dir
	@$(MAKE) --no-print-directory TRACE=1 draw-trace
needs-of-draw-trace: $(B)/kernel/sprat.elf programs $(B)/host/machine $(B)/host/scope.so
draw-trace: build-for-draw-trace
	@scripts/trace --run="$${RUN:-talk 1 hello from core 0}" --out="$${OUT:-$(BUILD)/trace}" -- $(B)/host/machine run --emu qemu-icount \
	  --scope $(B)/host/scope.so $(MACHINE_ARGUMENTS)
