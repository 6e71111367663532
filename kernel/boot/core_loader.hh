// core_loader.hh — a copy of the image and page tables for it, in another core's RAM, made in bounded steps.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "boot/core_start.hh"
#include "memory/address_space.hh"
#include "memory/layout.hh"

namespace sprat::boot {

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

  // The actions in their order, each with its memory.
  struct Piece {
    Action action;
    PhysicalRange memory;
    VirtualAddress address;  // copy: where from; map: where to
    memory::Permissions permissions = memory::Permissions::read;
  };

  Piece next_chunk() const;
  void perform(const Piece& chunk);
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
  std::uint64_t done_ = 0;  // bytes of the current piece
};

}  // namespace sprat::boot
