//@ says Leaves the kernel by IRETQ only; saves into whichever area it is; loads the other core's pieces in another order.

//@ answer cpu-driver.5d
        // As SYSRETQ would leave them.
        movq    user_registers + REGISTERS_RIP, %rcx
        movq    %rcx, user_registers + REGISTERS_RCX
        movq    user_registers + REGISTERS_RFLAGS, %rcx
        movq    %rcx, user_registers + REGISTERS_R11
        jmp     leave_kernel
//@ end

//@ answer cpu-driver.6a
  SharedFrame& shared = *dispatcher.frame;
  const bool disabled = is_disabled(dispatcher, frame.rip);
  SharedRegisters& area = disabled ? shared.disabled : shared.enabled;
  area.store(frame);
  if (!disabled) shared.was_interrupted = 1;
  dispatcher.resumes_in_place = disabled;
//@ end

//@ answer cpu-driver.9a
  const memory::ImageLayout ours = memory::image_layout();
  const PhysicalRange text = copy_of(ours.text), rodata = copy_of(ours.rodata);
  const PhysicalRange data = copy_of(ours.data), stack = copy_of(ours.stack);
  const std::uint64_t bytes = address_of(loaded_end) - address_of(rodata_end);
  const PhysicalRange constant{text.begin, rodata.end};
  const PhysicalRange values{data.begin, data.begin + bytes};
  const PhysicalRange values_of_next{values.end, values.end + bytes};
  const auto at_image = [&](PhysicalRange part) {
    return address_of(text_begin) + (part.begin - handover_.image);
  };
  const auto map_in_window = [](PhysicalRange part, memory::Permissions permissions) {
    return Piece{Action::map, part, memory::kWindowBase + part.begin.value(), permissions};
  };
  const auto map_where_it_is = [](std::uint64_t page, memory::Permissions permissions) {
    return Piece{Action::map, page_at(page), VirtualAddress(page), permissions};
  };
  pieces_ = {{
      {Action::zero, {values_of_next.end, handover_.free.begin}, {}},
      map_where_it_is(SPRAT_HANDSHAKE, memory::Permissions::read_write),
      map_where_it_is(SPRAT_TRAMPOLINE, memory::Permissions::read_execute),
      map_in_window({rodata.end, ram.end}, memory::Permissions::read_write),
      map_in_window(constant, memory::Permissions::read),
      map_in_window({ram.begin, text.begin}, memory::Permissions::read_write),
      {Action::map, stack, at_image(stack), memory::Permissions::read_write},
      {Action::map, data, at_image(data), memory::Permissions::read_write},
      {Action::map, rodata, at_image(rodata), memory::Permissions::read},
      {Action::map, text, at_image(text), memory::Permissions::read_execute},
      {Action::copy, values_of_next, address_of(pristine_data)},
      {Action::copy, values, address_of(pristine_data)},
      {Action::copy, constant, address_of(text_begin)},
      {Action::hand_over, {}, {}},
      {Action::drop, ram, memory::kWindowBase + ram.begin.value()},
  }};
//@ end
