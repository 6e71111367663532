//@ says From the guide alone, by an author without the reference: words of system calls go straight into the trap
//frame, `clean` grows at both ends, callees leave the run queue for their callers.

//@ answer cpu-driver.5a
  gdt[2] = kData.raw();
  gdt[3] = kData.with<segment::privilege>(kUserPrivilege).raw();
  gdt[4] = kCode.with<segment::privilege>(kUserPrivilege).raw();
  task_state.privilege_stacks[0] = reinterpret_cast<std::uint64_t>(&user_registers + 1);
  task_state.interrupt_stacks[kDebugStack - 1] = top_of(debug_stack);
  task_state.interrupt_stacks[kNonMaskableStack - 1] = top_of(non_maskable_stack);
  idt[kDebugVector] = gate_to(debug_entry, kDebugStack);
  idt[kNonMaskableVector] = gate_to(non_maskable_entry, kNonMaskableStack);
  GateDescriptor& breakpoint = idt[kBreakpointVector];
  breakpoint.low = breakpoint.low.with<gate::privilege>(kUserPrivilege);
//@ end

//@ answer cpu-driver.5b
        cmpq    $user_registers, %rsp
        je      1f
        movq    %rsp, %rsi
        movq    $user_registers, %rdi
        movl    $(REGISTERS_BYTES / 8), %ecx
        rep movsq
        movq    $user_registers, %rsp
1:      movq    %rsp, %rdi
        pushq   $2                      // a gate leaves AC and others as the user had them
        popfq
        call    handle_user_trap
        jmp     leave_kernel
//@ end

//@ answer cpu-driver.5c
        movq    %rsp, user_registers + REGISTERS_RSP
        movq    %r11, user_registers + REGISTERS_RFLAGS
        movq    %rcx, user_registers + REGISTERS_RIP
        movq    $(user_registers + REGISTERS_VECTOR), %rsp
        pushq   %r15
        pushq   %r14
        pushq   %r13
        pushq   %r12
        pushq   %r11
        pushq   %r10
        pushq   %r9
        pushq   %r8
        pushq   %rbp
        pushq   %rdi
        pushq   %rsi
        pushq   %rdx
        pushq   %rcx
        pushq   %rbx
        pushq   %rax
        movq    %rsp, %rdi
        xorl    %ebp, %ebp
        call    handle_system_call
//@ end

//@ answer cpu-driver.5d
        movq    $user_registers, %rsp
        popq    %rax
        popq    %rbx
        popq    %rcx
        popq    %rdx
        popq    %rsi
        popq    %rdi
        popq    %rbp
        popq    %r8
        popq    %r9
        popq    %r10
        popq    %r11
        popq    %r12
        popq    %r13
        popq    %r14
        popq    %r15
        movq    user_registers + REGISTERS_RIP, %rcx
        movq    user_registers + REGISTERS_RFLAGS, %r11
        movq    user_registers + REGISTERS_RSP, %rsp
        sysretq
//@ end

//@ answer cpu-driver.5e
        popq    %rax
        popq    %rbx
        popq    %rcx
        popq    %rdx
        popq    %rsi
        popq    %rdi
        popq    %rbp
        popq    %r8
        popq    %r9
        popq    %r10
        popq    %r11
        popq    %r12
        popq    %r13
        popq    %r14
        popq    %r15
        addq    $16, %rsp               // vector and error
        iretq
//@ end

//@ answer cpu-driver.5f
  write_msr(star::kMsr, Bits<star::layout>()
                            .with<star::kernel_segments>(1 * 8)
                            .with<star::user_segments>(kUserData - 8)
                            .raw());
  write_msr(kLstarMsr, reinterpret_cast<std::uint64_t>(system_call_entry));
  write_msr(kFmaskMsr, kUserFlags | kInterruptFlag | rflags::io_privilege.mask() |
                           rflags::nested_task.mask() | rflags::resume.mask());
  write_msr(efer::kMsr, Efer(read_msr(efer::kMsr)).with<efer::system_call_enable>().raw());
//@ end

//@ answer cpu-driver.1a
  if (!address.is_well_formed() || address.node() == kOwnSlot) return Error::no_capability;
  Slot& in_root = slots_in(root)[address.node()];
  if (address.names_root_slot()) return &in_root;
  if (address.slot() == kOwnSlot || in_root.type != Type::cnode) return Error::no_capability;
  return &slots_in(in_root)[address.slot()];
//@ end

//@ answer cpu-driver.1b
  const auto found = find_slot(root, address);
  if (!found) return found;
  const Slot& slot = *found.value();
  if (slot.is_empty()) return Error::no_capability;
  if (slot.type != type) return Error::wrong_type;
  if (!slot.rights.has(rights)) return Error::no_rights;
  return found;
//@ end

//@ answer cpu-driver.1c
bool has_badge(Type type) { return type == Type::endpoint || type == Type::notification; }
bool has_range(Type type) { return type == Type::irq || type == Type::io_ports; }
//@ end

//@ answer cpu-driver.1d
  if (source.is_empty()) return Error::no_capability;
  if (!target.is_empty()) return Error::slot_in_use;
  if (!rules(source.type).may_be_copied) return Error::wrong_type;
  if (!source.rights.has(kGrant)) return Error::no_rights;
  if (source.is_remote) return Error::ask_monitor;

  Slot made;
  made.type = source.type;
  made.rights = source.rights & arguments.keep;
  made.base = source.base;
  made.bytes = source.bytes;
  if (has_range(source.type)) {
    if (arguments.badge_or_first >= source.bytes) return Error::invalid_argument;
    const std::uint64_t behind = source.bytes - arguments.badge_or_first;
    if (arguments.count > behind) return Error::invalid_argument;
    made.base += arguments.badge_or_first;
    made.bytes = arguments.count != 0 ? arguments.count : behind;
  } else if (has_badge(source.type)) {
    const std::uint64_t asked = arguments.badge_or_first;
    if (asked != 0 && source.badge != 0 && asked != source.badge) return Error::invalid_argument;
    made.badge = source.badge != 0 ? source.badge : asked;
  } else if (arguments.badge_or_first != 0 || arguments.count != 0) {
    return Error::invalid_argument;
  }
  target = made;
  insert_before(source, target);
  return {};
//@ end

//@ answer cpu-driver.2a
//@ end

//@ answer cpu-driver.2b
  if (source.is_empty()) return Error::no_capability;
  if (!may_retype(source.type, arguments.type)) return Error::wrong_type;
  if (!source.is_original) return Error::no_rights;
  if (source.is_remote) return Error::ask_monitor;
  if (arguments.count == 0 || arguments.count > kMostObjects ||
      arguments.count != targets.size()) {
    return Error::invalid_argument;
  }
  for (const Slot& target : targets) {
    if (!target.is_empty()) return Error::slot_in_use;
  }
  return {};
//@ end

//@ answer cpu-driver.2c
  const Slot* const newest = newest_descendant(source);
  const std::uint64_t unused = newest != nullptr ? newest->end() : source.base;
  const std::uint64_t begin = (unused + size - 1) & ~(size - 1);
  const std::uint64_t bytes = size * count;
  if (begin > source.end() || source.end() - begin < bytes) return Error::out_of_memory;
  return PhysicalRange{PhysicalAddress(begin), PhysicalAddress(begin + bytes)};
//@ end

//@ answer cpu-driver.2d
  const std::uint64_t begin = place.begin.value();
  const std::uint64_t end = place.end.value();
  // The clean part can only grow at its ends: if it does not touch the place, begin anew.
  if (ram.clean.begin == ram.clean.end || ram.clean.begin > end || ram.clean.end < begin) {
    ram.clean = {begin, begin};
  }
  std::uint64_t left = kZeroStep;
  if (ram.clean.begin > begin) {
    const std::uint64_t bytes = std::min(left, ram.clean.begin - begin);
    ram.clean.begin -= bytes;
    zero(PhysicalAddress(ram.clean.begin), bytes);
    left -= bytes;
  }
  if (ram.clean.end < end && left != 0) {
    const std::uint64_t bytes = std::min(left, end - ram.clean.end);
    zero(PhysicalAddress(ram.clean.end), bytes);
    ram.clean.end += bytes;
  }
  return ram.clean.begin <= begin && ram.clean.end >= end;
//@ end

//@ answer cpu-driver.2e
  const std::uint64_t begin = std::max(ram.clean.begin, child.base);
  const std::uint64_t end = std::min(ram.clean.end, child.end());
  if (begin < end) child.clean = {begin, end};
//@ end

//@ answer cpu-driver.2f
  ram.clean.begin = std::max(ram.clean.begin, place.end.value());
  if (ram.clean.begin >= ram.clean.end) ram.clean = {0, 0};
//@ end

//@ answer cpu-driver.3a
// Whether two neighbours name one object. An object has one original: two of them are an object and all of its ancestor.
bool name_one_object(const Slot& slot, const Slot* neighbour) {
  return neighbour != nullptr && same_object(slot, *neighbour) &&
         !(slot.is_original && neighbour->is_original);
}
//@ end

//@ answer cpu-driver.3b
  return !name_one_object(slot, slot.previous) && !name_one_object(slot, slot.next);
//@ end

//@ answer cpu-driver.3c
// Deletes the contents of the CNode of `own`. Returns whether nothing is left.
bool empty_cnode(Slot& own, Cost& cost) {
  CNodeObject& slots = slots_in(own);
  std::size_t skipped = 0;
  while (own.emptied < kSlotsPerCNode - 1) {
    if (cost >= kRevokeStep) return false;
    Slot& slot = slots[++own.emptied];  // the first is the own slot
    if (!slot.is_empty()) {
      cost += discard(slot);
    } else if (++skipped % kEntriesPerCost == 0) {
      ++cost;
    }
  }
  return true;
}

// Deletes the parts of the Dispatcher of `own`, and the objects made from it. Returns whether nothing is left.
bool empty_dispatcher(Slot& own, Cost& cost) {
  const std::span parts(dispatcher_parts(own), kDispatcherParts);
  for (Slot& part : parts) {
    if (part.is_empty()) continue;
    if (cost >= kRevokeStep) return false;
    cost += discard(part);
  }
  while (Slot* const made = newest_descendant(own)) {
    if (cost >= kRevokeStep) return false;
    cost += discard(*made);
  }
  return true;
}
//@ end

//@ answer cpu-driver.3d
  const bool is_empty =
      own.type == Type::cnode ? empty_cnode(own, cost) : empty_dispatcher(own, cost);
  if (!is_empty || cost >= kRevokeStep) return;
  dying.remove(own);
  take_out(own);
  ++cost;
//@ end

//@ answer cpu-driver.3e
  Cost cost = 0;
  while (true) {
    if (slot.is_empty()) return Error::no_capability;
    if (!slot.is_original) return Error::no_rights;
    if (slot.is_remote) return Error::ask_monitor;
    Slot* next = nearest_copy(slot);
    if (next == nullptr) next = newest_descendant(slot);
    if (next == nullptr) return {};
    if (next->is_remote) return Error::ask_monitor;
    if (cost >= kRevokeStep) return Error::again;
    if (next->is_dying) {
      take_apart(*next, cost);
    } else {
      cost += discard(*next);
    }
  }
//@ end

//@ answer cpu-driver.4a
bool is_frame(const Slot& slot) {
  return slot.type == Type::frame || slot.type == Type::device_frame;
}

// Whether `source` can be mapped into a table of `level` at all.
bool fits_level(const Slot& source, unsigned level) {
  if (is_frame(source)) return level == 1 || level == 2;
  return level > 1 && source.type == page_table_type(level - 1);
}

PageEntry first_entry_for(const Slot& source, unsigned level, Rights rights) {
  const auto entry = PageEntry()
                         .with<bits::present>()
                         .with<bits::user>()
                         .with<bits::frame>(source.base / kPageSize);
  if (!is_frame(source)) return entry.with<bits::writable>();
  return entry.with<bits::writable>(rights.has(kWrite))
      .with<bits::no_execute>(!rights.has(kExecute))
      .with<bits::large>(level == 2)
      .with<bits::cache_disable>(source.type == Type::device_frame);
}

// Where a mapping is: below which root, and at which address.
struct Place {
  bool is_reachable = false;  // there is a root above it
  PhysicalAddress root;
  VirtualAddress address;
};

Place place_of(const Slot& mapped) {
  unsigned level = level_above(mapped);
  std::uint64_t address = 0;
  const Slot* slot = &mapped;
  while (slot->is_mapped) {
    address += slot->first_entry * entry_size(level);
    if (slot->mapping.table_slot == nullptr) {
      return {true, PhysicalAddress(slot->mapping.table), VirtualAddress(address)};
    }
    slot = slot->mapping.table_slot;
    ++level;
  }
  return {};
}

void forget_link(Slot& mapped) {
  mapped.is_mapped = false;
  mapped.first_entry = 0;
  mapped.mapping = {};
}
//@ end

//@ answer cpu-driver.4b
  const unsigned level = table_level(table.type);
  if (level == 0 || !fits_level(source, level)) return Error::wrong_type;
  const std::uint64_t size = entry_size(level);
  const std::uint64_t count = is_frame(source) ? source.bytes / size : 1;
  const std::uint64_t limit = level == x86::kRootLevel ? kUserRootEntries : x86::kEntriesPerTable;
  if (first_entry >= limit || count > limit - first_entry) return Error::invalid_argument;
  if (is_frame(source)) {
    if (rights.has(kWrite | kExecute)) return Error::invalid_argument;
    if (source.bytes % size != 0 || source.base % size != 0) return Error::misaligned;
    if (!source.rights.has(kRead | (rights & (kWrite | kExecute)))) return Error::no_rights;
  }
  TableObject& object = table_at(table.base);
  for (std::uint64_t i = first_entry; i < first_entry + count; ++i) {
    if (object.mapped[i] != nullptr) return Error::already_mapped;
  }
  if (source.is_mapped) return Error::in_use;

  std::uint64_t entry = first_entry_for(source, level, rights).raw();
  for (std::uint64_t i = first_entry; i < first_entry + count; ++i, entry += size) {
    object.entries[i] = entry;
    object.mapped[i] = &source;
  }
  source.is_mapped = true;
  source.first_entry = static_cast<std::uint16_t>(first_entry);
  source.mapping = {.table = table.base,
                    .table_slot = level == x86::kRootLevel ? nullptr : &table};
  return {};
//@ end

//@ answer cpu-driver.4c
  if (!mapped.is_mapped) return;
  const Place place = place_of(mapped);
  const std::size_t count = entries_of(mapped);
  const std::uint64_t bytes = count * entry_size(level_above(mapped));
  TableObject& object = table_at(mapped.mapping.table);
  for (std::size_t i = mapped.first_entry; i < mapped.first_entry + count; ++i) {
    object.entries[i] = 0;
    object.mapped[i] = nullptr;
  }
  forget_link(mapped);
  if (place.is_reachable) forget_translations(place.root, place.address, bytes);
//@ end

//@ answer cpu-driver.4d
  if (table_level(table.type) == x86::kRootLevel) leave_address_space(PhysicalAddress(table.base));
  for (Slot* const mapped : table_at(table.base).mapped) {
    if (mapped != nullptr) forget_link(*mapped);
  }
//@ end

//@ answer cpu-driver.6a
  SharedFrame& shared = *dispatcher.frame;
  dispatcher.resumes_in_place = is_disabled(dispatcher, frame.rip);
  if (dispatcher.resumes_in_place) {
    shared.disabled.store(frame);
  } else {
    shared.enabled.store(frame);
    shared.was_interrupted = 1;
  }
//@ end

//@ answer cpu-driver.6b
  SharedFrame& shared = *dispatcher.frame;
  Registers registers{};
  registers.rdi = dispatcher.user_frame.value();
  registers.rip = shared.entries[static_cast<std::size_t>(which)].load();
  registers.rsp = shared.upcall_stack.load();
  if (!UserAddress::of(registers.rsp) || !restore(registers, frame)) {
    stop(dispatcher, kNoTrap, registers.rip, 0);
    return false;
  }
  shared.is_disabled = 1;
  dispatcher.resumes_in_place = false;
  return true;
//@ end

//@ answer cpu-driver.6c
  if (!dispatcher.resumes_in_place) return upcall(dispatcher, Upcall::run, frame);
  const Registers registers = dispatcher.frame->disabled.load();
  if (restore(registers, frame)) return true;
  stop(dispatcher, kNoTrap, registers.rip, 0);
  return false;
//@ end

//@ answer cpu-driver.7
  Dispatcher& self = *current();
  if (run_queue.has_one_at_most()) return;
  save(self, frame);
  end_turn();
  schedule(frame);
//@ end

//@ answer cpu-driver.8a
// Whether a call can go to `callee` now.
Result<void> can_take_call(const Dispatcher& callee) {
  switch (callee.state) {
    case DispatcherState::stopped:
    case DispatcherState::suspended: return Error::peer_gone;
    case DispatcherState::unconfigured:
    case DispatcherState::calling: return Error::busy;
    case DispatcherState::runnable:
    case DispatcherState::waiting: break;
  }
  // A dispatcher that was saved enabled has been interrupted; any other was disabled, or never ran.
  const bool was_enabled = !callee.resumes_in_place && callee.frame->was_interrupted.load() != 0;
  return callee.handles_call || !was_enabled ? Result<void>(Error::busy) : Result<void>();
}

// Sends the capability that `address` names in the sender's CSpace to where `receiver` wants it: the answer.
[[gnu::noinline]] Result<CapAddress> send_capability(Dispatcher& sender, CapAddress address, Dispatcher& receiver) {
  const auto found = cap::find_slot(sender.part(Part::cspace), address);
  if (!found) return found.error();
  cap::Slot& source = *found.value();
  if (source.is_empty()) return Error::no_capability;
  if (!source.rights.has(kGrant)) return Error::no_rights;
  const CapAddress wanted(receiver.frame->receive_slot.load());
  const auto target = cap::find_slot(receiver.part(Part::cspace), wanted);
  if (!target) return Error::slot_in_use;  // also if it wants none: no number 0 leads anywhere
  const auto sent = cap::send(source, *target.value());
  if (!sent) return sent.error();
  return wanted;
}

// Saves the registers at which `caller` resumes behind its system call: with peer_gone, unless a reply comes.
void save_caller(Dispatcher& caller, const x86::TrapFrame& frame) {
  SharedRegisters& saved = caller.frame->disabled;
  saved.rax = status_of(Error::peer_gone);
  saved.rbx = frame.rbx;
  saved.rbp = frame.rbp;
  saved.r12 = frame.r12;
  saved.r13 = frame.r13;
  saved.r14 = frame.r14;
  saved.r15 = frame.r15;
  saved.rip = frame.rip;
  saved.rflags = frame.rflags;
  saved.rsp = frame.rsp;
  caller.resumes_in_place = true;
}

// The five words stay where they are, and so do the selectors; the rest of the trap frame is not used after this.
void clear_all_but_words(x86::TrapFrame& frame) {
  frame.rax = frame.rbx = frame.rcx = frame.rdi = frame.rbp = 0;
  frame.r11 = frame.r12 = frame.r13 = frame.r14 = frame.r15 = 0;
}

// As upcall() does it, but for the words.
void enter(Dispatcher& callee, UserAddress entry, UserAddress stack, std::uint64_t badge,
           CapAddress received, x86::TrapFrame& frame) {
  clear_all_but_words(frame);
  frame.rax = badge;
  frame.rbx = received.raw();
  frame.rdi = callee.user_frame.value();
  frame.rip = entry.value();
  frame.rsp = stack.value();
  frame.rflags = x86::kInterruptFlag;
  callee.frame->is_disabled = 1;
  callee.resumes_in_place = false;
}

// As restore() does it, but for the words: those registers of the caller that save_caller has kept.
bool come_back(Dispatcher& caller, CapAddress received, x86::TrapFrame& frame) {
  const SharedRegisters& saved = caller.frame->disabled;
  const std::uint64_t raw = saved.rip.load();
  const auto rip = UserAddress::of(raw);
  if (!rip) {
    stop(caller, kNoTrap, raw, 0);
    return false;
  }
  clear_all_but_words(frame);
  frame.rax = kStatusOk;
  frame.rdi = received.raw();
  frame.rbx = saved.rbx.load();
  frame.rbp = saved.rbp.load();
  frame.r12 = saved.r12.load();
  frame.r13 = saved.r13.load();
  frame.r14 = saved.r14.load();
  frame.r15 = saved.r15.load();
  frame.rip = rip.value().value();
  frame.rflags = (saved.rflags.load() & x86::kUserFlags) | x86::kInterruptFlag;
  frame.rsp = saved.rsp.load();
  return true;
}

[[noreturn]] void leave_to_others(x86::TrapFrame& frame) {
  schedule(frame);
  x86::leave_kernel();
}
//@ end

//@ answer cpu-driver.8b
  Dispatcher& caller = *current();
  const auto endpoint =
      cap::find(caller.part(Part::cspace), CapAddress(frame.rdi), Type::endpoint, kWrite);
  if (!endpoint) return endpoint.error();
  const std::uint64_t badge = endpoint.value()->badge;
  Dispatcher& callee = dispatcher_at(*endpoint.value());
  if (&callee == &caller) return Error::invalid_argument;
  if (const auto ready = can_take_call(callee); !ready) return ready.error();
  const std::uint64_t raw = callee.frame->entries[static_cast<std::size_t>(Upcall::lrpc)].load();
  const auto entry = UserAddress::of(raw);
  const auto stack = UserAddress::of(callee.frame->upcall_stack.load());
  if (raw == 0 || !entry || !stack) return Error::busy;
  CapAddress received;
  if (const CapAddress sent(frame.rdi >> 32); sent != CapAddress()) {
    const auto arrived = send_capability(caller, sent, callee);
    if (!arrived) return arrived.error();
    received = arrived.value();
  }

  save_caller(caller, frame);
  caller.state = DispatcherState::calling;
  caller.callee = &callee;
  callee.caller = &caller;
  callee.handles_call = true;
  callee.waits_afterwards = callee.state == DispatcherState::waiting;
  callee.state = DispatcherState::runnable;
  if (!callee.waits_afterwards) dequeue(callee);
  replace_in_queue(caller, callee);
  switch_to(callee);
  enter(callee, entry.value(), stack.value(), badge, received, frame);
  x86::leave_kernel();
//@ end

//@ answer cpu-driver.8c
  Dispatcher& callee = *current();
  if (!is_disabled(callee, frame.rip)) return Error::not_found;
  Dispatcher* const caller = callee.caller;
  CapAddress received;
  if (const CapAddress sent(frame.rdi); caller != nullptr && sent != CapAddress()) {
    const auto arrived = send_capability(callee, sent, *caller);
    if (!arrived) return arrived.error();
    received = arrived.value();
  }

  const bool waits = callee.waits_afterwards && callee.frame->pending.load() == 0;
  callee.frame->is_disabled = 0;
  callee.resumes_in_place = false;
  callee.handles_call = false;
  callee.waits_afterwards = false;
  if (waits) callee.state = DispatcherState::waiting;
  if (caller == nullptr) {
    if (waits) dequeue(callee);
    leave_to_others(frame);
  }

  callee.caller = nullptr;
  caller->callee = nullptr;
  caller->state = DispatcherState::runnable;
  replace_in_queue(callee, *caller);  // the turn goes back
  if (!waits) enqueue(callee);
  switch_to(*caller);
  if (!come_back(*caller, received, frame)) leave_to_others(frame);
  x86::leave_kernel();
//@ end

//@ answer cpu-driver.9a
  using enum Action;
  const memory::ImageLayout image = memory::image_layout();
  const PhysicalAddress loaded = memory::physical_in_image(address_of(loaded_end));
  const PhysicalRange constants = copy_of({image.text.begin, image.rodata.end});
  const PhysicalRange variables = copy_of({image.data.begin, loaded});
  const PhysicalRange zeros = copy_of({loaded, image.stack.end});
  const PhysicalAddress tables = ram.begin + offset_of_tables(handover_.package.size());

  const auto part = [&](PhysicalRange memory, memory::Permissions permissions) {
    return Piece{map, copy_of(memory), memory::address_in_image(memory.begin), permissions};
  };
  const auto in_window = [](PhysicalRange memory, memory::Permissions permissions) {
    return Piece{map, memory, memory::kWindowBase + memory.begin.value(), permissions};
  };
  const auto at_itself = [](std::uint64_t address, memory::Permissions permissions) {
    return Piece{map, page_at(address), VirtualAddress(address), permissions};
  };
  pieces_ = {{
      {copy, constants, address_of(text_begin)},
      {copy, variables, address_of(pristine_data)},
      {zero, zeros, {}},
      {zero, {tables, tables + kTables * kPageSize}, {}},
      part(image.text, memory::Permissions::read_execute),
      part(image.rodata, memory::Permissions::read),
      part(image.data, memory::Permissions::read_write),
      part(image.stack, memory::Permissions::read_write),
      in_window({ram.begin, constants.begin}, memory::Permissions::read_write),
      in_window(constants, memory::Permissions::read),
      in_window({constants.end, ram.end}, memory::Permissions::read_write),
      at_itself(SPRAT_TRAMPOLINE, memory::Permissions::read_execute),
      at_itself(SPRAT_HANDSHAKE, memory::Permissions::read_write),
      {Action::hand_over, {}, {}},
      {drop, ram, {}},
  }};
//@ end

//@ answer cpu-driver.9b
  Core* const core = find_core(apic_id);
  if (core == nullptr || core->state != CoreState::loaded) return Error::invalid_argument;
  give_up_started_cores();

  std::byte* const page = memory::window<std::byte>(kTrampoline);
  const auto root = static_cast<std::uint32_t>(core->root.value());
  std::memcpy(page, trampoline_begin, static_cast<std::size_t>(trampoline_end - trampoline_begin));
  std::memcpy(page + (trampoline_root - trampoline_begin), &root, sizeof root);
  handshake() = 0;

  constexpr std::uint64_t kPerSecond = 1'000'000 / 200;
  second_startup_time = x86::read_time_stamp() + x86::timer_rates.time_stamp_hz / kPerSecond;
  core->state = CoreState::started;
  x86::send_startup(apic_id, kTrampoline);
  return {};
//@ end

//@ answer cpu-driver.9c
        cli
        cld
        xorw    %ax, %ax
        movw    %ax, %ds
        movl    $CR4_PAE, %eax
        movl    %eax, %cr4
        movl    AT(trampoline_root), %eax
        movl    %eax, %cr3
        movl    $EFER_MSR, %ecx
        movl    $(EFER_LME | EFER_NXE), %eax
        xorl    %edx, %edx
        wrmsr
        lgdtl   AT(gdt_pointer)
        // Paging and protection at once: from real mode to a 16-bit compatibility mode, and on by the jump.
        movl    $(CR0_PE | CR0_ET | CR0_WP | CR0_PG), %eax
        movl    %eax, %cr0
        ljmpl   $CODE_SELECTOR, $AT(long_mode)
//@ end

//@ answer cpu-driver.9d
  memory::set_image_base(handover.image);
  // Not through the window, which does not show it here.
  *reinterpret_cast<volatile std::uint32_t*>(SPRAT_HANDSHAKE) = kArrived;
  // Nothing else is in the lower half.
  const PhysicalAddress root = x86::read_cr3();
  (*memory::window<x86::PageTable>(root))[0] = x86::PageEntry();
  x86::write_cr3(root);
//@ end
