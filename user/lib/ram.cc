// ram.cc — first fit.

#include "lib/ram.hh"

#include <bit>

namespace sprat {
namespace {

constexpr unsigned kLeastBits = 12, kLargeBits = 22;
//@ since memory
constexpr unsigned kSmallBits = 14;
//@ end

}  // namespace

Result<void> RamSupply::add(CapRef<Type::ram> piece) {
  if (count_ == kMaxPieces) return Error::out_of_memory;
  pieces_[count_++] = piece;
  return {};
}

// A large object begins at a multiple of its size. The bytes in front of it, which the kernel would not use any more, become pieces of
// their own, each as large as its address allows. With an error they are left out.
void RamSupply::keep_hole(CapRef<Type::ram> piece, unsigned size_bits) {
  const std::uint64_t size = std::uint64_t{1} << size_bits;
  const auto whole = identify(piece.address());
  if (!whole || whole.value().bytes < size) return;
  unsigned bits = kLeastBits;
  while (count_ != kMaxPieces) {
    auto made = retype<Type::ram>(piece, bits);
    const auto identity = made ? identify(made.value().address()) : made.error();
    if (!identity || identity.value().base % size == 0) return;
    pieces_[count_++] = made.value();
    made.value().release();
    const std::uint64_t next = identity.value().base + identity.value().bytes;
    if (next % size == 0) return;
    bits = static_cast<unsigned>(std::countr_zero(next));
  }
}

Result<void> RamSupply::make_into(CapAddress cnode, std::uint64_t slot, Type type,
                                  unsigned size_bits) {
  const std::size_t count = count_;
  for (std::size_t i = 0; i < count; ++i) {
    if (size_bits >= kLargeBits) keep_hole(pieces_[i], size_bits);
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
