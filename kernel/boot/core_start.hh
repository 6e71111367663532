// core_start.hh — giving another core a CPU driver of its own, and waking it up.
//
//   boot core     begin_loading  go_on_loading ...  start_core            core_state: started ... running
//                      │ INIT        │                  │ STARTUP              ▲
//   other core    ─────▼─ waits ─────┼──────────────────▼─ trampoline ─ main_of_other_core ─ leave_trampoline ─▶
//                                    ▼
//   its RAM       │ package │ text rodata data stack │ tables │ free ...                       │
//                 └ the caller's files └ copy of the image    └ page tables that show only this RAM
//
// While it is being loaded, the RAM is in the boot core's window; then it is taken out, and no frame is writable in
// two CPU drivers. All memory they share is one word, until the other core has said that it is running.

#pragma once

#include "boot/acpi.hh"
#include "memory/address_space.hh"
//@ since urpc
#include "memory/shareable_memory.hh"
//@ end

namespace sprat::boot {

// Written by the loading core into the new core's copy of the image.
struct CoreHandover {
  std::uint32_t apic_id;
  PhysicalAddress image{};  // where its copy of the image begins
  PhysicalRange package;    // the caller's bytes
  PhysicalRange free{};     // the part of the RAM that is not used yet
  x86::TimerRates rates;
  //@ since urpc
  memory::ShareableMemory shareable{};  // as the loading core knew it
  //@ end
};

// Makes a copy of the image and page tables for it in another core's RAM, in bounded steps (core_loader.cc).
class CoreLoader {
 public:
  // `ram` holds the package at its beginning and has room for needed_bytes(package_bytes). The window must show all
  // of it by pages of 2 MiB. Nothing is touched yet.
  CoreLoader(PhysicalRange ram, CoreHandover handover, PhysicalAddress local_apic);

  // Returns how much RAM it takes to load a core with a package of so many bytes.
  static std::uint64_t needed_bytes(std::uint64_t package_bytes);

  // Does the next step. Returns false if none is left; then the RAM is no longer in this core's window.
  bool step();

  // Returns the new core's page tables.
  PhysicalAddress root() const { return space_.root(); }

  const CoreHandover& handover() const { return handover_; }

 private:
  enum class Action : std::uint8_t { copy, zero, map, hand_over, drop };

  // The actions in their order, each with its memory; a step takes the part that it has done off the beginning.
  struct Piece {
    Action action;
    PhysicalRange memory;
    VirtualAddress address;  // copy: where from; map: where to
    memory::Permissions permissions = memory::Permissions::read;
  };

  // Does as much of `piece` as one step may. Returns how many bytes of it that was.
  std::uint64_t perform(const Piece& piece);
  void hand_over() const;

  // Returns the address of the copy of a byte of the running image.
  PhysicalAddress copy_of(PhysicalAddress byte) const {
    return handover_.image + (byte - memory::image_base());
  }
  PhysicalRange copy_of(PhysicalRange part) const {
    return {copy_of(part.begin), copy_of(part.end)};
  }

  CoreHandover handover_;
  PhysicalAddress local_apic_;
  memory::FrameReserve reserve_;
  memory::AddressSpace space_;
  std::array<Piece, 15> pieces_;
  std::size_t piece_ = 0;
};

// Says which cores there are, once, on the core that is to start them; others find none to start.
void initialise_core_start(const MachineDescription& machine);

// Begins to make `ram` the home of the core `apic_id`: package_bytes at its beginning stay, all else is overwritten.
// From now on the RAM is the kernel's. The core, if it is executing anything, stops.
//   not_found         the machine has no such core, or it is not to be used
//   in_use            it is this core, or it is running already
//   busy              another core is being loaded
//   misaligned        an end of `ram` is not a multiple of 2 MiB
//   out_of_memory     the package, a copy of the image and page tables do not fit
//   invalid_argument  the RAM is not all below 4 GiB
Result<void> begin_loading(std::uint32_t apic_id, PhysicalRange ram, std::uint64_t package_bytes);

// begin_loading has been called for this core, and go_on_loading has more to do.
bool is_loading(std::uint32_t apic_id);

// One bounded step: 16 KiB are copied or zeroed, or 64 pages mapped. ok: the core can be started.
//   again   there is more to do
Result<void> go_on_loading();

// Wakes up a core that has been loaded. invalid_argument: it has not.
Result<void> start_core(std::uint32_t apic_id);

//@ since monitor
// Stops a core, whatever it does. It is `stopped` when it has left what it did: it says so by the first instructions that it executes
// after that, and halts.
//   in_use, not_found   it is this core, or there is no such core
//   busy                another core is being loaded or started
//   invalid_argument    it was not started
Result<void> stop_core(std::uint32_t apic_id);

// Gives up a core that was loaded or is stopped; returns its RAM, which is in this core's window again.
//   not_found   there is no such core, or it has no RAM
//   in_use      it is executing
Result<PhysicalRange> reclaim_core(std::uint32_t apic_id);

//@ end
// How far a core has come; absent, if there is no such core. A caller that waits for a state polls this: a
// core that has slept through the first STARTUP gets its second one here.
CoreState core_state(std::uint32_t apic_id);

// The new core's first step: tells set_image_base where its own image is, says that it is running, and unmaps the pages it
// came by.
void leave_trampoline(const CoreHandover& handover);

}  // namespace sprat::boot
