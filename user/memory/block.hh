// block.hh — RAM that the server has a capability to, of 2^bits bytes at a multiple of that; and the records of such blocks, which
// exist before they are needed.

#pragma once

#include "agreement/memory.hh"
#include "sprat/capability.hh"
#include "sprat/list.hh"

namespace sprat::memory {

inline constexpr unsigned kLeastBits = 12, kMostBits = 40;

// Cores lend each other RAM in pieces of 2^kPieceBits bytes.
using agreement::kPieceBits;

struct Halves;
struct Owner;

struct Block {
  enum class State : std::uint8_t { free, split, used };

  std::uint64_t bytes() const { return std::uint64_t{1} << bits; }

  std::uint64_t base = 0;
  CapAddress capability;  // kept as long as the block exists, whatever has been made of it
  std::uint8_t bits = 0;
  State state = State::free;
  bool is_borrowed = false;
  std::uint64_t free_bits = 0;  // the sum of the sizes of free blocks in it, each size once
  Block* parent = nullptr;      // of which this is a half; or null
  Halves* halves = nullptr;     // if it is split
  Owner* owner = nullptr;       // if it is used
  Links links{};  // among its owner's blocks if it is used, else among others of its size
};

// The two halves of a block that is split. A record of it has slots for the capabilities of both, one behind the other.
struct Halves {
  Block low, high;

  Block& other(const Block& half) { return &half == &low ? high : low; }
};

// A client, by the blocks that it has.
struct Owner {
  List<Block, offsetof(Block, links)> blocks;
  std::uint64_t bytes = 0;
};

// Records that are not in use. Nothing else is allocated for a block.
class Reserve {
 public:
  // So many should be there between two allocations.
  static constexpr std::size_t kWanted = 128;

  // `halves`, which must outlive this, can be used; its slots `first` and the next are empty.
  void add(Halves& halves, CapAddress first) {
    halves.low.capability = first;
    halves.high.capability = CapAddress(first.node(), first.slot() + 1);
    give_back(halves);
  }

  std::size_t count() const { return count_; }
  bool is_half_empty() const { return count_ < kWanted / 2; }

  // Returns one; not if there is none.
  Halves& take() {
    --count_;
    Halves& halves = *unused_.first();
    unused_.remove(halves);
    return halves;
  }
  void give_back(Halves& halves) {
    ++count_;
    unused_.push_front(halves);
  }

 private:
  List<Halves, offsetof(Halves, low) + offsetof(Block, links)> unused_;
  std::size_t count_ = 0;
};

// The operations on capabilities.
class BlockMemory {
 public:
  // Makes capabilities to both halves of `block`, of which nothing has been made, in the slots of `halves`.
  // With an error nothing has changed.
  virtual Result<void> split(const Block& block, const Halves& halves) = 0;

  // Removes the capabilities to both halves of `block`, of which nothing is left.
  virtual void merge(const Block& block, const Halves& halves) = 0;

 protected:
  ~BlockMemory() = default;
};

}  // namespace sprat::memory
