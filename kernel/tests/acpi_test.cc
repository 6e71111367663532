// acpi_test.cc — ACPI tables, true and mangled, in a physical memory that is an array (multiboot_test.cc has it).

#include "boot/acpi.hh"

#include <criterion/criterion.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "memory/window.hh"

using namespace sprat;

namespace {

// Puts ACPI tables into memory, byte by byte as the specification has them.
class Firmware {
 public:
  static constexpr std::uint64_t kExtendedArea = 0x9fc00, kBiosArea = 0xf1230;
  static constexpr std::uint64_t kRsdt = 0x200000, kXsdt = 0x200103, kOther = 0x201000,
                                 kMadt = 0x202001;
  static constexpr std::uint64_t kMemoryEnd = 0x210000;

  static std::uint8_t* at(std::uint64_t address) {
    return static_cast<std::uint8_t*>(memory::host_address(PhysicalAddress(address)));
  }
  template <class T>
  static void put(std::uint64_t address, T value) {
    std::memcpy(at(address), &value, sizeof(value));
  }
  static void put_sum(std::uint64_t address, std::uint64_t bytes, std::uint64_t sum_at) {
    *at(sum_at) = 0;
    std::uint8_t sum = 0;
    for (std::uint64_t i = 0; i < bytes; ++i)
      sum = static_cast<std::uint8_t>(sum + *at(address + i));
    *at(sum_at) = static_cast<std::uint8_t>(-sum);
  }

  static void put_root(std::uint64_t address, std::uint8_t revision) {
    std::memset(at(address), 0, 36);
    std::memcpy(at(address), "RSD PTR ", 8);
    put(address + 15, revision);
    put(address + 16, static_cast<std::uint32_t>(kRsdt));
    put(address + 20, std::uint32_t{36});
    put(address + 24, kXsdt);
    put_sum(address, 20, address + 8);
    put_sum(address, 36, address + 32);
  }
  static void put_table(std::uint64_t address, const char* signature,
                        const std::vector<std::uint8_t>& body) {
    std::memset(at(address), 0, 36);
    std::memcpy(at(address), signature, 4);
    put(address + 4, static_cast<std::uint32_t>(36 + body.size()));
    std::memcpy(at(address + 36), body.data(), body.size());
    put_sum(address, 36 + body.size(), address + 9);
  }

  // A list of pointers, as RSDT and XSDT have.
  template <class Pointer>
  static std::vector<std::uint8_t> pointers(const std::vector<std::uint64_t>& addresses) {
    std::vector<std::uint8_t> bytes(addresses.size() * sizeof(Pointer));
    for (std::size_t i = 0; i < addresses.size(); ++i) {
      const auto pointer = static_cast<Pointer>(addresses[i]);
      std::memcpy(bytes.data() + i * sizeof(Pointer), &pointer, sizeof(Pointer));
    }
    return bytes;
  }

  // Two processors, one more that is off, one by its x2APIC number, an I/O APIC, and IRQ 0 at pin 2, IRQ 9 by level.
  static std::vector<std::uint8_t> madt_body() {
    return {
        0, 0,  0xe0, 0xfe, 1,    0,    0,    0,                    // local APIC address, flags
        0, 8,  0,    7,    1,    0,    0,    0,                    // processor, APIC id 7
        0, 8,  1,    3,    0,    0,    0,    0,                    // APIC id 3, off
        1, 12, 0,    0,    0,    0,    0xc0, 0xfe, 0,    0, 0, 0,  // I/O APIC of lines from 0
        1, 12, 1,    0,    0,    0x10, 0xc0, 0xfe, 24,   0, 0, 0,  // and of lines from 24
        2, 10, 0,    0,    2,    0,    0,    0,    0,    0,        // IRQ 0 at 2
        2, 10, 0,    9,    9,    0,    0,    0,    0x0f, 0,        // IRQ 9 active low, level
        4, 6,  0xff, 0,    0,    1,                                // something else
        9, 16, 0,    0,    0x44, 0x33, 0,    0,    1,    0, 0, 0, 0, 0, 0, 0,  // x2APIC id 0x3344
        0, 8,  2,    7,    1,    0,    0,    0,  // APIC id 7 once more
    };
  }

  static void put_good_tables() {
    std::memset(at(0xe0000), 0, 0x20000);
    put(0x40e, std::uint16_t{0});
    put_root(kBiosArea, 2);
    put_table(kRsdt, "RSDT", pointers<std::uint32_t>({0xdeadbeef, kOther, kMadt}));
    put_table(kXsdt, "XSDT", pointers<std::uint64_t>({~std::uint64_t{0}, kOther, kMadt}));
    put_table(kOther, "FACP", std::vector<std::uint8_t>(100, 0x55));
    put_table(kMadt, "APIC", madt_body());
  }

  static Result<void> read(boot::MachineDescription& machine) {
    const PhysicalRange readable[] = {{PhysicalAddress(0), PhysicalAddress(0x100000)},
                                      {PhysicalAddress(kRsdt), PhysicalAddress(kMemoryEnd)}};
    return boot::read_acpi(readable, machine);
  }
  static std::string outcome() {
    boot::MachineDescription machine;
    const auto result = read(machine);
    return result ? "ok" : name_of(result.error());
  }

  // The result of reading when the MADT is `body`.
  static std::string with_madt(const std::vector<std::uint8_t>& body) {
    put_good_tables();
    put_table(kMadt, "APIC", body);
    return outcome();
  }
};

void expect_good(const boot::MachineDescription& machine) {
  const auto processors = machine.processors.items();
  cr_assert_eq(processors.size(), 3);
  cr_expect(processors[0].apic_id == 7 && processors[0].usable);
  cr_expect(processors[1].apic_id == 3 && !processors[1].usable);
  cr_expect(processors[2].apic_id == 0x3344 && processors[2].usable);
  cr_expect_eq(machine.local_apic.value(), 0xfee00000);
  cr_expect_eq(machine.io_apic.value(), 0xfec00000);
  cr_expect(machine.lines[0].pin == 2 && !machine.lines[0].level_triggered &&
            !machine.lines[0].active_low);
  cr_expect(machine.lines[4].pin == 4 && !machine.lines[4].level_triggered &&
            !machine.lines[4].active_low);
  cr_expect(machine.lines[9].pin == 9 && machine.lines[9].level_triggered &&
            machine.lines[9].active_low);
  cr_expect(machine.lines[20].pin == 20 && machine.lines[20].level_triggered);
}

}  // namespace

Test(acpi, reads_the_machine_by_the_xsdt) {
  Firmware::put_good_tables();
  Firmware::put(Firmware::kRsdt, std::uint64_t{0});
  boot::MachineDescription machine;
  cr_assert(Firmware::read(machine).ok());
  expect_good(machine);
}

Test(acpi, reads_the_machine_by_the_rsdt_of_old_firmware) {
  Firmware::put_good_tables();
  Firmware::put_root(Firmware::kBiosArea, 0);
  Firmware::put(Firmware::kXsdt, std::uint64_t{0});
  boot::MachineDescription machine;
  cr_assert(Firmware::read(machine).ok());
  expect_good(machine);
}

Test(acpi, finds_the_root_pointer_in_the_extended_bios_data_area) {
  Firmware::put_good_tables();
  std::memset(Firmware::at(Firmware::kBiosArea), 0, 36);
  cr_expect_eq(Firmware::outcome(), "not_found");
  Firmware::put(0x40e, static_cast<std::uint16_t>(Firmware::kExtendedArea / 16));
  Firmware::put_root(Firmware::kExtendedArea + 0x3d0, 2);
  cr_expect_eq(Firmware::outcome(), "ok");
  Firmware::put(0x40e,
                std::uint16_t{0xffff});  // an area that reaches beyond readable memory is no area
  cr_expect_eq(Firmware::outcome(), "not_found");
}

Test(acpi, local_apic_at_another_address_is_used) {
  auto body = Firmware::madt_body();
  body.insert(body.end(), {5, 12, 0, 0, 0, 0x10, 0, 0, 1, 0, 0, 0});
  cr_assert_eq(Firmware::with_madt(body), "ok");
  boot::MachineDescription machine;
  cr_assert(Firmware::read(machine).ok());
  cr_expect_eq(machine.local_apic.value(), 0x100001000);
}

Test(acpi, processors_beyond_the_capacity_are_left_out) {
  std::vector<std::uint8_t> body{0, 0, 0xe0, 0xfe, 1, 0, 0, 0};
  for (unsigned id = 0; id < 200; ++id)
    body.insert(body.end(), {0, 8, 0, static_cast<std::uint8_t>(id), 1, 0, 0, 0});
  cr_assert_eq(Firmware::with_madt(body), "ok");
  boot::MachineDescription machine;
  cr_assert(Firmware::read(machine).ok());
  cr_expect_eq(machine.processors.items().size(), kMaxCores);
  cr_expect_eq(machine.processors.items().back().apic_id, kMaxCores - 1);
}

Test(acpi, refuses_wrong_sums) {
  for (const std::uint64_t address :
       {Firmware::kXsdt + 40, Firmware::kMadt + 30, Firmware::kMadt + 60}) {
    Firmware::put_good_tables();
    ++*Firmware::at(address);
    cr_expect_eq(Firmware::outcome(), "malformed", "0x%lx", static_cast<unsigned long>(address));
  }
  Firmware::put_good_tables();
  ++*Firmware::at(Firmware::kBiosArea + 8);
  cr_expect_eq(Firmware::outcome(), "not_found", "a root pointer with a wrong sum is none");
}

Test(acpi, refuses_wrong_lengths) {
  const auto header = [](std::initializer_list<std::uint8_t> entries) {
    std::vector<std::uint8_t> body{0, 0, 0xe0, 0xfe, 1, 0, 0, 0};
    body.insert(body.end(), entries);
    return body;
  };
  cr_expect_eq(Firmware::with_madt(header({})), "ok");
  cr_expect_eq(Firmware::with_madt({0, 0, 0}), "malformed", "no room for the table's own fields");
  cr_expect_eq(Firmware::with_madt(header({0})), "malformed", "half an entry's header");
  cr_expect_eq(Firmware::with_madt(header({0, 0})), "malformed", "an entry of no length");
  cr_expect_eq(Firmware::with_madt(header({0, 1, 0})), "malformed", "shorter than its header");
  cr_expect_eq(Firmware::with_madt(header({0, 7, 0, 0, 1, 0, 0})), "malformed",
               "too short for its kind");
  cr_expect_eq(Firmware::with_madt(header({9, 8, 0, 0, 1, 0, 0, 0})), "malformed",
               "the same, x2APIC");
  cr_expect_eq(Firmware::with_madt(header({0, 9, 0, 0, 1, 0, 0, 0})), "malformed",
               "beyond the table");
  cr_expect_eq(Firmware::with_madt(header({77, 3, 0})), "ok", "unknown kinds are passed over");
  for (const std::uint32_t bytes : {0u, 35u, 43u, 1u << 20, 0xffffffffu}) {
    Firmware::put_good_tables();
    Firmware::put(Firmware::kMadt + 4, bytes);
    cr_expect_eq(Firmware::outcome(), "malformed", "a MADT of %u bytes", bytes);
  }
}

Test(acpi, refuses_addresses_outside_of_readable_memory) {
  Firmware::put_good_tables();
  Firmware::put(Firmware::kBiosArea + 24, std::uint64_t{0x100000});
  cr_expect_eq(Firmware::outcome(), "malformed", "an XSDT in a hole");
  Firmware::put(Firmware::kBiosArea + 24, Firmware::kMemoryEnd - 35);
  cr_expect_eq(Firmware::outcome(), "malformed", "an XSDT that ends outside");
  Firmware::put_good_tables();
  Firmware::put_table(Firmware::kXsdt, "XSDT",
                      Firmware::pointers<std::uint64_t>({Firmware::kOther, Firmware::kMemoryEnd}));
  cr_expect_eq(Firmware::outcome(), "not_found", "a table that cannot be seen is passed over");
  cr_expect_eq(Firmware::with_madt({0x10, 0, 0xe0, 0xfe, 1, 0, 0, 0}), "malformed",
               "registers that do not begin with a page");
}

Test(acpi, survives_any_tables) {
  std::random_device device;
  const auto seed = static_cast<std::uint64_t>(device()) << 32 | device();
  std::mt19937_64 random(seed);
  for (unsigned round = 0; round < 20'000; ++round) {
    Firmware::put_good_tables();
    const std::uint64_t tables[] = {Firmware::kBiosArea, Firmware::kXsdt, Firmware::kMadt};
    for (unsigned i = 0, count = 1 + static_cast<unsigned>(random() % 4); i < count; ++i)
      *Firmware::at(tables[random() % 3] + random() % 140) = static_cast<std::uint8_t>(random());
    Firmware::put_sum(Firmware::kBiosArea, 20, Firmware::kBiosArea + 8);
    for (const std::uint64_t table : {Firmware::kXsdt, Firmware::kMadt}) {
      std::uint32_t bytes;
      std::memcpy(&bytes, Firmware::at(table + 4), sizeof(bytes));
      if (bytes < 0x1000) Firmware::put_sum(table, bytes, table + 9);
    }
    boot::MachineDescription machine;
    const auto result = Firmware::read(machine);
    cr_assert(
        result.ok() || result.error() == Error::malformed || result.error() == Error::not_found,
        "seed %lu round %u", static_cast<unsigned long>(seed), round);
    cr_assert(machine.processors.items().size() <= 18,
              "seed %lu round %u: more than fit into the table", static_cast<unsigned long>(seed),
              round);
  }
}
