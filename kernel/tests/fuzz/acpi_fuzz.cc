// acpi_fuzz.cc — libFuzzer feeds read_acpi with a BIOS area (make fuzz). Memory is exactly the readable part, so that
// a look at anything else is an error.
//
// The input's first byte says which checksums are made right, so that the code behind them is reached; the rest is
// the BIOS area from its beginning.

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "boot/acpi.hh"
#include "memory/window.hh"

using namespace sprat;

namespace {

constexpr std::size_t kBiosArea = 0xe0000, kEnd = 0x100000;
constexpr std::size_t kRoot = kBiosArea, kList = kBiosArea + 0x40, kMadt = kBiosArea + 0x80;

std::vector<std::uint8_t> firmware(kEnd);

void put_sum(std::size_t begin, std::size_t bytes, std::size_t sum_at) {
  if (bytes > kEnd - begin) return;
  firmware[sum_at] = 0;
  std::uint8_t sum = 0;
  for (std::size_t i = 0; i < bytes; ++i)
    sum = static_cast<std::uint8_t>(sum + firmware[begin + i]);
  firmware[sum_at] = static_cast<std::uint8_t>(-sum);
}

void put_table_sum(std::size_t table) {
  std::uint32_t bytes;
  std::memcpy(&bytes, firmware.data() + table + 4, sizeof(bytes));
  put_sum(table, bytes, table + 9);
}

}  // namespace

void* sprat::memory::host_address(PhysicalAddress address) {
  if (address.value() >= kEnd) std::abort();
  return firmware.data() + address.value();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  if (bytes == 0 || bytes - 1 > kEnd - kBiosArea) return 0;
  const auto end = std::copy(data + 1, data + bytes, firmware.begin() + kBiosArea);
  std::fill(end, firmware.end(), std::uint8_t{0});
  if ((data[0] & 1) != 0) put_sum(kRoot, 20, kRoot + 8);
  if ((data[0] & 2) != 0) put_table_sum(kList);
  if ((data[0] & 4) != 0) put_table_sum(kMadt);

  const PhysicalRange readable[] = {{PhysicalAddress(0), PhysicalAddress(kEnd)}};
  boot::MachineDescription machine;
  if (!boot::read_acpi(readable, machine)) return 0;
  for (const x86::LineRoute& line : machine.lines) {
    if (line.pin >= machine.lines.size()) std::abort();
  }
  if (!machine.local_apic.is_aligned(kPageSize)) std::abort();
  return 0;
}
