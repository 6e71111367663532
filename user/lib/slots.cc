// slots.cc — one bit for each slot.

#include "lib/slots.hh"

#include <bit>

namespace sprat {

Result<void> SlotAllocator::add(std::size_t node, std::size_t first) {
  if (count_ == kMaxNodes) return Error::out_of_memory;
  Node& added = nodes_[count_++];
  added.number = node;
  for (std::size_t slot = first; slot < kSlotsPerCNode; ++slot)
    added.empty[slot / kWordBits] |= std::uint64_t{1} << slot % kWordBits;
  added_ += kSlotsPerCNode - first;
  unused_ += kSlotsPerCNode - first;
  return {};
}

Result<CapAddress> SlotAllocator::take() {
  for (std::size_t i = 0; i < count_; ++i) {
    for (std::size_t word = 0; word < nodes_[i].empty.size(); ++word) {
      std::uint64_t& bits = nodes_[i].empty[word];
      if (bits == 0) continue;
      const auto slot = word * kWordBits + static_cast<std::size_t>(std::countr_zero(bits));
      bits &= bits - 1;
      --unused_;
      return CapAddress(nodes_[i].number, slot);
    }
  }
  return Error::out_of_memory;
}

void SlotAllocator::give_back(CapAddress address) {
  for (std::size_t i = 0; i < count_; ++i) {
    if (nodes_[i].number != address.node()) continue;
    nodes_[i].empty[address.slot() / kWordBits] |= std::uint64_t{1} << address.slot() % kWordBits;
    ++unused_;
    return;
  }
}

}  // namespace sprat
