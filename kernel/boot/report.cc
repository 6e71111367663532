// report.cc — prints a core's findings about the machine.

#include <algorithm>

#include "boot/steps.hh"
#include "debug/panic.hh"
#include "memory/window.hh"

namespace sprat::boot {
namespace {

using debug::print, debug::print_debug, debug::print_info;

// Words that some part of the kernel or a test in it looks for.
constexpr std::string_view kKnownKeys[] = {"log", "test", "seed", "nonce", "arg"};

void print_range(const char* what, PhysicalRange range) {
  print_info("  {} .. {}  {8} KiB  {}\n", range.begin, range.end, range.size() / 1024, what);
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
  using debug::Verbosity;
  if (const auto log = command_line.get("log")) {
    if (*log == "quiet") {
      debug::set_verbosity(Verbosity::quiet);
    } else if (*log == "debug") {
      debug::set_verbosity(Verbosity::debug);
    } else if (*log != "info") {
      print("command line: log={} is not a level; use log=quiet, log=info or log=debug\n", *log);
    }
  }
  command_line.for_each([](std::string_view key, std::string_view value) {
    if (std::ranges::find(kKnownKeys, key) != std::end(kKnownKeys)) return;
    print(
        "command line: unknown word {}={} (known: log=quiet|info|debug, test=NAME, seed=HEX, "
        "nonce=HEX, arg=TEXT)\n",
        key, value);
  });
}

void report(const BootInfo& info, const memory::MemoryMap& memory,
            const memory::ImageLayout& image) {
  if (debug::verbosity() == debug::Verbosity::quiet) return;  // the checksums take a while
  print_debug("command line: {}\n", info.command_line);
  print_info("image:\n");
  print_range("text      r-x", image.text);
  print_range("rodata    r--", image.rodata);
  print_range("data      rw-", image.data);
  print_range("guard     ---", image.guard);
  print_range("stack     rw-", image.stack);
  for (const memory::LoaderRange& range : info.memory.items()) {
    print_debug("  loader: {} + {x}  {}\n", PhysicalAddress(range.begin), range.length,
                range.available ? "available" : "not ours");
  }
  print_info("free memory: {} MiB\n", memory.total_bytes() >> 20);
  for (const PhysicalRange& region : memory.regions()) print_range("free", region);
  print_info("modules: {}\n", info.modules.items().size());
  for (const Module& module : info.modules.items()) {
    print_info("  {} .. {}  {8} bytes  adler32 {x}  {}\n", module.memory.begin, module.memory.end,
               module.memory.size(), checksum(module.memory), module.command_line);
  }
}

}  // namespace sprat::boot
