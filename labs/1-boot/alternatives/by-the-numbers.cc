//@ says Registers as plain numbers, a wait for the whole transmitter, recursion down the tables, a linear search.

//@ answer boot.1a
  static constexpr struct {
    std::uint8_t port, value;
  } kSteps[] = {{3, 0x80}, {0, 1}, {1, 0}, {3, 0x03}, {1, 0}, {2, 0xc7}, {4, 0x0b}};
  for (const auto& step : kSteps) write(static_cast<UartPort>(step.port), step.value);
//@ end

//@ answer boot.1b
  for (;;) {
    const unsigned status = read(UartPort::line_status);
    if ((status & 0x60) == 0x60) break;
  }
  write(UartPort::data, byte);
//@ end

//@ answer boot.2b
static Result<void> fill(FrameReserve& reserve, PhysicalAddress table, unsigned level, unsigned largest, VirtualAddress& at,
                         PhysicalRange& memory, std::uint64_t bits) {
  const std::uint64_t span = x86::entry_size(level);
  for (std::size_t index = x86::entry_index(at, level); index < 512 && memory.size() > 0; ++index) {
    auto& entry = (*window<PageTable>(table))[index];
    const bool present = (entry.raw() & 1) != 0;
    const bool fits = level <= largest && at.is_aligned(span) && memory.begin.is_aligned(span) && memory.size() >= span;
    if (fits) {
      if (present) return Error::already_mapped;
      entry = PageEntry(memory.begin.value() | bits | (level > 1 ? 0x80 : 0));
      at = at + span;
      memory.begin = memory.begin + span;
      continue;
    }
    if (!present) {
      const auto frame = reserve.take();
      if (!frame) return frame.error();
      entry = PageEntry(frame.value().value() | 3);
    } else if ((entry.raw() & 0x80) != 0) {
      return Error::already_mapped;
    }
    const auto next = x86::target_of(entry);
    if (const auto filled = fill(reserve, next, level - 1, largest, at, memory, bits); !filled) return filled;
  }
  return {};
}
//@ end

//@ answer boot.2c
  if (((address.value() | memory.begin.value() | memory.end.value()) & 0xfff) != 0) return Error::misaligned;
  if (memory.size() == 0) return {};
  if (root_.value() == 0) {
    auto frame = reserve_.take();
    if (!frame.ok()) return frame.error();
    root_ = frame.value();
  }
  std::uint64_t bits = 1;
  if (permissions == Permissions::read_write) bits |= 2;
  if (permissions != Permissions::read_execute) bits |= std::uint64_t{1} << 63;
  return fill(reserve_, root_, 4, largest_page_level_, address, memory, bits);
//@ end

//@ answer boot.2d
  const auto at = [](VirtualAddress base, PhysicalRange range) { return base + range.begin.value(); };
  const PhysicalRange below{PhysicalAddress(0), image.text.begin};
  const PhysicalRange constant{image.text.begin, image.rodata.end};
  const PhysicalRange above{image.rodata.end, memory_end};
  auto result = space.map(at(kWindowBase, above), above, Permissions::read_write);
  if (result) result = space.map(at(kWindowBase, constant), constant, Permissions::read);
  if (result) result = space.map(at(kWindowBase, below), below, Permissions::read_write);
  if (result) result = space.map(at(kKernelBase, image.stack), image.stack, Permissions::read_write);
  if (result) result = space.map(at(kKernelBase, image.data), image.data, Permissions::read_write);
  if (result) result = space.map(at(kKernelBase, image.rodata), image.rodata, Permissions::read);
  if (result) result = space.map(at(kKernelBase, image.text), image.text, Permissions::read_execute);
  return result;
//@ end

//@ answer boot.4b
  std::size_t found = 0;
  for (std::uint64_t last = 0; found < addresses.size(); ++found) {
    const bool plausible = frame_pointer > last && (frame_pointer & 7) == 0 && frame_pointer >= stack.begin &&
                           frame_pointer < stack.end && stack.end - frame_pointer >= 16;
    if (!plausible) break;
    const auto* words = reinterpret_cast<const std::uint64_t*>(frame_pointer);
    if (words[1] == 0) break;
    addresses[found] = words[1];
    last = frame_pointer;
    frame_pointer = words[0];
  }
  return found;
//@ end

//@ answer boot.4c
  const Symbol* best = nullptr;
  for (const Symbol& symbol : symbols) {
    if (symbol.address < return_address) best = &symbol;
  }
  if (best == nullptr) return std::nullopt;
  return Place{best->name, return_address - best->address};
//@ end

//@ answer boot.3b
  // A list of free ranges: first everything that is available, then minus everything that is not.
  std::array<PhysicalRange, 600> free;
  std::size_t count = 0;
  const auto clamp = [](std::uint64_t begin, std::uint64_t length) {
    const std::uint64_t limit = kPhysicalEnd.value();
    if (begin >= limit) return limit;
    return length > limit - begin ? limit : begin + length;
  };
  for (const LoaderRange& range : loader) {
    if (!range.available || range.length == 0 || range.begin >= kPhysicalEnd.value()) continue;
    PhysicalRange merged{PhysicalAddress(range.begin), PhysicalAddress(clamp(range.begin, range.length))};
    for (std::size_t i = 0; i < count;) {
      if (free[i].begin <= merged.end && merged.begin <= free[i].end) {
        merged.begin = std::min(merged.begin, free[i].begin);
        merged.end = std::max(merged.end, free[i].end);
        free[i] = free[--count];
        i = 0;
      } else {
        ++i;
      }
    }
    free[count++] = merged;
  }
  const auto subtract = [&](PhysicalAddress begin, PhysicalAddress end) {
    if (begin >= end) return;
    for (std::size_t i = 0, before = count; i < before; ++i) {
      const PhysicalRange whole = free[i];
      if (whole.end <= begin || end <= whole.begin) continue;
      free[i] = {whole.begin, std::max(whole.begin, begin)};
      if (end < whole.end) free[count++] = {end, whole.end};
    }
  };
  subtract(PhysicalAddress(0), kLowestFree);
  for (const LoaderRange& range : loader) {
    if (range.available || range.begin >= kPhysicalEnd.value()) continue;
    subtract(PhysicalAddress(range.begin), PhysicalAddress(clamp(range.begin, range.length)));
  }
  for (const PhysicalRange& range : reserved) subtract(range.begin, range.end);
  std::sort(free.begin(), free.begin() + static_cast<std::ptrdiff_t>(count),
            [](const PhysicalRange& a, const PhysicalRange& b) { return a.begin < b.begin; });
  MemoryMap map;
  for (std::size_t i = 0; i < count; ++i) {
    const auto first = PhysicalAddress(free[i].begin.value() + kPageSize - 1).round_down(kPageSize);
    const auto last = free[i].end.round_down(kPageSize);
    if (first >= last) continue;
    if (const auto appended = map.append({first, last}); !appended) return appended.error();
  }
  return map;
//@ end

//@ answer boot.2a
        // From the top: the page directory backwards, then the tables above it.
        movl    $512, %ecx
1:      decl    %ecx
        movl    %ecx, %eax
        shll    $21, %eax
        orl     $0x83, %eax
        movl    %eax, LOW(boot_pd)(, %ecx, 8)
        testl   %ecx, %ecx
        jnz     1b
        movl    $LOW(boot_pd), %eax
        orl     $3, %eax
        movl    %eax, LOW(boot_low_pdpt)
        movl    %eax, LOW(boot_high_pdpt) + 510*8
        movl    $LOW(boot_low_pdpt), %eax
        orl     $3, %eax
        movl    %eax, LOW(boot_pml4)
        movl    %eax, LOW(boot_pml4) + 256*8
        movl    $LOW(boot_high_pdpt), %eax
        orl     $3, %eax
        movl    %eax, LOW(boot_pml4) + 511*8
        lgdt    LOW(boot_gdt_pointer)
        movl    $0xc0000080, %ecx
        rdmsr
        btsl    $8, %eax
        btsl    $11, %eax
        wrmsr
        movl    $LOW(boot_pml4), %eax
        movl    %eax, %cr3
        movl    %cr4, %eax
        btsl    $5, %eax
        movl    %eax, %cr4
        movl    %cr0, %eax
        btsl    $16, %eax
        btsl    $31, %eax
        movl    %eax, %cr0
        pushl   $8
        pushl   $LOW(long_mode_entry)
        lretl
//@ end
