// acpi.cc — from a signature in the BIOS area to a list of processors, believing nothing on the way.

#include "boot/acpi.hh"

#include <cstring>

#include "memory/window.hh"

namespace sprat::boot {
namespace {

struct [[gnu::packed]] RootPointer {
  char signature[8];
  std::uint8_t checksum;
  char oem[6];
  std::uint8_t revision;  // 0: there are no fields behind `rsdt`
  std::uint32_t rsdt;
  std::uint32_t bytes;
  std::uint64_t xsdt;
  std::uint8_t extended_checksum;
  std::uint8_t reserved[3];
};
constexpr std::uint64_t kOldRootPointerBytes = 20;

struct [[gnu::packed]] TableHeader {
  char signature[4];
  std::uint32_t bytes;              // of all of it
  std::uint8_t revision, checksum;  // which makes the sum of all bytes zero
  char oem[6], oem_table[8];
  std::uint32_t oem_revision, creator, creator_revision;
};

struct [[gnu::packed]] InterruptTable {
  TableHeader header;
  std::uint32_t local_apic, flags;
};

// The rest of the MADT: entries of these kinds, and others that do not matter here.
enum class EntryKind : std::uint8_t {
  local_apic = 0,
  io_apic = 1,
  line_override = 2,
  local_apic_address = 5,
  local_x2apic = 9,
};

struct [[gnu::packed]] EntryHeader {
  EntryKind kind;
  std::uint8_t bytes;
};

struct [[gnu::packed]] LocalApicEntry {
  EntryHeader header;
  std::uint8_t processor, apic_id;
  std::uint32_t flags;
};

struct [[gnu::packed]] IoApicEntry {
  EntryHeader header;
  std::uint8_t id, reserved;
  std::uint32_t address, first_line;
};

struct [[gnu::packed]] LineOverrideEntry {
  EntryHeader header;
  std::uint8_t bus, line;  // bus 0: ISA
  std::uint32_t global_line;
  std::uint16_t flags;
};

struct [[gnu::packed]] LocalApicAddressEntry {
  EntryHeader header;
  std::uint16_t reserved;
  std::uint64_t address;
};

struct [[gnu::packed]] LocalX2ApicEntry {
  EntryHeader header;
  std::uint16_t reserved;
  std::uint32_t apic_id, flags, processor;
};
static_assert(sizeof(RootPointer) == 36 && sizeof(TableHeader) == 36 &&
              sizeof(InterruptTable) == 44 && sizeof(LocalApicEntry) == 8 &&
              sizeof(IoApicEntry) == 12 && sizeof(LineOverrideEntry) == 10 &&
              sizeof(LocalApicAddressEntry) == 12 && sizeof(LocalX2ApicEntry) == 16);

constexpr std::uint32_t kEnabled = 1;  // flags of both kinds of local APIC
constexpr std::uint32_t kNoApicId = 0xff, kNoX2ApicId = 0xffff'ffff;
constexpr unsigned kIsaLines = 16;

// No firmware's table is as large as this.
constexpr std::uint64_t kLargestTable = 1 << 20;

// A stretch of physical memory that has been found readable, and all that may be looked at.
using Bytes = std::span<const std::uint8_t>;
using Memory = std::span<const PhysicalRange>;

// The `bytes` at `address`; malformed unless all of them lie in one range.
Result<Bytes> find_bytes(Memory memory, std::uint64_t address, std::uint64_t bytes) {
  for (const PhysicalRange& range : memory) {
    if (!range.contains(PhysicalAddress(address))) continue;
    if (bytes > range.end - PhysicalAddress(address)) return Error::malformed;
    return Bytes(memory::window<const std::uint8_t>(PhysicalAddress(address)), bytes);
  }
  return Error::malformed;
}

// The T at the beginning of `bytes`; malformed if they are too few. Structures of the firmware lie at any address.
template <class T>
Result<T> read(Bytes bytes) {
  if (bytes.size() < sizeof(T)) return Error::malformed;
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

bool sum_is_zero(Bytes bytes) {
  std::uint8_t sum = 0;
  for (const std::uint8_t byte : bytes) sum = static_cast<std::uint8_t>(sum + byte);
  return sum == 0;
}

bool has_signature(Bytes table, std::string_view signature) {
  return std::memcmp(table.data(), signature.data(), signature.size()) == 0;
}

// The root pointer in [begin, begin + bytes), where it lies at a multiple of 16.
Result<RootPointer> search(Memory memory, std::uint64_t begin, std::uint64_t bytes) {
  constexpr std::string_view kSignature = "RSD PTR ";
  const auto area = find_bytes(memory, begin, bytes);
  if (!area) return Error::not_found;
  for (std::uint64_t at = 0; at + sizeof(RootPointer) <= bytes; at += 16) {
    const Bytes candidate = area.value().subspan(at);
    if (has_signature(candidate, kSignature) && sum_is_zero(candidate.first(kOldRootPointerBytes)))
      return read<RootPointer>(candidate);
  }
  return Error::not_found;
}

Result<RootPointer> find_root_pointer(Memory memory) {
  // In the BIOS data area: where the extended one is, divided by 16.
  constexpr std::uint64_t kExtendedDataSegment = 0x40e;
  constexpr std::uint64_t kBiosBegin = 0xe0000, kBiosEnd = 0x100000;
  if (const auto segment = find_bytes(memory, kExtendedDataSegment, sizeof(std::uint16_t))) {
    const std::uint64_t extended = TRY(read<std::uint16_t>(segment.value()));
    if (const auto found = search(memory, 16 * extended, 1024)) return found;
  }
  return search(memory, kBiosBegin, kBiosEnd - kBiosBegin);
}

// A whole table, its length and checksum verified.
Result<Bytes> read_table(Memory memory, std::uint64_t address) {
  const auto header = TRY(find_bytes(memory, address, sizeof(TableHeader)));
  const std::uint32_t bytes = TRY(read<TableHeader>(header)).bytes;
  if (bytes < sizeof(TableHeader) || bytes > kLargestTable) return Error::malformed;
  const auto table = find_bytes(memory, address, bytes);
  if (table && !sum_is_zero(table.value())) return Error::malformed;
  return table;
}

// Returns the table with `signature` from the list of the root table, an RSDT or XSDT of Pointers. Tables that lie
// where the kernel cannot read count as not found.
template <class Pointer>
Result<Bytes> find_listed(Memory memory, std::uint64_t root, std::string_view signature) {
  const auto table = TRY(read_table(memory, root));
  for (Bytes rest = table.subspan(sizeof(TableHeader)); rest.size() >= sizeof(Pointer);
       rest = rest.subspan(sizeof(Pointer))) {
    const std::uint64_t address = TRY(read<Pointer>(rest));
    const auto header = find_bytes(memory, address, sizeof(TableHeader));
    if (header && has_signature(header.value(), signature)) return read_table(memory, address);
  }
  return Error::not_found;
}

Result<Bytes> find_table(Memory memory, std::string_view signature) {
  const auto root = TRY(find_root_pointer(memory));
  if (root.revision >= 2 && root.xsdt != 0)
    return find_listed<std::uint64_t>(memory, root.xsdt, signature);
  return find_listed<std::uint32_t>(memory, root.rsdt, signature);
}

void add_processor(MachineDescription& machine, std::uint32_t apic_id, std::uint32_t flags) {
  const auto same = [&](const FirstProcess::Core& other) { return other.apic_id == apic_id; };
  if (std::ranges::any_of(machine.processors.items(), same)) return;
  // More than we have room for stay unused.
  static_cast<void>(machine.processors.append({apic_id, flags & kEnabled}));
}

// Lines 0 to 15 are ISA's and, without a word about them, arrive at the pin of their number, by a rising edge; the
// others are PCI's, level-triggered and active low.
x86::LineRoutes usual_routes() {
  x86::LineRoutes routes{};
  for (std::size_t line = 0; line < routes.size(); ++line) {
    const bool is_pci = line >= kIsaLines;
    routes[line] = {
        .pin = static_cast<std::uint8_t>(line), .level_triggered = is_pci, .active_low = is_pci};
  }
  return routes;
}

void redirect_line(const LineOverrideEntry& entry, MachineDescription& machine) {
  constexpr unsigned kActiveLow = 3, kLevelTriggered = 3;  // 0: as ISA has it, 1: the opposite
  if (entry.bus != 0 || entry.line >= kIsaLines || entry.global_line >= machine.lines.size())
    return;
  machine.lines[entry.line] = {.pin = static_cast<std::uint8_t>(entry.global_line),
                               .level_triggered = (entry.flags >> 2 & 3) == kLevelTriggered,
                               .active_low = (entry.flags & 3) == kActiveLow};
}

// Each kind of entry that matters changes the description.
Result<void> read_entry(Bytes entry, EntryKind kind, MachineDescription& machine) {
  switch (kind) {
    case EntryKind::local_apic: {
      const auto apic = TRY(read<LocalApicEntry>(entry));
      if (apic.apic_id != kNoApicId) add_processor(machine, apic.apic_id, apic.flags);
      break;
    }
    case EntryKind::local_x2apic: {
      const auto apic = TRY(read<LocalX2ApicEntry>(entry));
      if (apic.apic_id != kNoX2ApicId) add_processor(machine, apic.apic_id, apic.flags);
      break;
    }
    case EntryKind::io_apic: {
      const auto apic = TRY(read<IoApicEntry>(entry));
      if (apic.first_line == 0) machine.io_apic = PhysicalAddress(apic.address);
      break;
    }
    case EntryKind::line_override:
      redirect_line(TRY(read<LineOverrideEntry>(entry)), machine);
      break;
    case EntryKind::local_apic_address:
      machine.local_apic = PhysicalAddress(TRY(read<LocalApicAddressEntry>(entry)).address);
      break;
  }
  return {};
}

}  // namespace

FirmwareMemory firmware_memory(const BootInfo& info) {
  constexpr std::uint64_t kTablesEnd = std::uint64_t{1} << 32;
  FirmwareMemory memory;
  static_cast<void>(memory.append({PhysicalAddress(), info.memory_end()}));
  for (const memory::LoaderRange& range : info.memory.items()) {
    if (range.available || range.begin < info.memory_end().value() || range.begin >= kTablesEnd ||
        range.length > kTablesEnd - range.begin) {
      continue;
    }
    const PhysicalRange pages{
        PhysicalAddress(range.begin).round_down(kPageSize),
        PhysicalAddress(range.begin + range.length + kPageSize - 1).round_down(kPageSize)};
    static_cast<void>(memory.append(pages));
  }
  return memory;
}

Result<void> read_acpi(std::span<const PhysicalRange> readable, MachineDescription& machine) {
  const auto table = TRY(find_table(readable, "APIC"));
  machine = {};
  machine.local_apic = PhysicalAddress(TRY(read<InterruptTable>(table)).local_apic);
  machine.lines = usual_routes();

  for (Bytes rest = table.subspan(sizeof(InterruptTable)); !rest.empty();) {
    const auto header = TRY(read<EntryHeader>(rest));
    if (header.bytes < sizeof(EntryHeader) || header.bytes > rest.size()) return Error::malformed;
    TRY(read_entry(rest.first(header.bytes), header.kind, machine));
    rest = rest.subspan(header.bytes);
  }
  const bool is_aligned =
      machine.local_apic.is_aligned(kPageSize) && machine.io_apic.is_aligned(kPageSize);
  return is_aligned ? Result<void>() : Error::malformed;
}

}  // namespace sprat::boot
