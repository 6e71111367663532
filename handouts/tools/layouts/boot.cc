// boot.cc — registers and tables of lab 1.

#include "handouts/tools/layouts/layouts.hh"
#include "kernel/x86/cpu.hh"
#include "kernel/x86/page_table.hh"
#include "kernel/x86/traps.hh"
#include "kernel/x86/uart.hh"

namespace layouts {
namespace {

const Printer of_boot([] {
  using namespace sprat::x86;
  print(line_control::layout);
  print(line_status::layout);
  print(fifo_control::layout);
  print(modem_control::layout);
  print(page_entry::layout);
  print(cr0::layout);
  print(cr4::layout);
  print(efer::layout);
  print(segment::layout);
  print(gate::layout);
});

}  // namespace
}  // namespace layouts
