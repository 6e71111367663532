// cores.cc — how a core comes to its monitor: the last steps of the boot core, and a table of contents, as main.cc is, for a
// core that another one has started.

#include "boot/core_start.hh"
#include "boot/steps.hh"
#include "debug/panic.hh"
#include "dispatch/first_process.hh"
#include "dispatch/scheduler.hh"

namespace sprat {
namespace {

using Modules = BoundedList<boot::Module, kMaxModules>;

// ---- the boot core

constinit boot::MachineDescription machine{};

// The files that the loader left for us, which take whole pages.
Modules modules_of(const boot::BootInfo& info) {
  Modules sources;
  for (const boot::Module& module : info.modules.items()) {
    const bool is_usable = module.memory.begin.is_aligned(kPageSize) && module.memory.size() != 0;
    if (!is_usable || !sources.append(module)) {
      debug::print("module {}: left out; there is room for {}, each at a multiple of 4 KiB\n",
                   module.command_line, kMaxModules);
    }
  }
  return sources;
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
  x86::set_timer_rates(x86::measure_timer_rates());
  debug::join_console(x86::local_apic_id(), x86::timer_rates.time_stamp_hz);
  boot::initialise_core_start(machine);
}

void run_first_process(const boot::BootInfo& info, const memory::MemoryMap& memory) {
  const Modules modules = modules_of(info);
  //@ since urpc
  for (const PhysicalRange& region : memory.regions()) memory::shareable_memory.add_ram(region);
  //@ end
  FirstProcess information{};
  information.apic_id = x86::local_apic_id();
  information.tsc_hz = x86::timer_rates.time_stamp_hz;
  std::ranges::copy(slice(info.command_line, 0, information.command_line.size() - 1),
                    information.command_line.begin());
  for (const FirstProcess::Core& core : machine.processors.items())
    information.core[information.cores++] = core;
  dispatch::run_first_process(
      information, {.ram = memory.regions(), .modules = modules.items(), .devices = devices(info)});
}

// ---- another core

namespace {

// The files of the package, which take whole pages.
Modules modules_in(const boot::CoreHandover& handover, const CorePackage& package) {
  const std::uint64_t end = handover.package.size();
  Modules modules;
  for (std::size_t i = 0; i < package.files && i < kMaxModules; ++i) {
    const CorePackage::File& file = package.file[i];
    const bool is_inside = file.offset <= end && file.entry.bytes <= end - file.offset;
    if (!is_inside || file.offset % kPageSize != 0)
      debug::panic("core {}: file {} is not inside of its package", handover.apic_id, i);
    const auto& text = file.entry.command_line;
    const std::string_view padded(text.data(), text.size());
    const PhysicalAddress begin = handover.package.begin + file.offset;
    static_cast<void>(
        modules.append({{begin, begin + file.entry.bytes}, slice(padded, 0, padded.find('\0'))}));
  }
  return modules;
}

void run_first_process(const boot::CoreHandover& handover) {
  if (handover.package.size() < sizeof(CorePackage))
    debug::panic("core {}: its package has no header", handover.apic_id);
  const auto& package = *memory::window<CorePackage>(handover.package.begin);
  const Modules modules = modules_in(handover, package);
  FirstProcess information{};
  information.core_id = static_cast<std::uint32_t>(package.core_id);
  information.apic_id = handover.apic_id;
  information.tsc_hz = handover.rates.time_stamp_hz;
  //@ since urpc
  information.link = package.link;
  information.link_apic_id = package.link_apic_id;
  memory::shareable_memory = handover.shareable;
  //@ end
  dispatch::run_first_process(information,
                              {.ram = {&handover.free, 1}, .modules = modules.items()});
}

}  // namespace

// Called by trampoline.S with interrupts off, on the core's own page tables.
extern "C" [[noreturn]] void main_of_other_core(const boot::CoreHandover& handover) {
  // clang-format off
  boot::leave_trampoline(handover);                      // from now on no memory is shared with the core that started us
  debug::join_console(handover.apic_id, handover.rates.time_stamp_hz);
  x86::initialise_traps();                               // die legibly
  x86::enable_protections();
  x86::initialise_local_apic(memory::kLocalApicRegisters);
  x86::set_timer_rates(handover.rates);                  // the boot core has measured for us
  x86::initialise_fpu();
  x86::initialise_system_calls();
  run_first_process(handover);                           // the rest is up to the monitor
  // clang-format on
  debug::panic("core {}: no monitor is in its package", handover.apic_id);
}

}  // namespace sprat
