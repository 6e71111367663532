// inherited.cc — state that a loader or a device may leave to a kernel.

#include "boot/guest_test.hh"
#include "grading/guest/evidence.hh"
#include "memory/address_space.hh"
#include "x86/apic.hh"
#include "x86/cpu.hh"
#include "x86/user_mode.hh"

using namespace sprat;

namespace {

// CR4 with all that a loader may have allowed and the processor has: TSD, DE, PGE, PCE, FSGSBASE, OSXSAVE.
x86::Cr4 generous_cr4() {
  constexpr std::uint64_t kOfAll = 1 << 2 | 1 << 3 | 1 << 7 | 1 << 8;
  const std::uint64_t has_base = x86::cpuid(7).ebx & 1, has_xsave = x86::cpuid(1).ecx >> 26 & 1;
  return x86::Cr4(x86::read_cr4().raw() | kOfAll | has_base << 16 | has_xsave << 18);
}

}  // namespace

SPRAT_GUEST_TEST(inherited_features) {
  evidence::Session session(machine.command_line, "inherited_features");
  x86::write_cr4(generous_cr4());
  session.answer("before", VirtualAddress(x86::read_cr4().raw()));
  x86::enable_protections();
  session.answer("after", VirtualAddress(x86::read_cr4().raw()));
}

SPRAT_GUEST_TEST(unknown_message) {
  evidence::Session session(machine.command_line, "unknown_message");
  memory::map_device(x86::read_cr3(), memory::kLocalApicRegisters, PhysicalAddress(0xfee00000));
  x86::initialise_local_apic(memory::kLocalApicRegisters);
  for (const std::uint64_t vector : {128, 200, 255}) {
    x86::send_interrupt(x86::local_apic_id(), vector);
    x86::wait_for_interrupt();
    session.answer_numbered(vector, "heard");
  }
}
