// buddy.hh — a buddy system, which is the code under test, and all that is true of it: for each byte its user, and for each
// capability what has been made of it. After each operation all that the buddy system says of itself is compared.

#pragma once

#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "lab/trial.hh"

namespace lab {

using sprat::grading::bare;
using sprat::grading::Trial;

constexpr unsigned kLeastBits = 12, kPieceBits = 21, kMostBits = 40;
constexpr std::size_t kClients = 3;
constexpr std::uint64_t bytes_of(unsigned bits) { return std::uint64_t{1} << bits; }

struct Block {
  std::uint64_t base = 0;
  unsigned bits = 0;
};

class Buddy {
 public:
  using Counts = std::array<std::uint64_t, kMostBits + 1>;

  Buddy(Trial& trial, std::size_t records);

  // RAM at `base`, of which there is none yet.
  void add(std::uint64_t base, unsigned bits, bool is_borrowed = false);

  // Tries to remove the root at `base`, which is all free or is not.
  void remove(std::uint64_t base);

  // Returns the block; with bits 0 if there is none.
  Block allocate(unsigned bits, std::size_t client = 0);
  void release(std::uint64_t base);

  // The split number `n` from now on fails; 0: none does.
  void fail_at(std::size_t n);

  // The call must be refused with that error, and change nothing.
  void expect_error(const std::string& call, const std::string& error);

  const std::map<std::uint64_t, Block>& used() const { return blocks_; }
  const std::map<std::uint64_t, Block>& roots() const { return root_blocks_; }
  std::size_t records_left() const { return records_ - splits_; }
  unsigned largest_free() const;

 private:
  struct Capability {
    std::uint64_t base = 0;
    unsigned bits = 0;
    bool is_split = false, is_handed_out = false;
  };
  struct Root {
    unsigned bits = 0;
    bool is_borrowed = false;
    std::uint64_t slot = 0;
  };
  struct Use {
    unsigned bits = 0;
    std::size_t client = 0;
    std::uint64_t slot = 0;
  };
  // A part of a root that is looked at as one: a piece, a smaller root, or a larger block that is free.
  struct Tree {
    std::uint64_t base = 0;
    unsigned bits = 0, largest = 0;
    bool is_borrowed = false;
  };

  // Asks, follows the operations on capabilities, compares the state, and returns the words of the result.
  std::vector<std::string> ask(const std::string& question);
  void follow_split(const std::vector<std::string>& words, std::size_t at, bool has_failed);
  void follow_merge(const std::vector<std::string>& words, std::size_t at);
  void compare(const std::vector<std::string>& words, std::size_t at);
  Capability& at(std::uint64_t slot);

  bool is_free(std::uint64_t base, unsigned bits) const;
  void count(std::uint64_t base, unsigned bits, Counts& counts) const;
  void list_trees(std::uint64_t base, unsigned bits, bool is_borrowed,
                  std::vector<Tree>& trees) const;
  unsigned largest_in(std::uint64_t base, unsigned bits) const;
  void expect_best(const Block& block);
  Block best_in(const Tree& tree, unsigned bits) const;
  [[noreturn]] void wrong(const std::string& expected, const std::string& came) const;

  Trial& trial_;
  std::size_t records_;
  std::size_t splits_ = 0;
  std::uint64_t next_slot_ = 0x101;
  std::map<std::uint64_t, Root> roots_;
  std::map<std::uint64_t, Use> uses_;
  std::map<std::uint64_t, Block> blocks_, root_blocks_;
  std::map<std::uint64_t, Capability> capabilities_;
  std::set<std::uint64_t> record_slots_;  // the first slots of all records that were ever taken
  std::string question_, answer_;
};

}  // namespace lab
