// machine.cc — memory, dispatchers and a processor, as far as capabilities can tell.

#include "tests/cap/machine.hh"

#include <algorithm>
#include <bit>

#include "memory/window.hh"
#include "x86/page_table.hh"

namespace sprat::test {
namespace {

std::vector<Translation> remembered;
constexpr std::size_t kMostRemembered = 24;

}  // namespace

std::byte* first_byte() {
  alignas(kPageSize) static std::byte bytes[kMemoryBytes];
  return bytes;
}

PhysicalAddress physical(const void* pointer) {
  return PhysicalAddress(static_cast<const std::byte*>(pointer) - first_byte());
}

Dispatcher& dispatcher_at(std::uint64_t base) {
  return *memory::window<Dispatcher>(PhysicalAddress(base));
}

Calls& calls() {
  static Calls all;
  return all;
}

std::uint64_t walk(PhysicalAddress root, VirtualAddress address) {
  for (unsigned level = x86::kRootLevel; root.value() < kMemoryBytes; --level) {
    const std::uint64_t entry =
        memory::window<cap::TableObject>(root)->entries[x86::entry_index(address, level)];
    const bool is_large = (entry & 0x80) != 0;
    if ((entry & 1) == 0 || is_large || level == 1) return entry;
    root = PhysicalAddress(entry & 0x000f'ffff'ffff'f000);
  }
  return 0;
}

void touch(PhysicalAddress root, VirtualAddress address) {
  const std::uint64_t entry = walk(root, address);
  if ((entry & 1) == 0) return;
  if (remembered.size() == kMostRemembered) remembered.erase(remembered.begin());
  remembered.push_back({root, address, entry});
}

const Translation* stale_translation() {
  for (const Translation& translation : remembered) {
    if (walk(translation.root, translation.address) != translation.entry) return &translation;
  }
  return nullptr;
}

void make_root(cap::Slot& slot, Type type, std::uint64_t base, std::uint64_t bytes) {
  slot.type = type;
  slot.base = base;
  slot.bytes = bytes;
  slot.rights = kAllRights;
  slot.is_original = true;
  cap::insert_behind(nullptr, slot);
}

}  // namespace sprat::test

namespace sprat {

void* memory::host_address(PhysicalAddress address) { return test::first_byte() + address.value(); }

namespace cap {

void dispatcher_made(const Slot& slot) { ++test::dispatcher_at(slot.base).made; }

void dispatcher_lost_part(const Slot& slot) {
  const std::uint64_t base =
      test::physical(&slot).round_down(std::uint64_t{1} << object_bits(Type::dispatcher)).value();
  ++test::dispatcher_at(base).lost_parts;
  test::calls().lost.push_back(&slot);
}

void dispatcher_died(const Slot& slot) {
  ++test::dispatcher_at(slot.base).died;
  test::calls().died.push_back(slot.base);
}

void foreign_frame_ended(const Slot&) {}

void foreign_frame_is_lonely(const Slot& anchor) { test::calls().lonely.push_back(anchor.base); }

Slot& dispatcher_own_slot(const Slot& dispatcher) {
  return test::dispatcher_at(dispatcher.base).own;
}

Slot* dispatcher_parts(const Slot& dispatcher) {
  return test::dispatcher_at(dispatcher.base).parts.data();
}

void forget_translations(PhysicalAddress root, VirtualAddress address, std::uint64_t bytes) {
  test::calls().forgotten.push_back({root, address, bytes});
  std::erase_if(test::remembered, [&](const test::Translation& translation) {
    return translation.root == root && translation.address >= address &&
           translation.address < address + bytes;
  });
}

void leave_address_space(PhysicalAddress root) {
  test::calls().left.push_back(root);
  std::erase_if(test::remembered,
                [&](const test::Translation& translation) { return translation.root == root; });
}

void make_kernel_half(TableObject& root) { root.entries[256] = test::kKernelHalf; }

}  // namespace cap
}  // namespace sprat
