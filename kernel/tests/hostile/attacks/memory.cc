// memory.cc — memory that belongs to the kernel or to no process, and page tables in forbidden places.

#include "attack.hh"

namespace sprat::hostile {
namespace {

void read_kernel() {
  for (const std::uint64_t address : kKernelAddresses) {
    auto* const word = reinterpret_cast<volatile std::uint64_t*>(address);
    EXPECT_EQ(kPageFault, trap_of([&] { static_cast<void>(*word); }));
    EXPECT_EQ(kPageFault, trap_of([&] { *word = 0; }));
  }
  for (const std::uint64_t address : kNoAddresses) {
    auto* const word = reinterpret_cast<volatile std::uint64_t*>(address);
    EXPECT_EQ(kProtection, trap_of([&] { static_cast<void>(*word); }));
  }
}

void jump_into_kernel() {
  for (const std::uint64_t address : kKernelAddresses)
    EXPECT_EQ(kPageFault, trap_of([&] { reinterpret_cast<void (*)()>(address)(); }));
  for (const std::uint64_t address : kNoAddresses) {
    const std::uint64_t trap = trap_of([&] { reinterpret_cast<void (*)()>(address)(); });
    EXPECT_EQ(true, trap == kProtection || trap == kPageFault);  // QEMU finds out when it fetches
  }
  // QEMU reads the stack as if the kernel did it, which SMAP forbids.
  for (const std::uint64_t trap :
       {trap_of([] { asm volatile("pushq $8; pushq $0; lretq"
                                  :
                                  :
                                  : "memory"); }), trap_of([] {
          asm volatile("pushq $16; pushq $0; pushq $2; pushq $8; pushq $0; iretq" : : : "memory");
        })})
    EXPECT_EQ(true, trap == kProtection || trap == kPageFault);
}

void write_code() {
  auto* const code = reinterpret_cast<volatile char*>(attempt);
  EXPECT_EQ(kPageFault, trap_of([&] { *code = 0; }));
  static constinit std::array<char, 1> data{char(0xc3)};
  EXPECT_EQ(kPageFault, trap_of([] { reinterpret_cast<void (*)()>(data.data())(); }));
}

void map_foreign() {
  map_last_page();
  const CapAddress table = own(42);
  EXPECT_ERROR(wrong_type, map(table, 1, kRam));
  EXPECT_ERROR(wrong_type, map(table, 1, own(TaskSlot::root)));
  EXPECT_ERROR(wrong_type, map(table, 1, own(TaskSlot::dispatcher)));
  EXPECT_ERROR(wrong_type, map(table, 1, own(kKernel)));
  EXPECT_ERROR(wrong_type, map(table, 1, own(kPorts)));
  EXPECT_ERROR(wrong_type, map(table, 1, own(TaskSlot::address_space)));
  EXPECT_ERROR(wrong_type, map(table, 1, own(200)));  // empty
  EXPECT_ERROR(no_rights, map(table, 1, own(kSecret), kWrite));
  EXPECT_ERROR(no_rights, map(table, 1, own(kSecret), kExecute));
  EXPECT_ERROR(in_use, map(table, 1, own(43)));
  for (const std::uint64_t entry : {std::uint64_t{255}, std::uint64_t{256}, std::uint64_t{511},
                                    std::uint64_t{512}, ~std::uint64_t{0}})
    EXPECT_ERROR(invalid_argument, map(own(TaskSlot::address_space), entry, own(40)));
  for (const std::uint64_t entry : {std::uint64_t{512}, std::uint64_t{1} << 32, ~std::uint64_t{0}})
    EXPECT_ERROR(invalid_argument, map(table, entry, own(kSecret)));
  EXPECT_EQ(kStatusOk, status(map(table, 1, own(kSecret))));
  auto* const secret = reinterpret_cast<volatile std::uint64_t*>(kLastPage - 510 * kPageSize);
  EXPECT_EQ(kNotTrapped, trap_of([&] { static_cast<void>(*secret); }));
  EXPECT_EQ(kPageFault, trap_of([&] { *secret = 0; }));
}

void map_tables_into_themselves() {
  map_last_page();
  const CapAddress root = own(TaskSlot::address_space);
  for (const CapAddress table : {own(40), own(41), own(42), root}) {
    EXPECT_ERROR(wrong_type, map(table, 3, table));
    EXPECT_ERROR(wrong_type, map(table, 3, root));
    EXPECT_ERROR(wrong_type, map(own(42), 3, table));
  }
  EXPECT_ERROR(wrong_type, map(own(41), 3, own(40)));
  EXPECT_ERROR(in_use, map(root, 3, own(40)));
  EXPECT_ERROR(in_use, map(own(41), 3, own(42)));
}

void use_after_unmap() {
  map_last_page();
  auto* const word = reinterpret_cast<volatile std::uint64_t*>(kLastPage);
  EXPECT_EQ(kNotTrapped, trap_of([&] { *word = 1; }));
  EXPECT_EQ(kStatusOk, status(invoke(own(42), Method::unmap, 511)));
  EXPECT_EQ(kPageFault, trap_of([&] { *word = 2; }));
  EXPECT_EQ(kStatusOk, status(map(own(42), 511, own(43), kWrite)));
  EXPECT_EQ(kNotTrapped, trap_of([&] { *word = 3; }));
  EXPECT_EQ(kStatusOk, status(invoke(kFreeNode, Method::remove, 40)));  // the table above
  EXPECT_EQ(kPageFault, trap_of([&] { *word = 4; }));
}

void retype_under_mapping() {
  map_last_page();
  auto* const word = reinterpret_cast<volatile std::uint64_t*>(kLastPage);
  EXPECT_EQ(kNotTrapped, trap_of([&] { *word = 5; }));
  const auto from_frame = [&](Type type) {
    return invoke(kFreeNode, Method::retype, 50, own(43).raw(), type, object_bits(type), 1);
  };
  for (const Type type :
       {Type::ram, Type::frame, Type::cnode, Type::page_table_1, Type::dispatcher, Type::endpoint})
    EXPECT_ERROR(wrong_type, from_frame(type));
  EXPECT_ERROR(out_of_memory,
               make(50, Type::ram, kProgramRamBits));  // all of it, while part of it is in use
  // The next object lies elsewhere.
  for (std::uint64_t slot = 50; slot < 60; ++slot)
    EXPECT_EQ(kStatusOk, status(make(slot, Type::cnode)));
  EXPECT_EQ(kNotTrapped, trap_of([&] {
              if (*word != 5) __builtin_trap();
            }));
  // Taken back with all that was made from it, it is seen no more.
  EXPECT_EQ(kStatusOk, status(invoke(CapAddress::in_root(kTaskNode), Method::revoke, kRam.slot())));
  EXPECT_EQ(kPageFault, trap_of([&] { *word = 6; }));
  EXPECT_EQ(0, describe(own(43)).type);
  EXPECT_EQ(0, describe(own(55)).type);
}

void retype_nonsense() {
  const auto retype = [](std::uint64_t first, CapAddress source, std::uint64_t type,
                         std::uint64_t bits, std::uint64_t count) {
    return invoke(kFreeNode, Method::retype, first, source.raw(), type, bits, count);
  };
  const auto frame = static_cast<std::uint64_t>(Type::frame);
  for (const std::uint64_t bits : {0ul, 1ul, 11ul, 63ul, 64ul, 65ul, 1ul << 32 | 12, ~0ul})
    EXPECT_EQ(true, !retype(40, kRam, frame, bits, 1));
  for (const std::uint64_t count : {0ul, 65ul, 256ul, 1ul << 32 | 1, 1ul << 52, ~0ul})
    EXPECT_EQ(true, !retype(40, kRam, frame, 12, count));
  for (const std::uint64_t first : {0ul, 255ul, 256ul, 1ul << 32 | 40, ~0ul})
    EXPECT_EQ(true, !retype(first, kRam, frame, 12, 2));
  for (const std::uint64_t type : {0ul, 1ul, 11ul, 12ul, 13ul, 14ul, 15ul, 16ul, 256 + frame, ~0ul})
    EXPECT_EQ(true, !retype(40, kRam, type, 12, 1));
  EXPECT_ERROR(invalid_argument, retype(40, kRam, static_cast<std::uint64_t>(Type::cnode), 12, 1));
  EXPECT_ERROR(wrong_type, retype(40, own(kKernel), frame, 12, 1));
  EXPECT_ERROR(wrong_type, retype(40, own(kSecret), frame, 12, 1));
  for (std::uint64_t slot = 40; slot < 256; ++slot) EXPECT_EQ(0, describe(own(slot)).type);
}

constexpr Attack kAttacks[] = {
    {"reads and writes the kernel's memory", read_kernel, kGoesOn},
    {"jumps into the kernel", jump_into_kernel, kGoesOn},
    {"writes to its code and executes its data", write_code, kGoesOn},
    {"maps objects of others, or at forbidden places", map_foreign, kGoesOn},
    {"maps page tables into themselves", map_tables_into_themselves, kGoesOn},
    {"uses a page after it was unmapped", use_after_unmap, kGoesOn},
    {"retypes memory under a mapping", retype_under_mapping, kGoesOn},
    {"retypes with numbers out of range", retype_nonsense, kGoesOn},
};

}  // namespace

std::span<const Attack> attacks_on_memory() { return kAttacks; }

}  // namespace sprat::hostile
