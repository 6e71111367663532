// upcalls.cc — exercise 6: the registers with which a dispatcher comes back, whenever the processor was taken from it.

#include "worker.hh"

namespace sprat::probe {
namespace {

extern "C" {
void go_on_disabled(const Registers& registers);  // worker.S
void grow_and_stand_still();
extern const char stand_still[];
void stand_still_for_a_while();
void worker_rests();
void keep_fpu(WorkerPage& page);
void worker_switches_0();
void worker_switches_1();
void worker_switches_2();
}

std::uint64_t address_of(void (*code)()) { return reinterpret_cast<std::uint64_t>(code); }

// The image that FXSAVE leaves: control word, then from byte 24 MXCSR, from byte 160 the SSE registers.
alignas(16) constinit std::array<std::uint64_t, 64> fpu_at_first{};

void look_around(WorkerPage& page) {
  asm volatile("fxsave64 %0" : "=m"(fpu_at_first));
  page.notes[0] = page.frame.is_disabled;
  page.notes[1] = page.frame.was_interrupted;
  page.notes[2] = mixed(page.notes[2], own_secret());
  note(Event::is_done, page);
  page.done = 1;
  sleep_for_ever();
}

// Goes on enabled with `state`, at first; later upcalls are not answered: they end the worker.
void run_state_once(WorkerPage& page) {
  if (count_of(page, Upcall::run) == 1) go_on(page, page.state);
  page.notes[0] = page.frame.was_interrupted;
  page.done = 1;
  sleep_for_ever();
}

// The same, and later upcalls go on with the code that was interrupted.
void run_state(WorkerPage& page) {
  handler_of(page, Upcall::run) = nullptr;
  go_on(page, page.state);
}

void run_state_disabled(WorkerPage& page) { go_on_disabled(page.state); }

void keep_fpu_enabled(WorkerPage& page) {
  handler_of(page, Upcall::run) = nullptr;
  Registers registers{};
  registers.rdi = reinterpret_cast<std::uint64_t>(&page);
  registers.rip = reinterpret_cast<std::uint64_t>(&keep_fpu);
  registers.rsp =
      reinterpret_cast<std::uint64_t>(&page) + kPageSize;  // upcalls use their stack meanwhile
  go_on(page, registers);
}

void fill_fpu(std::uint64_t pattern) {
  asm volatile("movq %0, %%xmm0; movq %0, %%xmm7; movq %0, %%xmm14; movq %0, %%xmm15"
               :
               : "r"(pattern)
               : "xmm0", "xmm7", "xmm14", "xmm15");
}

// Worker 0 stands still, while others have turns as well, until it is told to go on.
void stand_still_and_answer(evidence::Session& session, Worker& worker) {
  evidence::Sequence sequence(session.seed());
  WorkerPage& page = worker.page();
  page.state = random_registers(sequence);
  page.state.rsp = sequence.next() >> 17;
  page.state.rip = address_of(stand_still_for_a_while);
  worker.run();
  for (unsigned i = 0; i < 50; ++i) yield(Yield::stay);
  session.answer("upcalls", count_of(page, Upcall::run));
  note(Event::tells);
  page.turns = 1;
  EXPECT(session, wait_for([&] { return page.done != 0; }));
  answer_registers(session, "registers", page.state);
  session.answer("stack", VirtualAddress(page.state.rsp));
  session.answer("all_upcalls", count_of(page, Upcall::run));
}

}  // namespace
}  // namespace sprat::probe

using namespace sprat;
using namespace sprat::probe;

// The first upcall of all.
PROBE(first_upcall) {
  evidence::Sequence sequence(session.seed());
  Space space(session.seed());
  Worker worker(look_around, {.space = &space});
  worker.page().notes[2] = sequence.next();
  worker.page().frame.is_disabled = sequence.next() % 2;
  fill_fpu(sequence.next());
  worker.run();
  EXPECT(session, wait_for([&] { return worker.page().done != 0; }));
  const Registers& seen = seen_at(worker.page(), Upcall::run);
  answer_registers(session, "registers", seen);
  session.answer("stack", VirtualAddress(seen.rsp - worker.page().frame.upcall_stack));
  session.answer("flags", VirtualAddress(seen.rflags));
  session.answer("frame", worker.page().notes[0], worker.page().notes[1]);
  session.answer("fpu", VirtualAddress(fpu_at_first[0] & 0xffff),
                 VirtualAddress(fpu_at_first[3] & 0xffff));
  std::uint64_t left = 0;
  for (std::size_t word = 20; word < 52; ++word) left |= fpu_at_first[word];
  session.answer("sse", left);
  session.answer("word", VirtualAddress(worker.page().notes[2]));
}

// Enabled code is preempted: its registers are in `enabled`, and the next upcall is `run`.
PROBE(preempted_enabled) {
  evidence::Sequence sequence(session.seed());
  Worker worker(run_state_once);
  WorkerPage& page = worker.page();
  page.state = random_registers(sequence);
  page.state.rsp = sequence.next() >> 17;
  page.state.rip = address_of(grow_and_stand_still);
  worker.run();
  EXPECT(session, wait_for([&] { return page.done != 0; }));
  answer_registers(session, "enabled", page.frame.enabled);
  session.answer("stack", VirtualAddress(page.frame.enabled.rsp));
  session.answer(
      "rip", VirtualAddress(page.frame.enabled.rip - reinterpret_cast<std::uint64_t>(stand_still)));
  session.answer("was_interrupted", page.notes[0]);
  answer_registers(session, "upcall", seen_at(page, Upcall::run));
  session.answer("upcall_stack",
                 VirtualAddress(seen_at(page, Upcall::run).rsp - page.frame.upcall_stack));
  session.answer("disabled", page.frame.is_disabled);
}

// Disabled code is preempted, and goes on in place.
PROBE(preempted_disabled) {
  Worker worker(run_state_disabled);
  stand_still_and_answer(session, worker);
}

// Enabled by its frame, disabled by where it is.
PROBE(preempted_in_critical_region) {
  Worker worker(run_state);
  worker.page().frame.critical_begin = address_of(stand_still_for_a_while);
  worker.page().frame.critical_end = address_of(worker_rests);
  stand_still_and_answer(session, worker);
}

// Three workers do nothing but put their registers away and take them up again, while the timer takes the processor from them
// hundreds of times.
PROBE(switches) {
  evidence::Sequence sequence(session.seed());
  Space space;
  Worker workers[] = {Worker(run_state), Worker(run_state, {.space = &space}), Worker(run_state)};
  const std::uint64_t code[] = {address_of(worker_switches_0), address_of(worker_switches_1),
                                address_of(worker_switches_2)};
  for (std::size_t i = 0; i < 3; ++i) {
    WorkerPage& page = workers[i].page();
    page.state = random_registers(sequence);
    page.state.rsp = sequence.next() >> 17;
    page.state.rip = code[i];
    page.turns = 20'000 + sequence.next() % 4096;
    workers[i].run();
  }
  const auto all_done = [&] {
    return workers[0].page().done != 0 && workers[1].page().done != 0 &&
           workers[2].page().done != 0;
  };
  EXPECT(session, wait_for(all_done, milliseconds(30'000)));
  constexpr std::string_view kKeys[] = {"worker0", "worker1", "worker2"};
  constexpr std::string_view kStacks[] = {"stack0", "stack1", "stack2"};
  for (std::size_t i = 0; i < 3; ++i) {
    WorkerPage& page = workers[i].page();
    page.state.rflags = 0;
    answer_registers(session, kKeys[i], page.state);
    session.answer(kStacks[i], VirtualAddress(page.state.rsp));
    EXPECT(session, count_of(page, Upcall::run) > 3);
  }
}

// The registers of x87 and SSE of three dispatchers and of the probe.
PROBE(fpu) {
  evidence::Sequence sequence(session.seed());
  Space space;
  Worker workers[] = {Worker(keep_fpu_enabled), Worker(keep_fpu_enabled, {.space = &space}),
                      Worker(keep_fpu_enabled)};
  for (Worker& worker : workers) {
    WorkerPage& page = worker.page();
    for (std::size_t word = 0; word < 31; ++word) page.notes[word] = sequence.next();
    page.notes[62] = 0x1f80 | (sequence.next() & 3) << 13;
    page.turns = 60'000;
    worker.run();
  }
  const auto all_done = [&] {
    fill_fpu(sequence.next());
    return workers[0].page().done != 0 && workers[1].page().done != 0 &&
           workers[2].page().done != 0;
  };
  EXPECT(session, wait_for(all_done, milliseconds(4000)));
  std::uint64_t number = 0;
  for (Worker& worker : workers) {
    WorkerPage& page = worker.page();
    for (std::size_t word = 32; word < 63; ++word)
      session.answer_numbered(number++, "word", VirtualAddress(page.notes[word]));
    session.answer_numbered(number++, "word", VirtualAddress(page.notes[63] & 0xffff));
    EXPECT(session, count_of(page, Upcall::run) > 2);
  }
}
