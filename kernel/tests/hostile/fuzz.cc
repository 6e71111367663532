// fuzz.cc — a process that tries everything: random and half-sensible invocations, register states, and changes to its own
// dispatcher's frame. Each step is an attempt; a trap is survived, and whatever is worse ends this life of it.

#include "attacks/attack.hh"

namespace sprat::hostile {
namespace {

class Fuzzer {
 public:
  explicit Fuzzer(std::uint64_t seed) : sequence_(seed) {
    // Only where another core has the judge's page, too.
    is_racing_ = describe(own(kShared)).type == Type::frame;
    if (is_racing_) prepare_race();
  }

  void step() {
    if (is_racing_ && below(16) == 0) {
      run([](void*) { race_once(); }, nullptr);
      return;
    }
    const std::uint64_t dice = below(1000);
    Registers r = random_registers();
    if (dice < 850) {
      invocation(r);
      run(system_call_with, r);
    } else if (dice < 900) {
      r.rax = below(8);
      if (r.rax == static_cast<std::uint64_t>(SystemCall::debug_write))
        r.rdi = address() | (64 | number()) << 32;  // nothing to read
      if (r.rax == static_cast<std::uint64_t>(SystemCall::yield) && below(8) != 0) r.rdi = 0;
      if (r.rax == static_cast<std::uint64_t>(SystemCall::lrpc) && below(2) == 0)
        r.rdi = address() | address() << 32;
      run(system_call_with, r);
    } else if (dice < 940) {
      r.rip = strange_address();
      run(jump_with, r);
    } else if (dice < 960) {
      std::uint64_t flags = sequence_.next();
      run(below(2) == 0 ? system_call_with_flags : system_call_after_mov_ss, &flags);
    } else if (dice < 998) {
      frame_field();
    } else {
      // All of the frame is at stake.
      auto* const words = reinterpret_cast<std::uint64_t*>(&own_frame());
      for (unsigned i = 0; i < 4; ++i)
        words[below(sizeof(DispatcherFrame) / 8)] = strange_address();
      yield(Yield::stay);
    }
  }

 private:
  std::uint64_t below(std::uint64_t limit) { return sequence_.next() % limit; }

  // An attempt begins again after each upcall. One that yields, or whose callee calls back, would never end: it is given up
  // when it has begun so often.
  static constexpr unsigned kMostBeginnings = 3;

  struct Bounded {
    void (*code)(void*);
    void* argument;
    unsigned left = kMostBeginnings;
  };

  void run(void (*code)(void*), void* argument) {
    Bounded bounded{code, argument};
    const auto begin = [](void* it) {
      Bounded& attempt = *static_cast<Bounded*>(it);
      if (attempt.left == 0) return;
      --attempt.left;
      attempt.code(attempt.argument);
    };
    static_cast<void>(attempt(begin, &bounded));
  }

  void run(void (*code)(void*), Registers& registers) { run(code, &registers); }

  // A number that may mean something: small ones, powers of two and their neighbours, anything.
  std::uint64_t number() {
    switch (below(8)) {
      case 0: return sequence_.next();
      case 1: return (std::uint64_t{1} << below(64)) - below(3);
      case 2: return below(512);
      case 3: return 12 + below(8);
      default: return below(24);
    }
  }

  // Mostly of a slot of the free node, where given and new capabilities are.
  std::uint64_t address() {
    switch (below(16)) {
      case 0: return sequence_.next() & 0xffff'ffff;
      case 1: return CapAddress::in_root(below(6)).raw();
      case 2: return CapAddress(below(6), below(24)).raw();
      case 3: return task_slot(ProgramSlot::ram).raw();
      case 4: return CapAddress(kTaskNode, 1 + below(4)).raw();
      case 5: return CapAddress(kProgramFreeNode, below(kFirstFree)).raw();
      default: return CapAddress(kProgramFreeNode, kFirstFree + below(24)).raw();
    }
  }

  std::uint64_t strange_address() {
    switch (below(8)) {
      case 0: return 0xffff'ffff'8010'0000 + below(1 << 20);
      case 1: return 0xffff'8000'0000'0000 + below(1 << 26);
      case 2: return 0x8000'0000'0000 - below(4) * 0x800;
      case 3: return 0x400000 + below(1 << 16);
      case 4: return kFirstProcessStackTop.value() - below(1 << 14);
      case 5: return kUserEnd.value() - below(3);
      default: return number();
    }
  }

  Registers random_registers() {
    Registers r{};
    for (std::uint64_t* word = &r.rax; word <= &r.r15; ++word) *word = number();
    r.rsp = strange_address();
    r.rflags = below(4) == 0 ? sequence_.next() : sequence_.next() & 0xcd5;
    return r;
  }

  // A method of some object, with arguments that are of the right kind more often than not.
  void invocation(Registers& r) {
    r.rax = static_cast<std::uint64_t>(SystemCall::invoke);
    const auto method = [&](Method which) { r.rdi |= static_cast<std::uint64_t>(which) << 32; };
    const std::uint64_t dice = below(100);
    if (dice < 60) {
      constexpr Method kOnSlots[] = {Method::copy,   Method::mint,   Method::retype, Method::retype,
                                     Method::remove, Method::revoke, Method::move,   Method::look};
      const Method which = kOnSlots[below(8)];
      const bool is_ours = below(200) != 0;
      r.rdi = is_ours ? CapAddress::in_root(kProgramFreeNode).raw() : address();
      method(which);
      r.rsi = below(16) == 0 ? number() : kFirstFree + below(24);
      r.rdx = address();
      if (which == Method::retype) {
        if (below(2) == 0) r.rdx = task_slot(ProgramSlot::ram).raw();
        r.r8 = below(kTypes + 1);
        r.r9 =
            below(2) == 0 && r.r8 < kTypes ? object_bits(static_cast<Type>(r.r8)) : 12 + below(7);
        r.r10 = below(8) == 0 ? number() : 1 + below(3);
      }
      return;
    }
    r.rdi = address();
    if (dice < 75) {
      method(below(3) == 0 ? Method::unmap : Method::map);
      r.rsi = below(4) == 0 ? number() : 300 + below(8);
      r.rdx = address();
    } else if (dice < 85) {
      constexpr Method kOfDispatchers[] = {Method::configure,   Method::run,    Method::status,
                                           Method::suspend,     Method::signal, Method::bind,
                                           Method::acknowledge, Method::in,     Method::out};
      r.rdi = CapAddress(kProgramFreeNode, kFirstFree + below(24)).raw();
      if (below(200) == 0) r.rdi = address();
      method(kOfDispatchers[below(9)]);
      r.rsi = below(2) == 0 ? address() : number();
      r.rdx = address();
      r.r8 = address();
      r.r9 = strange_address();
      r.r10 = below(2) == 0 ? 0 : address();
    } else {
      r.rdi |= number() << 32;
      // This value must not end the fuzzer too often.
      if (below(50) != 0)
        r.rdi =
            (r.rdi & ~std::uint64_t{0xffff'ffff}) | CapAddress(kProgramFreeNode, below(56)).raw();
    }
  }

  // One field that lies, for as long as a trap and a turn take.
  void frame_field() {
    DispatcherFrame& frame = own_frame();
    std::uint64_t* const fields[] = {&frame.was_interrupted, &frame.upcall_stack,
                                     &frame.critical_begin,  &frame.receive_slot,
                                     &frame.trap.vector,     &frame.enabled.rip};
    std::uint64_t& field = *fields[below(std::size(fields))];
    const std::uint64_t before = field;
    field = &field == &frame.receive_slot ? address() : strange_address();
    Registers r = random_registers();
    r.rip = strange_address();
    run(jump_with, r);
    if (&field != &frame.receive_slot) field = before;
  }

  evidence::Sequence sequence_;
  bool is_racing_ = false;
};

}  // namespace

void fuzz() {
  Fuzzer fuzzer(report().seed);
  for (;;) {
    fuzzer.step();
    report().steps = report().steps + 1;
  }
}

}  // namespace sprat::hostile
