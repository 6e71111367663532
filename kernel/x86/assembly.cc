// assembly.cc — the numbers of the processor that assembly needs (sprat/for_assembly.hh).

#include "sprat/for_assembly.hh"
#include "x86/cpu.hh"
#include "x86/page_table.hh"
#include "x86/traps.hh"
//@ since cpu-driver
#include "x86/user_mode.hh"
//@ end

namespace sprat::x86 {

void numbers_for_assembly() {
  FOR_ASSEMBLY(CR0_PE, cr0::protection.mask());
  FOR_ASSEMBLY(CR0_ET, cr0::extension_type.mask());
  FOR_ASSEMBLY(CR0_WP, cr0::write_protect.mask());
  FOR_ASSEMBLY(CR0_PG, cr0::paging.mask());
  FOR_ASSEMBLY(CR4_PAE, cr4::physical_address_extension.mask());
  FOR_ASSEMBLY(EFER_MSR, efer::kMsr);
  FOR_ASSEMBLY(EFER_LME, efer::long_mode_enable.mask());
  FOR_ASSEMBLY(EFER_NXE, efer::no_execute_enable.mask());

  FOR_ASSEMBLY(ENTRY_P, page_entry::present.mask());
  FOR_ASSEMBLY(ENTRY_W, page_entry::writable.mask());
  FOR_ASSEMBLY(ENTRY_PS, page_entry::large.mask());
  //@ since cpu-driver

  FOR_ASSEMBLY(FIRST_INTERRUPT_VECTOR, kExceptionVectors);
  FOR_ASSEMBLY(FLAG_TRAP, rflags::trap.mask());
  FOR_ASSEMBLY(FLAG_INTERRUPTS, rflags::interrupts.mask());
  //@ end
}

}  // namespace sprat::x86
