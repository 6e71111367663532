// ram.cc — first fit.

#include "lib/ram.hh"

namespace sprat {

Result<void> RamSupply::add(CapRef<Type::ram> piece) {
  if (count_ == kMaxPieces) return Error::out_of_memory;
  pieces_[count_++] = piece;
  return {};
}

Result<void> RamSupply::make_into(CapAddress cnode, std::uint64_t slot, Type type,
                                  unsigned size_bits) {
  for (std::size_t i = 0; i < count_; ++i) {
    const auto made = retype_into(cnode, slot, pieces_[i].address(), type, size_bits);
    if (made) {
      bytes_made_ += std::uint64_t{1} << size_bits;
      return {};
    }
    if (made.error() != Error::out_of_memory) return made;
  }
  return Error::out_of_memory;
}

}  // namespace sprat
