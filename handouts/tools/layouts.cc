// layouts.cc — prints the kernel's register and table layouts as JSON, so that pictures are drawn
// from the very declarations that the code is compiled from.

#include <array>
#include <cstdio>

#include "kernel/x86/cpu.hh"
#include "kernel/x86/descriptors.hh"
#include "kernel/x86/page_table.hh"
#include "kernel/x86/uart.hh"

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
  print_layout(segment::layout, ",");
  print_layout(gate::layout, "");
  std::puts("}");
}
