// main.cc — a table of contents: one step a line, from a processor in long mode to a kernel that knows its memory.

#include "boot/guest_test.hh"
#include "boot/steps.hh"
#include "sprat/region.hh"
#include "x86/io.hh"
//@ since cpu-driver
#include "x86/user_mode.hh"
//@ end

namespace sprat {
namespace {

constinit boot::BootInfo info{};

}  // namespace

// Called by entry.S with interrupts off, on the boot tables, with the physical address of the loader's information.
extern "C" [[noreturn]] void main(std::uint64_t loader_information) {
  // clang-format off
  debug::initialise_console();                         // from here on we can speak
  debug::print("Sprat: one kernel per core, nothing shared.\n");
  region_end<Region::boot_to_banner>();
  x86::initialise_traps();                             // and die legibly
  boot::read_loader(loader_information, info);         // memory, modules, command line
  const boot::CommandLine command_line(info.command_line);
  boot::apply(command_line);                           // log=..., and a word about words we do not know
  const auto image = memory::image_layout();
  boot::enter_address_space(info, image);              // W^X from here on
  const auto memory = boot::free_memory(info, image);  // without the image and the loader's data
  boot::report(info, memory, image);                   // tell the person at the terminal
  boot::test_memory(memory);                           // does it keep what is written?
  boot::run_guest_test({info, command_line, memory});  // graders ask questions here
  //@ since cpu-driver
  read_machine(info);                                  // other cores, interrupt lines
  initialise_interrupts();                             // the timer, and devices
  x86::initialise_fpu();                               // a processor for user code
  x86::initialise_system_calls();                      // the entry of SYSCALL
  run_first_process(info, memory);                     // the rest is up to the monitor
  //@ end
  // clang-format on
  debug::print_info("Nothing left to do.\n");
  debug::drain_console();
  x86::power_off(true);
}

}  // namespace sprat
