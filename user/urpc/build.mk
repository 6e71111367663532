# user/urpc/build.mk — rings on the host: two threads under ThreadSanitizer, and the race against other queues.

# What Criterion cannot run. ThreadSanitizer does not know fences, of which no check here depends on one.
RING_HEADERS := $(wildcard user/urpc/*.hh user/tests/urpc_pair.hh kernel/include/sprat/*.hh)
THREAD_FLAGS = -std=c++20 -O1 -g1 $(WARNINGS) -fsanitize=thread $(if $(findstring clang,$(CXX)),,-Wno-tsan) \
  -Ikernel/include -Iuser
THREAD_TESTS := $(patsubst user/tests/threads/%.cc,$(B)/threads/%,$(wildcard user/tests/threads/*.cc))
$(B)/threads/%: user/tests/threads/%.cc $(RING_HEADERS) $(B)/flags | $(BOOTSTRAP)
	$(call say,THREADS,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(THREAD_FLAGS) -o $@ $<
HOST_PROGRAMS += $(THREAD_TESTS)

RACE_SOURCES := $(wildcard user/bench-host/*.cc)
ifneq ($(RACE_SOURCES),)
$(B)/host/bench-host: $(RACE_SOURCES) $(wildcard user/bench-host/*.hh) $(RING_HEADERS) $(B)/flags | $(BOOTSTRAP)
	$(call say,HOSTCXX,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) -std=c++20 -O2 -g1 $(WARNINGS) -Wno-conversion -Ikernel/include -Iuser -o $@ $(RACE_SOURCES) -lfmt -pthread

.PHONY: bench-host
bench-host: $(B)/host/bench-host ## race the rings against other queues on two processors of this machine
	@$<
endif
