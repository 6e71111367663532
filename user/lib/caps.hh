// caps.hh — capabilities as values of C++: the type of the object is part of the handle's type.
//
//   Cap<Type::frame>     owns the slot and its capability: gives both back when it is destroyed
//   CapRef<Type::frame>  names a slot that it does not own
//
//   auto frame = retype<Type::frame>(ram, 12);   // Result<Cap<Type::frame>>
//   auto wrong = retype<Type::frame>(irq, 12);   // does not compile: frames are not made from interrupt lines

#pragma once

#include <concepts>
#include <utility>

#include "lib/system_call.hh"

namespace sprat {

// ---- slots of this process (runtime.cc)

// Returns an empty slot.  out_of_memory
Result<CapAddress> take_slot();
void give_back_slot(CapAddress slot);

// ---- where a slot is

// A slot as the kernel's operations name it: the CNode, and the number of the slot in it.
struct Place {
  CapAddress cnode;
  std::uint64_t slot;
};

// Returns the place of `address` in this process's own CSpace.
Place place_of(CapAddress address);

// ---- any capability

// The contents of a slot.
struct Identity {
  Description description;
  std::uint64_t base, bytes;
  std::uint64_t badge;  // or, of memory of another core, the number of that core + 1
};
// As Method::identify and Method::look give it.
Identity identity_of(const Words& words);

// Method::identify.  no_capability: the slot is empty
Result<Identity> identify(CapAddress address);

// Empties the slot; with its last capability the object ends.  no_capability, ask_monitor
Result<void> remove(CapAddress address);

// Deletes all copies and descendants of the capability.  no_capability, no_rights, ask_monitor
Result<void> revoke(CapAddress address);
//@ since monitor

// The monitor carries out operations that the kernel answers with ask_monitor, for the processes that it has made (frames.hh).
struct MonitorsPart {
  Result<void> (*copy)(CapAddress source, CapAddress target, Rights keep);
  Result<void> (*revoke_elsewhere)(CapAddress address);
  void (*end_of_revoke)();
};
inline constinit const MonitorsPart* monitors_part = nullptr;
//@ end

// Makes `count` objects from `source` into slots of `cnode` from `first` on (Method::retype). `size_bits` counts where the
// type does not decide the size.
Result<void> retype_into(CapAddress cnode, std::uint64_t first, CapAddress source, Type type,
                         unsigned size_bits, std::size_t count = 1);

// ---- typed handles

template <Type kObject>
class CapRef {
 public:
  static constexpr Type kType = kObject;

  constexpr CapRef() = default;
  constexpr explicit CapRef(CapAddress address) : address_(address) {}

  constexpr CapAddress address() const { return address_; }

 private:
  CapAddress address_;
};

template <Type kObject>
class [[nodiscard]] Cap {
 public:
  static constexpr Type kType = kObject;

  constexpr Cap() = default;  // owns nothing
  // Takes over a slot from take_slot and its capability.
  constexpr explicit Cap(CapAddress address) : address_(address) {}
  Cap(Cap&& other) noexcept : address_(other.release()) {}
  Cap& operator=(Cap&& other) noexcept {
    std::swap(address_, other.address_);
    return *this;
  }
  ~Cap() {
    if (!*this) return;
    static_cast<void>(remove(address_));  // it may have been revoked meanwhile
    give_back_slot(address_);
  }

  explicit operator bool() const { return address_ != CapAddress(); }
  constexpr CapAddress address() const { return address_; }
  operator CapRef<kObject>() const { return CapRef<kObject>(address_); }

  // From now on the slot is the caller's to empty and to give back.
  CapAddress release() { return std::exchange(address_, CapAddress()); }

 private:
  CapAddress address_;
};

template <class Handle>
concept CapHandle = requires(const Handle& handle) {
  { Handle::kType } -> std::convertible_to<Type>;
  { handle.address() } -> std::same_as<CapAddress>;
};

// Takes a slot and lets `fill(slot)` fill it.
template <Type kObject, class Fill>
Result<Cap<kObject>> fill_slot(Fill fill) {
  const auto slot = take_slot();
  if (!slot) return slot.error();
  const Result<void> filled = fill(slot.value());
  if (filled) return Cap<kObject>(slot.value());
  give_back_slot(slot.value());
  return filled.error();
}

// One object of type kTo, made from `source`, of 2^size_bits bytes.
//   out_of_memory   source has too little left, or no slot is left
template <Type kTo, CapHandle Source>
  requires(may_retype(Source::kType, kTo))
Result<Cap<kTo>> retype(const Source& source, unsigned size_bits = object_bits(kTo)) {
  return fill_slot<kTo>([&](CapAddress slot) {
    const Place place = place_of(slot);
    return retype_into(place.cnode, place.slot, source.address(), kTo, size_bits);
  });
}

// The rights to keep, and the badge or the range: see Method::mint.
struct Mint {
  Rights keep = kAllRights;
  std::uint64_t badge_or_first = 0;
  std::uint64_t count = 0;
};

// Another capability to the same object, or to a part of its ports or lines, with fewer rights, or with a badge.
//   out_of_memory: no slot is left; and see Method::mint
Result<void> mint_into(CapAddress cnode, std::uint64_t slot, CapAddress source, const Mint& mint);

template <CapHandle Source>
Result<Cap<Source::kType>> mint(const Source& source, const Mint& arguments = {}) {
  return fill_slot<Source::kType>([&](CapAddress slot) {
    const Place place = place_of(slot);
    const auto minted = mint_into(place.cnode, place.slot, source.address(), arguments);
    //@ since monitor
    if (!minted && minted.error() == Error::ask_monitor && monitors_part != nullptr)
      return monitors_part->copy(source.address(), slot, arguments.keep);
    //@ end
    return minted;
  });
}

}  // namespace sprat
