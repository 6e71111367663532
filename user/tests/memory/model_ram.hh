// model_ram.hh — the RAM of a core as simple as possible: for each page its user, and for each capability what has been made of it.
// It says of each answer of a buddy system whether it is right.

#pragma once

#include <map>
#include <memory>
#include <vector>

#include "memory/buddy.hh"

namespace sprat::test {

using namespace memory;

// A difference between the buddy system and the model.
struct Mismatch {
  const char* what;
};
// Throws it if `is_right` is false.
void expect(bool is_right, const char* wrong);

inline constexpr std::uint64_t kPage = std::uint64_t{1} << kLeastBits;

// The capabilities of a server.
class ModelCapabilities final : public BlockMemory {
 public:
  struct Capability {
    std::uint64_t base;
    unsigned bits;
    bool has_children = false;
  };

  Result<void> split(const Block& block, const Halves& halves) override;

  void merge(const Block& block, const Halves& halves) override;

  void put(CapAddress slot, std::uint64_t base, unsigned bits);
  void remove(CapAddress slot) { expect(slots_.erase(slot.raw()) == 1, "a slot is empty"); }

  // Makes RAM for a client of all of `block`, or revokes it.
  void hand_out(const Block& block);
  void take_back(const Block& block);

  std::size_t size() const { return slots_.size(); }

  std::size_t splits = 0, merges = 0, failures = 0;
  std::size_t splits_until_failure = 0;  // 0: none fails

 private:
  Capability& at(const Block& block);

  std::map<std::uint32_t, Capability> slots_;
};

// A buddy system, some clients of it, and all that is true of them.
class ModelRam {
 public:
  static constexpr std::size_t kClients = 3;

  explicit ModelRam(std::size_t records);
  ModelRam(const ModelRam&) = delete;

  // RAM at `base`, of which the model has none yet.
  void add(std::uint64_t base, unsigned bits, bool is_borrowed = false);

  // Tries to remove the root at `base`.
  bool remove(std::uint64_t base);

  // Returns the block, or null if no such block exists.
  Block* allocate(unsigned bits, std::size_t client);

  void release(Block& block);

  // All that the buddy system says of itself.
  void check() const;

  const std::vector<Block*>& used() const { return used_; }
  std::vector<std::uint64_t> roots() const;

  ModelCapabilities capabilities;
  Reserve reserve;
  Buddy buddy{capabilities, reserve};
  std::array<Owner, kClients> owners;

 private:
  struct Root {
    std::shared_ptr<Block> block;
    unsigned bits;
    bool is_borrowed;
  };

  bool is_free(std::uint64_t base, unsigned bits) const;

  // Counts the free blocks in the 2^bits bytes at `base` if they are as large as they can be.
  void count(std::uint64_t base, unsigned bits, Buddy::Counts& counts, std::size_t& splits) const;

  static bool has_any(const Buddy::Counts& counts, unsigned from, unsigned end) {
    for (unsigned bits = from; bits < end; ++bits)
      if (counts[bits] != 0) return true;
    return false;
  }

  Buddy::Counts counts_of_own() const;

  std::size_t records_;
  std::vector<Halves> halves_;
  std::size_t next_root_ = 0;
  std::map<std::uint64_t, Root> roots_;
  std::map<std::uint64_t, const Block*> pages_;  // by address: their users, or null
  std::vector<Block*> used_;
};

}  // namespace sprat::test
