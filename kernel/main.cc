// main.cc — a table of contents: one step a line, from a processor in long mode to a kernel that knows its memory.

#include "boot/boot_info.hh"
#include "boot/command_line.hh"
#include "memory/address_space.hh"
#include "memory/memory_map.hh"
#include "memory/memory_test.hh"
//@ since cpu-driver
#include "boot/acpi.hh"
#include "boot/core_start.hh"
#include "boot/firmware_memory.hh"
#include "memory/kernel_tables.hh"
//@ end
#include "boot/guest_test.hh"
#include "boot/report.hh"
#include "debug/console.hh"
#include "debug/panic.hh"
//@ since cpu-driver
#include "dispatch/address_spaces.hh"
#include "dispatch/first_process.hh"
#include "dispatch/scheduler.hh"
//@ end
#include "sprat/region.hh"
#include "x86/cpu.hh"
//@ since cpu-driver
#include "x86/fpu.hh"
#include "x86/io_apic.hh"
#include "x86/legacy_pic.hh"
#include "x86/local_apic.hh"
//@ end
#include "x86/power.hh"
#include "x86/traps.hh"
//@ since cpu-driver
#include "x86/user_mode.hh"
//@ end

namespace sprat {
namespace {

constinit boot::BootInfo info{};
//@ since cpu-driver
constinit boot::MachineDescription machine{};
constinit x86::TimerRates timer_rates{};
//@ end

// Sixteen frames map 512 GiB with 1 GiB pages, and 8 GiB on a processor that has only 2 MiB pages.
alignas(kPageSize) constinit std::array<x86::PageTable, 16> table_frames{};

// Leaves the boot tables for tables in which every part of the image has its own permissions.
void enter_address_space(const memory::ImageLayout& image) {
  const VirtualAddress frames(reinterpret_cast<std::uint64_t>(table_frames.data()));
  memory::FrameReserve reserve(table_frames, PhysicalAddress(frames - memory::kKernelBase));
  memory::AddressSpace space(reserve, x86::largest_page_level());
  if (const auto mapped = memory::map_kernel(space, image, info.memory_end()); !mapped) {
    debug::panic("cannot map the kernel and {} of memory: {} ({} of {} table frames used)",
                 info.memory_end(), name_of(mapped.error()), reserve.taken(), table_frames.size());
  }
  //@ since cpu-driver
  if (const auto mapped = boot::map_firmware(space, boot::firmware_memory(info)); !mapped)
    debug::panic("cannot map the firmware's tables: {}", name_of(mapped.error()));
  //@ end
  x86::write_cr3(space.root());
  x86::enable_protections();
}

// The memory map without the image and without the loader's structures.
memory::MemoryMap free_memory(const memory::ImageLayout& image) {
  auto reserved = info.occupied;
  if (const auto added = reserved.append(image.whole()); !added) {
    debug::panic("the loader left more than {} structures; give it fewer modules",
                 reserved.items().size());
  }
  const auto map = memory::find_free_memory(info.memory.items(), reserved.items());
  if (map) return map.value();
  debug::print("memory map: {}; going on without free memory\n", name_of(map.error()));
  return {};
}

void test_memory(const memory::MemoryMap& memory) {
  constexpr std::uint64_t kSeed = 0x5eed;
  const auto result = memory::test_memory(memory, kSeed, 2);
  if (result.faults != 0) {
    debug::panic("memory at {} does not keep written values: wrote {x}, read {x} ({} such words)",
                 result.first_fault.address, result.first_fault.written, result.first_fault.read,
                 result.faults);
  }
  debug::print_info("memory: {} pages written and read back\n", result.pages);
}

// Runs the test that the command line names, if it names one.
void run_guest_test(const boot::CommandLine& command_line, const memory::MemoryMap& memory) {
  const auto wanted = command_line.get("test");
  if (!wanted) return;
  for (const boot::GuestTest& test : boot::guest_tests()) {
    if (test.name == *wanted) return test.run({info, command_line, memory});
  }
  debug::panic("this image has no test named {}; {} are linked in", *wanted,
               boot::guest_tests().size());
}

//@ since cpu-driver
// The files that the loader left for us, which take whole pages.
BoundedList<dispatch::ModuleSource, kMaxModules> module_sources() {
  BoundedList<dispatch::ModuleSource, kMaxModules> sources;
  for (const boot::Module& module : info.modules.items()) {
    const bool is_usable = module.memory.begin.is_aligned(kPageSize) && module.memory.size() != 0;
    if (!is_usable ||
        !sources.append({module.memory.begin, module.memory.size(), module.command_line})) {
      debug::print("module {}: left out; there is room for {}, each at a multiple of 4 KiB\n",
                   module.command_line, kMaxModules);
    }
  }
  return sources;
}

// Reads the firmware's tables of processors and interrupt controllers.
void read_machine() {
  const auto read = boot::read_acpi(boot::firmware_memory(info).items(), machine);
  if (read) return;
  constexpr PhysicalAddress kUsualLocalApic{0xfee00000};
  debug::print("ACPI tables: {}; going on with one core and no interrupt lines\n",
               name_of(read.error()));
  machine = {};
  machine.local_apic = kUsualLocalApic;
}

void initialise_interrupts() {
  x86::silence_legacy_pic();
  memory::map_device(x86::read_cr3(), memory::kLocalApicRegisters, machine.local_apic);
  x86::initialise_local_apic(memory::kLocalApicRegisters);
  if (machine.io_apic != PhysicalAddress()) {
    memory::map_device(x86::read_cr3(), memory::kIoApicRegisters, machine.io_apic);
    x86::initialise_io_apic(memory::kIoApicRegisters, machine.lines);
  }
  timer_rates = x86::measure_timer_rates();
  x86::set_timer_rates(timer_rates);
  debug::join_console(x86::local_apic_id(), timer_rates.time_stamp_hz);
  boot::initialise_core_start(machine, timer_rates);
}

BoundedList<FirstProcess::Core, kMaxCores> cores() {
  BoundedList<FirstProcess::Core, kMaxCores> list;
  for (const boot::Processor& processor : machine.processors.items())
    static_cast<void>(list.append({processor.apic_id, processor.usable ? 1u : 0u}));
  return list;
}

// Where the registers of devices are: above all RAM, and below those of the interrupt controllers, which are the kernel's.
PhysicalRange devices() {
  constexpr PhysicalAddress kEnd{0xfec00000};
  return {std::min(info.memory_end(), kEnd), kEnd};
}

// Makes the first process, if the loader brought one, and never comes back.
void run_first_process(const memory::MemoryMap& memory) {
  const auto modules = module_sources();
  const auto* const program = dispatch::find_first_program(modules.items());
  if (program == nullptr) return;
  dispatch::initialise_address_spaces(x86::read_cr3());
  dispatch::make_first_process(*program, {.core_id = 0,
                                          .apic_id = x86::local_apic_id(),
                                          .tsc_hz = timer_rates.time_stamp_hz,
                                          .command_line = info.command_line,
                                          .ram = memory.regions(),
                                          .modules = modules.items(),
                                          .cores = cores().items(),
                                          .devices = devices()});
  dispatch::schedule(x86::user_frame());
  x86::leave_kernel();
}
//@ end

}  // namespace

// Called by entry.S with interrupts off, on the boot tables, with the physical address of the loader's information.
extern "C" [[noreturn]] void main(std::uint64_t loader_information) {
  const auto image = memory::image_layout();
  debug::set_stack_bounds((memory::kKernelBase + image.stack.begin.value()).value(),
                          (memory::kKernelBase + image.stack.end.value()).value());

  // clang-format off
  debug::initialise_console();                  // from here on we can speak
  debug::print("Sprat: one kernel per core, nothing shared.\n");
  region_end<Region::boot_to_banner>();
  x86::initialise_traps();                      // and die legibly
  boot::read_loader(loader_information, info);  // memory, modules, command line
  const boot::CommandLine command_line(info.command_line);
  boot::apply(command_line);                    // log=..., and a word about words we do not know
  enter_address_space(image);                   // W^X from here on
  const auto memory = free_memory(image);       // without the image and the loader's data
  boot::report(info, memory, image);            // tell the person at the terminal
  test_memory(memory);                          // does it keep what is written?
  run_guest_test(command_line, memory);         // graders ask questions here
  //@ since cpu-driver
  read_machine();                               // other cores, interrupt lines
  initialise_interrupts();                      // the timer, and devices
  x86::initialise_fpu();                        // a processor for user code
  x86::initialise_system_calls();               // the entry of SYSCALL
  run_first_process(memory);                    // the rest is up to the monitor
  //@ end
  // clang-format on
  debug::print_info("Nothing left to do.\n");
  debug::drain_console();
  x86::power_off(true);
}

}  // namespace sprat
