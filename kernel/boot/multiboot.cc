// multiboot.cc — reading the Multiboot 1 information structure, which is not to be trusted.

#include "boot/boot_info.hh"
#include "memory/window.hh"

namespace sprat::boot {
namespace {

constexpr std::uint32_t kHasCommandLine = 1 << 2;
constexpr std::uint32_t kHasModules = 1 << 3;
constexpr std::uint32_t kHasMemoryMap = 1 << 6;
constexpr std::uint32_t kAvailable = 1;

struct [[gnu::packed]] Information {
  std::uint32_t flags;
  std::uint32_t lower_kib, upper_kib;
  std::uint32_t boot_device;
  std::uint32_t command_line;
  std::uint32_t module_count, modules;
  std::uint32_t symbols[4];
  std::uint32_t memory_map_bytes, memory_map;
};
static_assert(sizeof(Information) == 52);

struct [[gnu::packed]] ModuleEntry {
  std::uint32_t begin, end;
  std::uint32_t command_line;
  std::uint32_t reserved;
};
static_assert(sizeof(ModuleEntry) == 16);

struct [[gnu::packed]] MemoryEntry {
  std::uint32_t size;  // of the bytes behind this field
  std::uint64_t begin;
  std::uint64_t length;
  std::uint32_t kind;
};
static_assert(sizeof(MemoryEntry) == 24);

// Notes that the loader's bytes [begin, begin + bytes) are in use, if they are where we can read them.
Result<void> occupy(BootInfo& info, std::uint64_t begin, std::uint64_t bytes) {
  if (begin + bytes > kHugePageSize) return Error::malformed;
  return info.occupied.append({PhysicalAddress(begin), PhysicalAddress(begin + bytes)});
}

Result<std::string_view> read_string(BootInfo& info, std::uint32_t begin) {
  const char* text = memory::window<const char>(PhysicalAddress(begin));
  std::uint64_t length = 0;
  while (begin + length < kHugePageSize && text[length] != '\0') ++length;
  TRY(occupy(info, begin, length + 1));
  return std::string_view(text, length);
}

Result<void> read_modules(BootInfo& info, const Information& loader) {
  const auto bytes = std::uint64_t{loader.module_count} * sizeof(ModuleEntry);
  TRY(occupy(info, loader.modules, bytes));
  const auto* entries = memory::window<const ModuleEntry>(PhysicalAddress(loader.modules));
  for (const ModuleEntry& entry : std::span(entries, loader.module_count)) {
    if (entry.begin > entry.end) return Error::malformed;
    const auto command_line = TRY(read_string(info, entry.command_line));
    const PhysicalRange memory{PhysicalAddress(entry.begin), PhysicalAddress(entry.end)};
    TRY(info.modules.append({memory, command_line}));
    TRY(info.occupied.append(memory));
  }
  return {};
}

Result<void> read_memory_map(BootInfo& info, const Information& loader) {
  TRY(occupy(info, loader.memory_map, loader.memory_map_bytes));
  const std::uint64_t end = std::uint64_t{loader.memory_map} + loader.memory_map_bytes;
  std::uint64_t at = loader.memory_map;
  while (at < end) {
    if (end - at < sizeof(MemoryEntry)) return Error::malformed;
    const MemoryEntry entry = *memory::window<const MemoryEntry>(PhysicalAddress(at));
    if (entry.size < sizeof(MemoryEntry) - sizeof(entry.size)) return Error::malformed;
    const memory::LoaderRange range{entry.begin, entry.length, entry.kind == kAvailable};
    TRY(info.memory.append(range));
    at += sizeof(entry.size) + entry.size;
  }
  return {};
}

}  // namespace

PhysicalAddress BootInfo::memory_end() const {
  std::uint64_t end = memory::kLowestFree.value();
  for (const memory::LoaderRange& range : memory.items()) {
    if (!range.available || range.begin >= memory::kPhysicalEnd.value()) continue;
    end = std::max(
        end, range.begin + std::min(range.length, memory::kPhysicalEnd.value() - range.begin));
  }
  return PhysicalAddress(end + kPageSize - 1).round_down(kPageSize);
}

Result<void> read_multiboot(PhysicalAddress address, BootInfo& info) {
  TRY(occupy(info, address.value(), sizeof(Information)));
  const Information loader = *memory::window<const Information>(address);
  if ((loader.flags & kHasMemoryMap) == 0) return Error::not_found;
  if ((loader.flags & kHasCommandLine) != 0)
    info.command_line = TRY(read_string(info, loader.command_line));
  if ((loader.flags & kHasModules) != 0) TRY(read_modules(info, loader));
  return read_memory_map(info, loader);
}

}  // namespace sprat::boot
