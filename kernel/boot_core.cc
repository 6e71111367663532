// boot_core.cc — other cores, interrupts, and the boot core's monitor.

#include "boot_core.hh"

#include <algorithm>

#include "boot/acpi.hh"
#include "boot/core_start.hh"
#include "boot/firmware_memory.hh"
#include "debug/console.hh"
#include "dispatch/address_spaces.hh"
#include "dispatch/first_process.hh"
#include "dispatch/scheduler.hh"
#include "memory/kernel_tables.hh"
#include "x86/cpu.hh"
#include "x86/io_apic.hh"
#include "x86/legacy_devices.hh"
#include "x86/local_apic.hh"
#include "x86/user_mode.hh"

namespace sprat {
namespace {

constinit boot::MachineDescription machine{};
constinit x86::TimerRates timer_rates{};

// The files that the loader left for us, which take whole pages.
BoundedList<dispatch::ModuleSource, kMaxModules> module_sources(const boot::BootInfo& info) {
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

BoundedList<FirstProcess::Core, kMaxCores> cores() {
  BoundedList<FirstProcess::Core, kMaxCores> list;
  for (const boot::Processor& processor : machine.processors.items())
    static_cast<void>(list.append({processor.apic_id, processor.usable ? 1u : 0u}));
  return list;
}

// Where the registers of devices are: above all RAM, and below those of the interrupt controllers, which are the kernel's.
PhysicalRange devices(const boot::BootInfo& info) {
  constexpr PhysicalAddress kEnd{0xfec00000};
  return {std::min(info.memory_end(), kEnd), kEnd};
}

}  // namespace

void read_machine(const boot::BootInfo& info) {
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

void run_first_process(const boot::BootInfo& info, const memory::MemoryMap& memory) {
  const auto modules = module_sources(info);
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
                                          .devices = devices(info)});
  dispatch::schedule(x86::user_frame());
  x86::leave_kernel();
}

}  // namespace sprat
