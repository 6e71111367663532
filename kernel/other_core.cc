// other_core.cc — the same table of contents as main.cc, for a core that another one has started.

#include "boot/core_start.hh"
#include "debug/console.hh"
#include "debug/panic.hh"
#include "dispatch/address_spaces.hh"
#include "dispatch/first_process.hh"
#include "dispatch/scheduler.hh"
#include "memory/layout.hh"
#include "memory/window.hh"
#include "sprat/first_process.hh"
#include "sprat/text.hh"
#include "x86/cpu.hh"
#include "x86/fpu.hh"
#include "x86/local_apic.hh"
#include "x86/traps.hh"
#include "x86/user_mode.hh"

namespace sprat {
namespace {

void make_first_process(const boot::CoreHandover& handover);

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
  make_first_process(handover);
  dispatch::schedule(x86::user_frame());
  // clang-format on
  x86::leave_kernel();
}

namespace {

using Modules = BoundedList<dispatch::ModuleSource, kMaxModules>;

const CorePackage& package_in(const boot::CoreHandover& handover) {
  if (handover.package.size() < sizeof(CorePackage))
    debug::panic("core {}: its package has no header", handover.apic_id);
  return *memory::window<CorePackage>(handover.package.begin);
}

// The files of the package, which take whole pages.
Modules modules_in(const boot::CoreHandover& handover) {
  const CorePackage& package = package_in(handover);
  const std::uint64_t end = handover.package.size();
  Modules modules;
  for (std::size_t i = 0; i < package.files && i < kMaxModules; ++i) {
    const CorePackage::File& file = package.file[i];
    const bool is_inside = file.offset <= end && file.entry.bytes <= end - file.offset;
    if (!is_inside || file.offset % kPageSize != 0)
      debug::panic("core {}: file {} is not inside of its package", handover.apic_id, i);
    const auto& text = file.entry.command_line;
    const std::string_view padded(text.data(), text.size());
    static_cast<void>(modules.append({handover.package.begin + file.offset, file.entry.bytes,
                                      slice(padded, 0, padded.find('\0'))}));
  }
  return modules;
}

void make_first_process(const boot::CoreHandover& handover) {
  const auto modules = modules_in(handover);
  const auto* const program = dispatch::find_first_program(modules.items());
  if (program == nullptr) debug::panic("core {}: no monitor is in its package", handover.apic_id);
  //@ since urpc
  memory::shareable_memory() = handover.shareable;
  //@ end
  dispatch::initialise_address_spaces(x86::read_cr3());
  dispatch::make_first_process(*program,
                               {.core_id = static_cast<std::uint32_t>(package_in(handover).core_id),
                                .apic_id = handover.apic_id,
                                .tsc_hz = handover.rates.time_stamp_hz,
                                .command_line = {},
                                .ram = {&handover.free, 1},
                                .modules = modules.items(),
                                .cores = {},
                                //@ since urpc
                                .link = package_in(handover).link,
                                .link_apic_id = package_in(handover).link_apic_id,
                                //@ end
                                .devices = {}});
}

}  // namespace

}  // namespace sprat
