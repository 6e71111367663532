// steps.cc — from the loader's information to memory of the kernel's own, and a word about each step to the person at the terminal.

#include "boot/steps.hh"

//@ since cpu-driver
#include "boot/acpi.hh"
//@ end
#include "debug/panic.hh"
#include "memory/address_space.hh"
#include "memory/window.hh"
#include "x86/cpu.hh"

namespace sprat::boot {
namespace {

using debug::print, debug::print_info, debug::verbosity, debug::Verbosity;

// Words that some part of the kernel or a test in it looks for.
constexpr std::string_view kKnownKeys[] = {"log", "ram", "test", "seed", "nonce", "arg"};
constexpr std::string_view kLevels[] = {"quiet", "info", "debug"};  // of debug::Verbosity

void print_range(const char* what, PhysicalRange range) {
  print("  {} .. {}  {8} KiB  {}\n", range.begin, range.end, range.size() / 1024, what);
}

// Adler-32 (RFC 1950, section 9) of the module's bytes: shows that it arrived whole.
std::uint32_t checksum(PhysicalRange memory) {
  std::uint32_t a = 1, b = 0;
  const auto* bytes = memory::window<const std::uint8_t>(memory.begin);
  for (std::uint64_t i = 0; i < memory.size(); ++i) {
    a = (a + bytes[i]) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

// Sixteen frames map 512 GiB with 1 GiB pages, and 8 GiB on a processor that has only 2 MiB pages.
alignas(kPageSize) constinit std::array<x86::PageTable, 16> table_frames{};

constexpr unsigned kWordsOfPage = kPageSize / sizeof(std::uint64_t);

std::uint64_t pattern(std::uint64_t seed, PhysicalAddress address) {
  constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio: mixes well
  return (seed ^ address.value()) * kGolden;
}

template <class Visit>
void for_each_word(const memory::MemoryMap& map, unsigned words_per_page, Visit visit) {
  const std::uint64_t stride = kWordsOfPage / words_per_page * sizeof(std::uint64_t);
  for (const PhysicalRange& region : map.regions()) {
    for (PhysicalAddress page = region.begin; page < region.end; page = page + kPageSize) {
      for (unsigned word = 0; word < words_per_page; ++word) visit(page + word * stride);
    }
  }
}

}  // namespace

void read_loader(std::uint64_t address, BootInfo& info) {
  const auto read = read_multiboot(PhysicalAddress(address), info);
  if (read) return;
  debug::panic(
      "the loader's information at {x} cannot be used: {}; start the kernel by Multiboot 1, with a "
      "memory map",
      address, name_of(read.error()));
}

void apply(const CommandLine& command_line) {
  if (const auto log = command_line.get("log")) {
    const auto* const level = std::ranges::find(kLevels, *log);
    if (level == std::end(kLevels))
      print("command line: log={} is not a level; use log=quiet, log=info or log=debug\n", *log);
    else
      verbosity = static_cast<Verbosity>(level - kLevels);
  }
  command_line.for_each([](std::string_view key, std::string_view value) {
    if (std::ranges::find(kKnownKeys, key) != std::end(kKnownKeys)) return;
    print(
        "command line: unknown word {}={} (known: log=quiet|info|debug, ram=CORE:MIB,..., "
        "test=NAME, "
        "seed=HEX, nonce=HEX, arg=TEXT)\n",
        key, value);
  });
}

void enter_address_space(const BootInfo& info, const memory::ImageLayout& image) {
  const VirtualAddress frames(reinterpret_cast<std::uint64_t>(table_frames.data()));
  memory::FrameReserve reserve(table_frames, memory::physical_in_image(frames));
  memory::AddressSpace space(reserve, x86::largest_page_level());
  if (const auto mapped = memory::map_kernel(space, image, info.memory_end()); !mapped) {
    debug::panic("cannot map the kernel and {} of memory: {} ({} of {} table frames used)",
                 info.memory_end(), name_of(mapped.error()), reserve.taken(), table_frames.size());
  }
  //@ since cpu-driver
  const FirmwareMemory firmware = firmware_memory(info);
  for (const PhysicalRange& range : firmware.items().subspan(1)) {  // the first is in the window
    const VirtualAddress address = memory::kWindowBase + range.begin.value();
    const auto mapped = space.map(address, range, memory::Permissions::read);
    if (!mapped && mapped.error() != Error::already_mapped)
      debug::panic("cannot map the firmware's tables: {}", name_of(mapped.error()));
  }
  //@ end
  x86::write_cr3(space.root());
  x86::enable_protections();
}

memory::MemoryMap free_memory(const BootInfo& info, const memory::ImageLayout& image) {
  auto reserved = info.occupied;
  if (const auto added = reserved.append(image.whole()); !added) {
    debug::panic("the loader left more than {} structures; give it fewer modules",
                 reserved.items().size());
  }
  const auto map = memory::find_free_memory(info.memory.items(), reserved.items());
  if (map) return map.value();
  print("memory map: {}; going on without free memory\n", name_of(map.error()));
  return {};
}

void report(const BootInfo& info, const memory::MemoryMap& memory,
            const memory::ImageLayout& image) {
  if (verbosity == Verbosity::quiet) return;  // the checksums take a while
  const bool is_long = verbosity == Verbosity::debug;
  if (is_long) print("command line: {}\n", info.command_line);
  print("image:\n");
  print_range("text      r-x", image.text);
  print_range("rodata    r--", image.rodata);
  print_range("data      rw-", image.data);
  print_range("guard     ---", image.guard);
  print_range("stack     rw-", image.stack);
  for (const memory::LoaderRange& range : info.memory.items()) {
    if (!is_long) break;
    print("  loader: {} + {x}  {}\n", PhysicalAddress(range.begin), range.length,
          range.available ? "available" : "not ours");
  }
  print("free memory: {} MiB\n", memory.total_bytes() >> 20);
  for (const PhysicalRange& region : memory.regions()) print_range("free", region);
  print("modules: {}\n", info.modules.items().size());
  for (const Module& module : info.modules.items()) {
    print("  {} .. {}  {8} bytes  adler32 {x}  {}\n", module.memory.begin, module.memory.end,
          module.memory.size(), checksum(module.memory), module.command_line);
  }
}

MemoryTest write_and_read_back(const memory::MemoryMap& map, std::uint64_t seed,
                               unsigned words_per_page) {
  for_each_word(map, words_per_page, [&](PhysicalAddress address) {
    *memory::window<volatile std::uint64_t>(address) = pattern(seed, address);
  });
  MemoryTest result{.pages = map.total_bytes() / kPageSize};
  for_each_word(map, words_per_page, [&](PhysicalAddress address) {
    const std::uint64_t read = *memory::window<volatile std::uint64_t>(address);
    if (read == pattern(seed, address)) return;
    if (result.faults++ == 0) result.first_fault = {address, pattern(seed, address), read};
  });
  return result;
}

void test_memory(const memory::MemoryMap& memory) {
  constexpr std::uint64_t kSeed = 0x5eed;
  const auto result = write_and_read_back(memory, kSeed, 2);
  if (result.faults != 0) {
    debug::panic("memory at {} does not keep written values: wrote {x}, read {x} ({} such words)",
                 result.first_fault.address, result.first_fault.written, result.first_fault.read,
                 result.faults);
  }
  print_info("memory: {} pages written and read back\n", result.pages);
}

}  // namespace sprat::boot
