// ram.cc — first fit.

#include "lib/ram.hh"

namespace sprat {
//@ since memory
namespace {

constexpr unsigned kSmallBits = 14;

}  // namespace
//@ end

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
  //@ since memory
  if (source_ != nullptr) {
    TRY(source_(cnode, slot, type, size_bits));
    if (size_bits <= kSmallBits) count_ = 0;  // used up: it would be asked in vain from now on
    bytes_made_ += std::uint64_t{1} << size_bits;
    return {};
  }
  //@ end
  return Error::out_of_memory;
}

}  // namespace sprat
