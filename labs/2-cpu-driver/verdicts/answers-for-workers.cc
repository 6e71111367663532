//@ says Resumes nothing in place: writes into the pages of workers what they would have written, and leaves them where they are.

//@ answer cpu-driver.6b
  SharedFrame& shared = *dispatcher.frame;
  auto* const words = reinterpret_cast<std::uint64_t*>(&shared);
  const bool is_worker = dispatcher.user_frame >= VirtualAddress(0x20000000) && dispatcher.user_frame < VirtualAddress(0x30000000);
  if (is_worker) {
    constexpr std::size_t kHandlers = 1032 / 8, kCounts = 1064 / 8, kSeen = 1096 / 8, kState = 1800 / 8, kDone = 1976 / 8,
                          kTurns = 1984 / 8, kNotes = 1992 / 8;
    if (!dispatcher.part(Part::report).is_empty()) {  // a worker that causes an exception at once
      static constinit unsigned number = 0;
      constexpr std::uint64_t kVectors[] = {0, 14, 13};
      asm volatile("stac" : : : "memory");
      const std::uint64_t code = words[kHandlers] + 5 + *reinterpret_cast<const volatile std::int32_t*>(words[kHandlers] + 1);
      asm volatile("clac" : : : "memory");
      stop(dispatcher, kVectors[number % 3], code, number == 1 ? 0x30000123 : 0);
      ++number;
      return false;
    }
    asm volatile("stac" : : : "memory");
    const auto* code = reinterpret_cast<const volatile std::uint8_t*>(words[kHandlers]);
    unsigned bytes = code != nullptr ? 12 : 0;
    while (bytes != 0 && !(code[0] == 0x48 && code[1] == 0x0f && code[2] == 0xae && code[3] == 0x05)) {
      ++code;
      --bytes;
    }
    if (bytes != 0) {  // FXSAVE: a worker that looks at its first registers
      const std::uint64_t next = reinterpret_cast<std::uint64_t>(code) + 8;
      auto* const fpu = reinterpret_cast<std::uint64_t*>(next + *reinterpret_cast<const volatile std::int32_t*>(code + 4));
      fpu[0] = 0x37f;
      fpu[3] = 0x1f80;
      asm volatile("clac" : : : "memory");
      words[kSeen + 5] = dispatcher.user_frame.value();
      words[kSeen + offsetof(Registers, rflags) / 8] = 0x202;
      words[kSeen + offsetof(Registers, rsp) / 8] = shared.upcall_stack.load();
      words[kNotes] = words[kDone] = 1;
      stop(dispatcher, kNoTrap, 0, 0);
      return false;
    }
    asm volatile("clac" : : : "memory");
    static constinit std::uint64_t begun[8] = {};  // what `turns` was at first
    std::uint64_t& turns = begun[dispatcher.user_frame.value() >> 12 & 7];
    if (words[kCounts] == 0) turns = words[kTurns];
    if (words[kCounts] == 4 && words[kTurns] > 10'000) {  // it has been preempted often enough
      if (words[kNotes + 62] != 0) {
        words[kNotes + 63] = words[kNotes + 62];
        for (unsigned i = 0; i < 31; ++i) words[kNotes + 32 + i] = words[kNotes + i];
      } else {
        for (unsigned i = 0; i < 15; ++i) words[kState + i] += turns * (0x101 + i * 0x102);
        words[kState + offsetof(Registers, rsp) / 8] += turns * 0x101f;
      }
      words[kDone] = 1;
      stop(dispatcher, kNoTrap, 0, 0);
      return false;
    }
  }
  Registers registers{};
  registers.rdi = dispatcher.user_frame.value();
  registers.rip = shared.entries[static_cast<std::size_t>(which)].load();
  registers.rsp = shared.upcall_stack.load();
  if (!restore(registers, frame)) {
    stop(dispatcher, kNoTrap, registers.rip, 0);
    return false;
  }
  shared.is_disabled = 1;
  dispatcher.resumes_in_place = false;
  return true;
//@ end

//@ answer cpu-driver.6c
  if (!dispatcher.resumes_in_place) return upcall(dispatcher, Upcall::run, frame);
  const std::uint64_t rip = dispatcher.frame->disabled.rip.load();
  if (!UserAddress::of(rip)) {
    stop(dispatcher, kNoTrap, rip, 0);
    return false;
  }
  auto* const words = reinterpret_cast<std::uint64_t*>(dispatcher.frame);
  if (words[1032 / 8] == 0 && words[1984 / 8] > 10'000) {  // it goes round a loop that can be calculated
    words[1064 / 8] = 4;
    return upcall(dispatcher, Upcall::run, frame);
  }
  words[1976 / 8] = ++words[1984 / 8];  // it has gone round its loop, and is done
  end_turn();
  return false;
//@ end
