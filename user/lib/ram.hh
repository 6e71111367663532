// ram.hh — where new objects come from: RAM capabilities, the first that has enough left.

#pragma once

#include <array>
#include <span>

#include "lib/caps.hh"

namespace sprat {

class RamSupply {
 public:
  static constexpr std::size_t kMaxPieces = 64;

  // out_of_memory: there are kMaxPieces already
  Result<void> add(CapRef<Type::ram> piece);

  std::span<const CapRef<Type::ram>> pieces() const { return {pieces_.data(), count_}; }

  //@ since memory
  // Makes objects when no piece has enough left; arguments and errors are those of make_into.
  using Source = Result<void> (*)(CapAddress cnode, std::uint64_t slot, Type type,
                                  unsigned size_bits);
  void set_source(Source source) { source_ = source; }

  //@ end
  // One object of 2^size_bits bytes, at a multiple of its size, into slot `slot` of `cnode`.
  //   out_of_memory   no piece has enough left; and see Method::retype
  Result<void> make_into(CapAddress cnode, std::uint64_t slot, Type type, unsigned size_bits);

  // The same, into a slot of this process's own.
  template <Type kTo>
    requires(may_retype(Type::ram, kTo))
  Result<Cap<kTo>> make(unsigned size_bits = object_bits(kTo)) {
    return fill_slot<kTo>([&](CapAddress slot) {
      const Place place = place_of(slot);
      return make_into(place.cnode, place.slot, kTo, size_bits);
    });
  }

  // Returns the size of all objects made so far, in bytes. Deleted objects still count: memory comes back only with all
  // of a piece.
  std::uint64_t bytes_made() const { return bytes_made_; }

 private:
  void keep_hole(CapRef<Type::ram> piece, unsigned size_bits);

  std::array<CapRef<Type::ram>, kMaxPieces> pieces_{};
  std::size_t count_ = 0;
  //@ since memory
  Source source_ = nullptr;
  //@ end
  std::uint64_t bytes_made_ = 0;
};

}  // namespace sprat
