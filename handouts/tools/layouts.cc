// layouts.cc — prints the layouts of registers, tables and shared words as JSON, so that pictures are drawn
// from the very declarations that the code is compiled from.

#include <array>
#include <cstdio>
//@ since cpu-driver
#include <span>
//@ end

//@ since cpu-driver
#include "kernel/cap/slot.hh"
//@ end
#include "kernel/x86/cpu.hh"
#include "kernel/x86/descriptors.hh"
//@ since cpu-driver
#include "kernel/x86/local_apic.hh"
//@ end
#include "kernel/x86/page_table.hh"
#include "kernel/x86/uart.hh"
//@ since urpc
#include "urpc/sleep.hh"
//@ end

namespace {

const char* name_of(sprat::Access access) {
  switch (access) {
    case sprat::Access::read_write: return "read and write";
    case sprat::Access::read_only: return "read only";
    case sprat::Access::write_only: return "write only";
  }
  return "?";
}

template <class Word, std::size_t kCount>
void print_layout(const sprat::Layout<Word, kCount>& layout, const char* after) {
  std::printf("  \"%s\": {\"bits\": %zu, \"fields\": [\n", layout.name, 8 * sizeof(Word));
  for (std::size_t i = 0; i < kCount; ++i) {
    const sprat::Field& field = layout.fields[i];
    std::printf("    {\"name\": \"%s\", \"position\": %u, \"width\": %u, \"access\": \"%s\"}%s\n",
                field.name, field.position, field.width, name_of(field.access),
                i + 1 < kCount ? "," : "");
  }
  std::printf("  ]}%s\n", after);
}

//@ since cpu-driver
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
  std::puts("\n  ]},");
}
//@ end

}  // namespace

int main() {
  using namespace sprat::x86;
  std::puts("{");
  print_layout(line_control::layout, ",");
  print_layout(line_status::layout, ",");
  print_layout(fifo_control::layout, ",");
  print_layout(modem_control::layout, ",");
  print_layout(page_entry::layout, ",");
  print_layout(cr0::layout, ",");
  print_layout(cr4::layout, ",");
  print_layout(efer::layout, ",");
  //@ since cpu-driver
  for (std::size_t byte = 0; byte < sizeof(sprat::cap::Slot); byte += 16)
    print_bytes("slot", kSlot, byte, byte + 16);
  print_layout(local_vector::layout, ",");
  print_layout(command::layout, ",");
  //@ end
  //@ since urpc
  print_layout(sprat::urpc::control::layout, ",");
  print_layout(sprat::urpc::status::layout, ",");
  //@ end
  print_layout(segment::layout, ",");
  print_layout(gate::layout, "");
  std::puts("}");
}
