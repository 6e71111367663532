// multiboot_test.cc — the loader's information structure, true and mangled, in a physical memory that is an array.

#include <criterion/criterion.h>
#include <sys/mman.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "boot/boot_info.hh"
#include "memory/window.hh"

using namespace sprat;

namespace {

// As large as the memory that the boot tables map; reading beyond it is a crash. The system gives out pages on use.
std::byte* loaded() {
  static std::byte* const bytes = [] {
    void* const mapped = mmap(nullptr, kHugePageSize + kPageSize, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    cr_assert(mapped != MAP_FAILED);
    auto* const begin = static_cast<std::byte*>(mapped);
    mprotect(begin + kHugePageSize, kPageSize, PROT_NONE);
    return begin;
  }();
  return bytes;
}

template <class T>
void put(std::uint64_t at, const T& value) {
  std::memcpy(loaded() + at, &value, sizeof(value));
}

void put_text(std::uint64_t at, const char* text) {
  std::memcpy(loaded() + at, text, std::strlen(text) + 1);
}

constexpr std::uint64_t kInformation = 0x9000, kMap = 0x9100, kModules = 0xa000, kStrings = 0x9400;

struct MapEntry {
  std::uint32_t size;
  std::uint32_t begin[2], length[2];
  std::uint32_t kind;
};

// Two ranges of memory, one module, a command line.
void put_good_information() {
  put(kInformation, std::uint32_t{1 << 2 | 1 << 3 | 1 << 6});
  put(kInformation + 16, static_cast<std::uint32_t>(kStrings));
  put(kInformation + 20, std::uint32_t{1});
  put(kInformation + 24, static_cast<std::uint32_t>(kModules));
  put(kInformation + 44, std::uint32_t{2 * sizeof(MapEntry)});
  put(kInformation + 48, static_cast<std::uint32_t>(kMap));
  put(kMap, MapEntry{20, {0, 0}, {0x9fc00, 0}, 1});
  put(kMap + sizeof(MapEntry), MapEntry{20, {0, 1}, {0x1000, 0}, 2});
  const std::uint32_t module[] = {0x200000, 0x200123, kStrings + 32, 0};
  put(kModules, module);
  put_text(kStrings, "sprat log=debug");
  put_text(kStrings + 32, "monitor one two");
}

}  // namespace

void* memory::host_address(PhysicalAddress address) { return loaded() + address.value(); }

Test(multiboot, reads_what_the_loader_left) {
  put_good_information();
  boot::BootInfo info;
  cr_assert(boot::read_multiboot(PhysicalAddress(kInformation), info).ok());
  cr_assert(info.command_line == "sprat log=debug");
  cr_assert_eq(info.memory.items().size(), 2);
  cr_assert_eq(info.memory.items()[1].begin, std::uint64_t{1} << 32);
  cr_assert(!info.memory.items()[1].available);
  cr_assert_eq(info.modules.items().size(), 1);
  cr_assert(info.modules.items()[0].name() == "monitor");
  cr_assert_eq(info.modules.items()[0].memory.size(), 0x123);
  cr_assert_eq(info.memory_end().value(), 0x100000, "memory up to 1 MiB is always there");
}

Test(multiboot, everything_it_points_to_is_occupied) {
  put_good_information();
  boot::BootInfo info;
  cr_assert(boot::read_multiboot(PhysicalAddress(kInformation), info).ok());
  for (const std::uint64_t address :
       {kInformation, kInformation + 51, kMap, kMap + 47, kModules, kStrings, kStrings + 15,
        kStrings + 32, kStrings + 44, std::uint64_t{0x200000}, std::uint64_t{0x200122}}) {
    bool occupied = false;
    for (const PhysicalRange& range : info.occupied.items())
      occupied |= range.contains(PhysicalAddress(address));
    cr_assert(occupied, "0x%lx", static_cast<unsigned long>(address));
  }
}

Test(multiboot, refuses_what_it_cannot_use) {
  const auto error_with = [](std::uint64_t at, std::uint32_t value) {
    put_good_information();
    put(at, value);
    boot::BootInfo info;
    const auto result = boot::read_multiboot(PhysicalAddress(kInformation), info);
    return result ? std::string("ok") : name_of(result.error());
  };
  cr_assert_eq(error_with(kInformation, 1 << 2), "not_found", "no memory map");
  cr_assert_eq(error_with(kInformation + 16, 0x40000000), "malformed",
               "command line beyond the first GiB");
  cr_assert_eq(error_with(kInformation + 20, 0x10000000), "malformed", "more modules than fit");
  cr_assert_eq(error_with(kInformation + 20, 200), "out_of_memory",
               "more modules than there is room for");
  cr_assert_eq(error_with(kInformation + 44, 2 * sizeof(MapEntry) - 1), "malformed",
               "half an entry");
  cr_assert_eq(error_with(kInformation + 48, 0xfffffff0), "malformed",
               "a map beyond the first GiB");
  cr_assert_eq(error_with(kMap, 4), "malformed", "an entry that is too short");
  cr_assert_eq(error_with(kMap, 0xffffffff), "ok", "an entry that is too long is the last");
  cr_assert_eq(error_with(kModules + 4, 0x100000), "malformed",
               "a module that ends before it begins");
}

Test(multiboot, survives_any_information) {
  std::random_device device;
  const auto seed = static_cast<std::uint64_t>(device()) << 32 | device();
  std::mt19937_64 random(seed);
  for (unsigned round = 0; round < 20'000; ++round) {
    put_good_information();
    for (unsigned i = 0, count = 1 + static_cast<unsigned>(random() % 4); i < count; ++i) {
      const std::uint64_t at =
          kInformation +
          (random() % 2 ? random() % 0x500 : kModules - kInformation + random() % 64) / 4 * 4;
      const std::uint32_t values[] = {
          0, 1, 20, 0x3fffffff, 0x40000000, 0xffffffff, static_cast<std::uint32_t>(random())};
      put(at, values[random() % std::size(values)]);
    }
    boot::BootInfo info;
    const auto result = boot::read_multiboot(PhysicalAddress(kInformation), info);
    cr_assert(result.ok() || result.error() != Error::not_implemented, "seed %lu round %u",
              static_cast<unsigned long>(seed), round);
    if (info.command_line.size() > 4096)
      continue;  // a text that ran through memory was read to its end
    for (const auto& module : info.modules.items())
      cr_assert(module.name().size() <= module.command_line.size());
  }
}
