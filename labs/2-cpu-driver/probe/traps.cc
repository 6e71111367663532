// traps.cc — exercise 5: exceptions of user code, and system calls with everything that user code may have in registers.

#include "lib/upcalls.hh"
#include "worker.hh"

namespace sprat::probe {
namespace {

extern "C" {
void system_call_with_registers(const Registers& in, Registers& out);  // worker.S
void run_with_registers(const Registers& in, std::uint64_t code);
void come_back();
extern std::uint64_t callers_stack;

#define SPRAT_ACCIDENTS(APPLY) \
  APPLY(divide)                \
  APPLY(invalid_opcode)        \
  APPLY(breakpoint)            \
  APPLY(single_step)           \
  APPLY(read_nothing)          \
  APPLY(write_nothing)         \
  APPLY(write_code)            \
  APPLY(execute_data)          \
  APPLY(read_kernel)           \
  APPLY(write_kernel)          \
  APPLY(halt)                  \
  APPLY(forbid_interrupts)     \
  APPLY(gate)                  \
  APPLY(control_register)      \
  APPLY(port)                  \
  APPLY(non_canonical)         \
  APPLY(non_canonical_jump)
#define SPRAT_ACCIDENT(NAME) extern const char accident_##NAME[];
SPRAT_ACCIDENTS(SPRAT_ACCIDENT)  // accidents.S
#undef SPRAT_ACCIDENT
}

struct Accident {
  const char* name;
  const char* code;
};
#define SPRAT_ACCIDENT(NAME) {#NAME, accident_##NAME},
constexpr Accident kAccidents[] = {SPRAT_ACCIDENTS(SPRAT_ACCIDENT)};
#undef SPRAT_ACCIDENT

constexpr std::uint64_t kTrapFlag = 1 << 8;
constexpr std::uint64_t kNotCanonical = std::uint64_t{1} << 62;

std::uint64_t address_of(const char* code) { return reinterpret_cast<std::uint64_t>(code); }

// The last upcall, and how many there were.
constinit DispatcherFrame last{};
constinit std::uint64_t traps = 0;

bool note_and_come_back(DispatcherFrame& frame) {
  last = frame;
  ++traps;
  frame.trap.rip = reinterpret_cast<std::uint64_t>(&come_back);
  frame.trap.rflags = 2;
  return true;
}

bool note_and_stop_stepping(DispatcherFrame& frame) {
  ++traps;
  frame.trap.rflags &= ~kTrapFlag;
  return true;
}

// Accidents that happen with any values in the registers, for workers that are disabled.
constexpr Accident kAnytime[] = {
    {"divide", accident_divide},
    {"invalid_opcode", accident_invalid_opcode},
    {"read_nothing", accident_read_nothing},
    {"write_nothing", accident_write_nothing},
    {"write_code", accident_write_code},
    {"read_kernel", accident_read_kernel},
    {"halt", accident_halt},
    {"forbid_interrupts", accident_forbid_interrupts},
    {"control_register", accident_control_register},
};

// Goes to the code in note 0.
void have_accident(WorkerPage& page) {
  note(Event::faults, page);
  asm volatile("jmp *%0" : : "r"(page.notes[0]));
}

// Answers each word in note 0, never giving its turn away: notes 1 and 2 are the word and the one that it is mixed
// with.
void answer_words(WorkerPage& page) {
  auto& asked = reinterpret_cast<volatile std::uint64_t&>(page.notes[0]);
  auto& answered = reinterpret_cast<volatile std::uint64_t&>(page.notes[1]);
  for (;;) {
    const std::uint64_t word = asked;
    if (word == answered) continue;
    note(Event::told, page);
    page.notes[2] = mixed(page.notes[2], word);
    answered = word;
  }
}

// Stays disabled, leaves the flags it has in note 0, and rests.
void yield_and_tell_flags(WorkerPage& page) {
  yield(Yield::stay);
  asm volatile("pushfq; popq %0" : "=m"(page.notes[0]));
  note(Event::is_done, page);
  page.done = 1;
  sleep_for_ever();
}

void keep_yielding(WorkerPage&) {
  for (;;) yield(Yield::stay);
}

// The same, from the number in `turns` on.
void count_and_yield(WorkerPage& page) {
  for (std::uint64_t number = page.turns;;) {
    yield(Yield::stay);
    note(Event::goes_round, page);
    reinterpret_cast<volatile std::uint64_t&>(page.turns) = ++number;
  }
}

// Is in the kernel most of the time, for nothing.
void keep_calling(WorkerPage& page) {
  for (;;) {
    static_cast<void>(invoke_once({}, Method::status, {}));
    note_turn(page);
  }
}

// Is never there by itself.
void keep_out(WorkerPage& page) {
  for (;;) note_turn(page);
}

void reply_with_nothing(WorkerPage&) {
  static_cast<void>(system_call(SystemCall::reply, 0, {}));
  sleep_for_ever();
}

constexpr VirtualAddress kHere{kOwnMappings.value() + (std::uint64_t{5} << 30)};
constexpr unsigned kFrameBits = 15;

// Makes a frame by a system call with these flags; returns its slot, and the answer of the last call.
std::uint64_t make_frame(CapAddress slot, std::uint64_t flags) {
  Registers in{}, out{};
  const Place place = place_of(slot);
  do {
    in.rax = static_cast<std::uint64_t>(SystemCall::invoke);
    in.rdi = place.cnode.raw() | static_cast<std::uint64_t>(Method::retype) << 32;
    in.rsi = place.slot;
    in.rdx = CapAddress(kRamNode, first_process().ram_regions).raw();
    in.r8 = static_cast<std::uint64_t>(Type::frame);
    in.r9 = kFrameBits;
    in.r10 = 1;
    in.rflags = flags;
    system_call_with_registers(in, out);
  } while (out.rax == status_of(Error::again));
  return out.rax;
}

// Mixes `word` with all that is in the frame, and fills it with the words that come out on the way.
std::uint64_t mixed_with_contents(std::uint64_t word, CapRef<Type::frame> frame) {
  constexpr std::uint64_t kBytes = std::uint64_t{1} << kFrameBits;
  must(runtime().space.map(kHere, frame, kBytes, kWrite), "mapping a frame");
  for (std::uint64_t at = kHere.value(); at < kHere.value() + kBytes; at += 8) {
    auto& content = *reinterpret_cast<volatile std::uint64_t*>(at);
    content = word = mixed(word, content);
  }
  must(runtime().space.unmap(kHere), "unmapping it");
  return word;
}

}  // namespace
}  // namespace sprat::probe

using namespace sprat;
using namespace sprat::probe;

// Each exception with random registers, and the report of its upcall.
PROBE(traps) {
  evidence::Sequence sequence(session.seed());
  set_trap_handler(note_and_come_back);
  std::uint64_t number = 0;
  for (const Accident& accident : kAccidents) {
    Registers in = random_registers(sequence);
    in.rbx = (in.rbx | kNotCanonical) << 1 >> 1;
    in.rbp = (in.rbp | kNotCanonical) << 1 >> 1;
    if (accident.code == accident_single_step) in.rflags |= kTrapFlag;
    run_with_registers(in, address_of(accident.code));
    const Registers& r = last.trap;
    session.answer(accident.name, last.trap.vector, last.trap.error,
                   VirtualAddress(last.trap_address),
                   VirtualAddress(r.rip - address_of(accident.code)));
    session.answer_numbered(number++, "registers", VirtualAddress(r.rax), VirtualAddress(r.rbx),
                            VirtualAddress(r.rcx), VirtualAddress(r.rdx), VirtualAddress(r.rsi),
                            VirtualAddress(r.rdi), VirtualAddress(r.rbp), VirtualAddress(r.r8),
                            VirtualAddress(r.r9), VirtualAddress(r.r10), VirtualAddress(r.r11),
                            VirtualAddress(r.r12), VirtualAddress(r.r13), VirtualAddress(r.r14),
                            VirtualAddress(r.r15), VirtualAddress(r.rflags & kRandomFlags));
    EXPECT_EQ(session, callers_stack, r.rsp);
  }
  session.answer("traps", traps);
  session.answer("code", VirtualAddress(address_of(accident_write_code)));
  extern const char zero[] asm("zero");
  session.answer("data", VirtualAddress(address_of(zero)),
                 VirtualAddress(address_of(zero) - address_of(accident_execute_data)));
  session.answer("jump", VirtualAddress(address_of(accident_non_canonical_jump)));
}

// Workers that are disabled when it happens; their maker is told, and no other process notices.
PROBE(disabled_traps) {
  constexpr unsigned kAccidentsHere = 4;
  evidence::Sequence sequence(session.seed());
  Space space(session.seed());
  const auto notification =
      must(retype<Type::notification>(CapRef<Type::dispatcher>(task_slot(TaskSlot::dispatcher))),
           "ours");
  Worker neighbour(answer_words);
  neighbour.run();
  std::uint64_t came = 0;
  for (unsigned number = 0; number < kAccidentsHere; ++number) {
    const Accident& accident = kAnytime[sequence.next() % std::size(kAnytime)];
    const std::uint64_t badge = std::uint64_t{2} << number;
    const auto report = must(mint(notification, {kAllRights, badge, 0}), "a badge");
    Worker worker(have_accident,
                  {.space = number % 2 == 0 ? nullptr : &space, .report = report.address()});
    worker.page().notes[0] = address_of(accident.code);
    worker.run();
    EXPECT(session, wait_for([&] { return ((came |= take_notifications()) & badge) != 0; }));
    const auto& [state, vector, rip, address, unused] = must(worker.status(), "its state");
    session.answer_numbered(
        number, accident.name, state, vector, VirtualAddress(rip - address_of(accident.code)),
        VirtualAddress(address),
        count_of(worker.page(), Upcall::trap) + count_of(worker.page(), Upcall::page_fault));
    note(Event::tells);
    const std::uint64_t word = neighbour.page().notes[0] = sequence.next();
    EXPECT(session, wait_for([&] { return neighbour.page().notes[1] == word; }));
  }
  session.answer("reports", came);
  session.answer("code", VirtualAddress(address_of(accident_write_code)));
  session.answer("neighbour", VirtualAddress(neighbour.page().notes[2]),
                 neighbour.state() == DispatcherState::runnable ? "runs" : "does not");
}

// Registers around system calls that fail, that do nothing, and that let another process run.
PROBE(system_calls) {
  evidence::Sequence sequence(session.seed());
  Worker other(keep_yielding);
  other.run();
  constexpr struct {
    const char* key;
    std::uint64_t rax;
    std::uint64_t rdi;
  } kCalls[] = {
      {"no_system_call", 99, 0x1234'5678},
      {"no_such_number", std::uint64_t{1} << 32, 17},
      {"yield", static_cast<std::uint64_t>(SystemCall::yield), 0},
      {"yield_to_nowhere", static_cast<std::uint64_t>(SystemCall::yield), 17},
      {"no_capability", static_cast<std::uint64_t>(SystemCall::invoke), 0xffff},
      {"wild_address", static_cast<std::uint64_t>(SystemCall::invoke), ~std::uint64_t{0}},
      {"write_without_console", static_cast<std::uint64_t>(SystemCall::debug_write), 0xffff},
      {"write_too_much", static_cast<std::uint64_t>(SystemCall::debug_write),
       task_slot(TaskSlot::kernel).raw() | 41ul << 32},
  };
  for (const auto& [key, rax, rdi] : kCalls) {
    Registers in = random_registers(sequence), out{};
    in.rax = rax;
    in.rdi = rdi;
    in.rsp = sequence.next() % 2 == 0 ? 0 : sequence.next();
    system_call_with_registers(in, out);
    session.answer(key, out.rax, VirtualAddress(out.rbx), VirtualAddress(out.rdx),
                   VirtualAddress(out.rsi), VirtualAddress(out.rdi), VirtualAddress(out.rbp),
                   VirtualAddress(out.r8), VirtualAddress(out.r9), VirtualAddress(out.r10),
                   VirtualAddress(out.r12), VirtualAddress(out.r13), VirtualAddress(out.r14),
                   VirtualAddress(out.r15), VirtualAddress(out.rflags & kRandomFlags));
    EXPECT_EQ(session, in.rsp == 0 ? callers_stack : in.rsp, out.rsp);
  }
}

// Registers around calls that another dispatcher replies to.
PROBE(registers_of_a_caller) {
  evidence::Sequence sequence(session.seed());
  Worker callee(sleep_enabled);
  handler_of(callee.page(), Upcall::lrpc) = reply_with_nothing;
  callee.run();
  yield(Yield::stay);
  const auto endpoint =
      must(retype<Type::endpoint>(CapRef<Type::dispatcher>(callee.dispatcher())), "an endpoint");
  for (std::uint64_t call = 0; call < 4; ++call) {
    Registers in = random_registers(sequence), out{};
    in.rax = static_cast<std::uint64_t>(SystemCall::lrpc);
    in.rdi = endpoint.address().raw();
    in.rflags = 0;
    in.rsp = sequence.next() % 2 == 0 ? 0 : sequence.next();
    note(Event::asks);
    system_call_with_registers(in, out);
    const char* const status = out.rax == kStatusOk ? "ok" : "error";
    const auto answer = [&](auto stack) {
      session.answer_numbered(call, status, stack, VirtualAddress(out.rbx), VirtualAddress(out.rbp),
                              VirtualAddress(out.r12), VirtualAddress(out.r13),
                              VirtualAddress(out.r14), VirtualAddress(out.r15));
    };
    if (in.rsp == 0 && out.rsp == callers_stack) {
      answer("own");
    } else {
      answer(VirtualAddress(out.rsp));
    }
  }
  session.answer("calls", count_of(callee.page(), Upcall::lrpc));
}

// Flags that mean something to the kernel's own code.
PROBE(flags) {
  set_trap_handler(note_and_stop_stepping);
  Worker other(keep_yielding);
  other.run();
  constexpr std::uint64_t kDirection = 1 << 10, kPrivilege = 3 << 12, kNested = 1 << 14,
                          kAlignment = 1 << 18, kIdentification = 1 << 21;
  const CapAddress slot = must(take_slot(), "a slot");
  evidence::Sequence sequence(session.seed());
  std::uint64_t number = 0, word = sequence.next();
  // The frame is made of memory that the one before has left.
  const auto make_and_look = [&](std::uint64_t flags) {
    const std::uint64_t status = make_frame(slot, flags);
    word = mixed_with_contents(word, CapRef<Type::frame>(slot));
    session.answer_numbered(number++, "made", flags, status, VirtualAddress(word));
    must(remove(slot), "the frame");
  };
  std::uint64_t all[] = {0, kDirection, kNested, kPrivilege, kAlignment, kIdentification};
  for (std::size_t left = std::size(all); left != 0; --left) {
    const std::uint64_t flag = std::exchange(all[sequence.next() % left], all[left - 1]);
    Registers in{}, out{};
    in.rax = static_cast<std::uint64_t>(SystemCall::yield);
    in.rflags = flag;
    system_call_with_registers(in, out);
    EXPECT_EQ(session, 0u, out.rax);
    make_and_look(flag);
  }
  // While single steps are made, this process could not go on by an upcall.
  other.suspend();
  make_and_look(kTrapFlag);
  make_and_look(kDirection | kNested | kAlignment | kTrapFlag);
  session.answer("steps", traps > 0 ? "came" : "did not come");

  // A dispatcher is resumed with no flag that is not its own.
  Worker resumed(yield_and_tell_flags);
  resumed.run();
  EXPECT(session, wait_for([&] { return count_of(resumed.page(), Upcall::run) != 0; }));
  resumed.suspend();
  resumed.page().frame.disabled.rflags = ~(kTrapFlag | kAlignment);
  resumed.run();
  EXPECT(session, wait_for([&] { return resumed.page().done != 0; }));
  word = mixed(word, resumed.page().notes[0] & (kPrivilege | kNested | 0x200));
  session.answer("resumed_with", VirtualAddress(word));
}

// The timer interrupts a worker that is in a system call when that has ended, and not before.
// It also interrupts a worker that makes no system call.
PROBE(turns_in_calls) {
  constexpr std::uint64_t kTurns = 60;
  Worker workers[] = {Worker(keep_calling), Worker(keep_calling), Worker(keep_out)};
  for (Worker& worker : workers) worker.run();
  EXPECT(session, wait_for([&] { return turns_so_far() >= kTurns; }));
  session.answer("changes", turns_so_far() >= kTurns ? "enough" : "too few");
}

// Addresses that no user code can be at.
PROBE(wild_addresses) {
  evidence::Sequence sequence(session.seed());
  const std::uint64_t wild[] = {sequence.next() | kNotCanonical, 0xffff'ffff'8010'0000,
                                kUserEnd.value(), std::uint64_t{1} << 47};
  std::uint64_t number = 0;
  const auto answer = [&](const char* how, Worker& worker) {
    note(Event::tells);
    wait_for([&] { return worker.state() == DispatcherState::stopped; }, milliseconds(200));
    const auto& [state, vector, rip, address, unused] = must(worker.status(), "its state");
    session.answer_numbered(number++, how, state, vector, VirtualAddress(rip));
    worker.end();
  };
  {
    Worker first(keep_yielding), second(keep_yielding);
    first.page().frame.entries[0] = wild[0];
    second.page().frame.entries[0] = wild[1];
    first.run();
    answer("entry", first);
    second.run();
    answer("entry", second);
  }
  for (const std::uint64_t rip : wild) {
    Worker worker(count_and_yield);
    const std::uint64_t first = worker.page().turns = sequence.next() >> 1;
    worker.run();
    EXPECT(session, wait_for([&] { return worker.page().turns >= first + 3; }));
    worker.suspend();
    worker.page().frame.disabled.rip = rip;
    worker.run();
    answer("resumed", worker);
  }
}
