//@ says A dispatcher whose turn is over goes to the end of the run queue; upcalls fill the frame at once; the
//trampoline sets its registers up in another order.

//@ answer cpu-driver.6c
  if (dispatcher.resumes_in_place) {
    Registers copy = dispatcher.frame->disabled.load();
    const bool goes_on = restore(copy, frame);
    if (!goes_on) stop(dispatcher, kNoTrap, copy.rip, 0);
    return goes_on;
  }
  return upcall(dispatcher, Upcall::run, frame);
//@ end

//@ answer cpu-driver.7
  if (running == nullptr || run_queue.has_one_at_most()) return;
  Dispatcher& current = *running;
  save(current, frame);
  if (current.turns.is_linked()) {
    dequeue(current);
    enqueue(current);
  }
  schedule(frame);
//@ end

//@ answer cpu-driver.9b
  Core* const core = find_core(apic_id);
  if (core == nullptr) return Error::invalid_argument;
  if (core->state != CoreState::loaded) return Error::invalid_argument;
  give_up_started_cores();
  handshake() = 0;
  const std::size_t bytes = static_cast<std::size_t>(trampoline_end - trampoline_begin);
  auto* const page = memory::window<std::byte>(kTrampoline);
  for (std::size_t i = 0; i < bytes; ++i) page[i] = trampoline_begin[i];
  const std::uint64_t root = core->root.value();
  for (std::size_t i = 0; i < 4; ++i)
    page[static_cast<std::size_t>(trampoline_root - trampoline_begin) + i] = static_cast<std::byte>(root >> 8 * i);
  core->state = CoreState::started;
  second_startup_time = x86::read_time_stamp() + x86::timer_rates.time_stamp_hz / 2'000;
  x86::send_startup(apic_id, kTrampoline);
  return {};
//@ end

//@ answer cpu-driver.9c
        cli
        cld
        xorw    %ax, %ax
        movw    %ax, %ds
        movl    $EFER_MSR, %ecx
        rdmsr
        orl     $(EFER_LME | EFER_NXE), %eax
        wrmsr
        movl    AT(trampoline_root), %eax
        movl    %eax, %cr3
        movl    $CR4_PAE, %eax
        movl    %eax, %cr4
        lgdtl   AT(gdt_pointer)
        movl    $(CR0_PG | CR0_WP | CR0_ET | CR0_PE), %eax
        movl    %eax, %cr0
        ljmpl   $CODE_SELECTOR, $AT(long_mode)
//@ end
