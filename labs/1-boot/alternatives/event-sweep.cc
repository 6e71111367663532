//@ says A new student's: registers from a table, recursion down the tables, a sorted sweep over events, a binary search by hand.

//@ answer boot.2a
        // The directory, from its last entry to its first.
        movl    $511, %ecx
        movl    $(511 << 21 | ENTRY_PS | ENTRY_W | ENTRY_P), %eax
fill_directory:
        movl    %eax, LOW(boot_pd)(,%ecx,8)
        subl    $(1 << 21), %eax
        decl    %ecx
        jns     fill_directory

        // The same GiB at 0, at the window (PML4 256, PDPT 0) and at the kernel base (PML4 511, PDPT 510).
        movl    $(LOW(boot_pd) + (ENTRY_W | ENTRY_P)), %eax
        movl    %eax, LOW(boot_low_pdpt) + 8 * 0
        movl    %eax, LOW(boot_high_pdpt) + 8 * 510
        movl    $(LOW(boot_low_pdpt) + (ENTRY_W | ENTRY_P)), %eax
        movl    %eax, LOW(boot_pml4) + 8 * 0
        movl    %eax, LOW(boot_pml4) + 8 * 256
        movl    $(LOW(boot_high_pdpt) + (ENTRY_W | ENTRY_P)), LOW(boot_pml4) + 8 * 511

        movl    %cr4, %eax
        orl     $CR4_PAE, %eax
        movl    %eax, %cr4
        movl    $LOW(boot_pml4), %eax
        movl    %eax, %cr3
        movl    $EFER_MSR, %ecx
        rdmsr
        orl     $(EFER_LME | EFER_NXE), %eax
        wrmsr
        lgdt    LOW(boot_gdt_pointer)
        movl    %cr0, %eax
        orl     $(CR0_PG | CR0_WP), %eax
        movl    %eax, %cr0
        ljmp    $CODE_SELECTOR, $LOW(long_mode_entry)
//@ end

//@ answer boot.1a
  struct Step {
    UartPort port;
    std::uint8_t value;
  };
  constexpr auto kEightBits = LineControl().with<line_control::word_length>(3);
  constexpr Step kSteps[] = {
      {UartPort::line_control, kEightBits.with<line_control::divisor_latch>().raw()},
      {UartPort::data, 1},              // divisor, low: 115,200 / 1
      {UartPort::interrupt_enable, 0},  // divisor, high
      {UartPort::line_control, kEightBits.raw()},
      {UartPort::interrupt_enable, 0},
      {UartPort::fifo_control, FifoControl()
                                   .with<fifo_control::enable>()
                                   .with<fifo_control::clear_receiver>()
                                   .with<fifo_control::clear_transmitter>()
                                   .raw()},
      {UartPort::modem_control,
       ModemControl().with<modem_control::terminal_ready>().with<modem_control::request_to_send>().raw()},
  };
  for (const Step& step : kSteps) write(step.port, step.value);
//@ end

//@ answer boot.1b
  for (;;) {
    const LineStatus status(read(UartPort::line_status));
    if (status.get<line_status::holding_empty>() != 0) break;
    pause();
  }
  write(UartPort::data, byte);
//@ end

//@ answer boot.2b
namespace {

using namespace x86;

// The rest of the range: it shrinks from the front, at each depth.
struct Job {
  VirtualAddress at;
  PhysicalRange left;
  PageEntry flags;  // of the entries that map
  unsigned largest_level;
  FrameReserve& reserve;

  bool done() const { return left.begin == left.end; }

  bool fits(unsigned level) const {
    const std::uint64_t size = entry_size(level);
    return level <= largest_level && at.is_aligned(size) && left.begin.is_aligned(size) && left.size() >= size;
  }

  void put_page(PageEntry& entry, unsigned level) {
    entry = PageEntry(flags.with<page_entry::large>(level > 1).raw() | left.begin.value());
    at = at + entry_size(level);
    left.begin = left.begin + entry_size(level);
  }
};

PageEntry flags_of(Permissions permissions) {
  return PageEntry()
      .with<page_entry::present>()
      .with<page_entry::writable>(permissions == Permissions::read_write)
      .with<page_entry::no_execute>(permissions != Permissions::read_execute);
}

// Fills entries of `table` until the job is done or the table ends, its sub-tables included.
Result<void> fill(Job& job, PhysicalAddress table, unsigned level) {
  PageTable& entries = *window<PageTable>(table);
  for (std::size_t i = entry_index(job.at, level); i < kEntriesPerTable && !job.done(); ++i) {
    PageEntry& entry = entries[i];
    const bool present = entry.get<page_entry::present>() != 0;
    if (level == 1 || job.fits(level)) {
      if (present) return Error::already_mapped;
      job.put_page(entry, level);
      continue;
    }
    if (!present) {
      const auto fresh = job.reserve.take();
      if (!fresh) return fresh.error();
      entry = PageEntry(fresh.value().value()).with<page_entry::present>().with<page_entry::writable>();
    } else if (entry.get<page_entry::large>() != 0) {
      return Error::already_mapped;
    }
    if (const auto below = fill(job, target_of(entry), level - 1); !below) return below;
  }
  return {};
}

}  // namespace
//@ end

//@ answer boot.2c
  if (!address.is_aligned(kPageSize) || !memory.begin.is_aligned(kPageSize) || !memory.end.is_aligned(kPageSize)) {
    return Error::misaligned;
  }
  Job job{address, memory, flags_of(permissions), largest_page_level_, reserve_};
  if (job.done()) return {};
  if (root_ == PhysicalAddress()) {
    const auto fresh = reserve_.take();
    if (!fresh) return fresh.error();
    root_ = fresh.value();
  }
  return fill(job, root_, kRootLevel);
//@ end

//@ answer boot.2d
  const auto window_at = [](PhysicalAddress p) { return kWindowBase + p.value(); };
  const auto kernel_at = [](PhysicalAddress p) { return kKernelBase + p.value(); };
  const PhysicalAddress bottom{};
  const struct {
    VirtualAddress at;
    PhysicalRange memory;
    Permissions permissions;
  } wanted[] = {
      {kernel_at(image.text.begin), image.text, Permissions::read_execute},
      {kernel_at(image.rodata.begin), image.rodata, Permissions::read},
      {kernel_at(image.data.begin), image.data, Permissions::read_write},
      {kernel_at(image.stack.begin), image.stack, Permissions::read_write},
      {window_at(bottom), {bottom, image.text.begin}, Permissions::read_write},
      {window_at(image.text.begin), image.text, Permissions::read},
      {window_at(image.text.end), {image.text.end, image.rodata.begin}, Permissions::read_write},
      {window_at(image.rodata.begin), image.rodata, Permissions::read},
      {window_at(image.rodata.end), {image.rodata.end, memory_end}, Permissions::read_write},
  };
  for (const auto& [at, memory, permissions] : wanted) {
    if (const auto mapped = space.map(at, memory, permissions); !mapped) return mapped;
  }
  return {};
//@ end

//@ answer boot.3a
namespace {

// Where a range begins or ends, in one word so that all of them are quickly sorted: the address, and below it, in the
// two lowest bits, which kind of range and whether it begins here.
class Events {
 public:
  static constexpr std::uint64_t kBegins = 1, kTaken = 2;

  // The bytes [begin, end) are available, or taken. Nothing is at kPhysicalEnd or above.
  bool add(std::uint64_t begin, std::uint64_t end, bool taken) {
    end = std::min(end, kPhysicalEnd.value());
    if (begin >= end) return true;
    if (count_ + 2 > events_.size()) return false;
    const std::uint64_t kind = taken ? kTaken : 0;
    events_[count_++] = begin << 2 | kind | kBegins;
    events_[count_++] = end << 2 | kind;
    return true;
  }

  std::span<const std::uint64_t> sorted() {
    std::sort(events_.data(), events_.data() + count_);
    return {events_.data(), count_};
  }

 private:
  std::array<std::uint64_t, 2 * (128 + 256 + 1)> events_;
  std::size_t count_ = 0;
};

}  // namespace
//@ end

//@ answer boot.3b
  Events events;
  bool room = events.add(0, kLowestFree.value(), true);
  for (const LoaderRange& r : loader) {
    const std::uint64_t most = ~std::uint64_t{0} - r.begin;
    room = events.add(r.begin, r.begin + std::min(r.length, most), !r.available) && room;
  }
  for (const PhysicalRange& r : reserved) room = events.add(r.begin.value(), r.end.value(), true) && room;
  if (!room) return Error::invalid_argument;

  MemoryMap map;
  int available = 0, taken = 0;  // ranges of each kind around the address we are at
  std::uint64_t free_since = 0;
  bool was_free = false;
  const auto all = events.sorted();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::uint64_t address = all[i] >> 2;
    ((all[i] & Events::kTaken) != 0 ? taken : available) += (all[i] & Events::kBegins) != 0 ? 1 : -1;
    if (i + 1 < all.size() && all[i + 1] >> 2 == address) continue;  // more happens at this address
    const bool is_free = available > 0 && taken == 0;
    if (is_free && !was_free) free_since = address;
    if (was_free && !is_free) {
      const PhysicalRange pages{PhysicalAddress(free_since + kPageSize - 1).round_down(kPageSize),
                                PhysicalAddress(address).round_down(kPageSize)};
      if (pages.begin < pages.end) {
        if (const auto added = map.append(pages); !added) return added.error();
      }
    }
    was_free = is_free;
  }
  return map;
//@ end

//@ answer boot.4a
namespace {

struct Frame {
  std::uint64_t caller;  // its frame
  std::uint64_t return_address;
};

const Frame* frame_at(std::uint64_t pointer, StackBounds stack) {
  const bool good = pointer % alignof(Frame) == 0 && pointer >= stack.begin && pointer <= stack.end &&
                    stack.end - pointer >= sizeof(Frame);
  return good ? reinterpret_cast<const Frame*>(pointer) : nullptr;
}

}  // namespace
//@ end

//@ answer boot.4b
  std::size_t found = 0;
  const Frame* frame = frame_at(frame_pointer, stack);
  while (frame != nullptr && found < addresses.size() && frame->return_address != 0) {
    addresses[found++] = frame->return_address;
    frame = frame->caller > reinterpret_cast<std::uint64_t>(frame) ? frame_at(frame->caller, stack) : nullptr;
  }
  return found;
//@ end

//@ answer boot.4c
  // How many symbols lie below the return address: of `window` symbols from `below` on it is not known yet.
  std::size_t below = 0, window = symbols.size();
  while (window > 0) {
    const std::size_t half = window / 2;
    if (symbols[below + half].address < return_address) {
      below += half + 1;
      window -= half + 1;
    } else {
      window = half;
    }
  }
  if (below == 0) return std::nullopt;
  const Symbol& symbol = symbols[below - 1];
  return Place{symbol.name, return_address - symbol.address};
//@ end
