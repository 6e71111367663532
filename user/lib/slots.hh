// slots.hh — which slots of which CNodes are empty.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "sprat/capability.hh"
#include "sprat/result.hh"

namespace sprat {

class SlotAllocator {
 public:
  static constexpr std::size_t kMaxNodes = 32;

  // The slots from `first`, at least 1, of CNode `node`, which this allocator does not have yet, are empty.
  //   out_of_memory   there are kMaxNodes already
  Result<void> add(std::size_t node, std::size_t first = 1);

  // Returns whether `add` takes one more CNode.
  bool has_room() const { return count_ != kMaxNodes; }

  // Returns an empty slot; it is the caller's until `give_back`. Looks at no more than four words per CNode.
  //   out_of_memory   all are taken
  Result<CapAddress> take();

  // `address` came from `take` and its slot is empty again.
  void give_back(CapAddress address);

  std::size_t unused() const { return unused_; }
  std::size_t taken() const { return added_ - unused_; }

 private:
  static constexpr std::size_t kWordBits = 64;

  struct Node {
    std::size_t number = 0;
    std::array<std::uint64_t, kSlotsPerCNode / kWordBits> empty{};  // one bit a slot
  };

  std::array<Node, kMaxNodes> nodes_{};
  std::size_t count_ = 0;
  std::size_t added_ = 0, unused_ = 0;
};

}  // namespace sprat
