// cpu_driver.cc — a capability's slot, and registers of the local APIC.

#include <array>
#include <span>

#include "handouts/tools/layouts/layouts.hh"
#include "kernel/cap/slot.hh"
#include "kernel/x86/apic.hh"

namespace layouts {
namespace {

struct Member {
  const char* name;
  std::size_t offset, bytes;
};

#define MEMBER(structure, member) \
  Member { #member, offsetof(structure, member), sizeof(structure::member) }

constexpr std::array kSlot{
    MEMBER(sprat::cap::Slot, previous),   MEMBER(sprat::cap::Slot, next),
    MEMBER(sprat::cap::Slot, base),       MEMBER(sprat::cap::Slot, bytes),
    MEMBER(sprat::cap::Slot, words),      MEMBER(sprat::cap::Slot, first_entry),
    MEMBER(sprat::cap::Slot, emptied),    MEMBER(sprat::cap::Slot, type),
    MEMBER(sprat::cap::Slot, rights),     MEMBER(sprat::cap::Slot, is_original),
    MEMBER(sprat::cap::Slot, is_remote),  MEMBER(sprat::cap::Slot, is_part),
    MEMBER(sprat::cap::Slot, is_mapped),  MEMBER(sprat::cap::Slot, is_dying),
    MEMBER(sprat::cap::Slot, is_foreign),
};

// The members of a structure that lie in its bytes from `begin` to `end`, as if they were fields of a register.
void print_bytes(const char* name, std::span<const Member> members, std::size_t begin,
                 std::size_t end) {
  separate();
  std::printf("  \"%s, bytes %zu to %zu\": {\"bits\": %zu, \"fields\": [", name, begin, end - 1,
              8 * (end - begin));
  const char* before = "\n";
  for (const Member& member : members) {
    if (member.offset < begin || member.offset >= end) continue;
    std::printf(
        "%s    {\"name\": \"%s\", \"position\": %zu, \"width\": %zu, \"access\": \"read and "
        "write\"}",
        before, member.name, 8 * (member.offset - begin), 8 * member.bytes);
    before = ",\n";
  }
  std::printf("\n  ]}");
}

const Printer of_cpu_driver([] {
  for (std::size_t byte = 0; byte < sizeof(sprat::cap::Slot); byte += 16)
    print_bytes("slot", kSlot, byte, byte + 16);
  print(sprat::x86::local_vector::layout);
  print(sprat::x86::command::layout);
});

}  // namespace
}  // namespace layouts
