// core_set.hh — cores by their numbers, and sets of them.

#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace sprat::agreement {

// A core's number in the system: 0 for the boot core, which coordinates.
using CoreNumber = std::uint32_t;
inline constexpr CoreNumber kCoordinator = 0;

// More cores than any machine of ours has: protocols are also tried in simulations of that many.
inline constexpr std::size_t kMostCores = 1024;

// Core numbers from 0 to kMostCores - 1. Takes a few steps for one core, and kMostCores / 64 for all.
class CoreSet {
 public:
  static constexpr std::size_t kWords = kMostCores / 64;

  bool has(CoreNumber core) const { return (words_[core / 64] >> core % 64 & 1) != 0; }
  void add(CoreNumber core) { words_[core / 64] |= bit(core); }
  void remove(CoreNumber core) { words_[core / 64] &= ~bit(core); }

  bool is_empty() const { return *this == CoreSet(); }
  std::size_t size() const {
    std::size_t size = 0;
    for (const std::uint64_t word : words_) size += bits_in(word);
    return size;
  }

  // The smallest number; only of a set that is not empty.
  CoreNumber first() const {
    std::size_t word = 0;
    while (words_[word] == 0) ++word;
    return static_cast<CoreNumber>(64 * word + std::countr_zero(words_[word]));
  }

  // The number of cores in the set that are smaller than `core`.
  std::size_t rank(CoreNumber core) const {
    std::size_t rank = 0;
    for (std::size_t word = 0; word < core / 64; ++word) rank += bits_in(words_[word]);
    return rank + bits_in(words_[core / 64] & (bit(core) - 1));
  }

  // The core of rank `rank`, which is less than size().
  CoreNumber at_rank(std::size_t rank) const {
    std::size_t word = 0;
    for (std::size_t count; rank >= (count = bits_in(words_[word])); ++word) rank -= count;
    std::uint64_t rest = words_[word];
    for (; rank != 0; --rank) rest &= rest - 1;
    return static_cast<CoreNumber>(64 * word + static_cast<std::size_t>(std::countr_zero(rest)));
  }

  // Calls visit(core) for each core, in the order of their numbers. The set may lose cores meanwhile, and the visited
  // cores are those of the beginning.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t word = 0; word < kWords; ++word)
      for (std::uint64_t rest = words_[word]; rest != 0; rest &= rest - 1)
        visit(static_cast<CoreNumber>(64 * word + std::countr_zero(rest)));
  }

  // 64 cores each: word 0 has core 0 in its lowest bit.
  std::uint64_t word(std::size_t number) const { return words_[number]; }
  void set_word(std::size_t number, std::uint64_t bits) { words_[number] = bits; }

  bool operator==(const CoreSet&) const = default;

 private:
  static std::uint64_t bit(CoreNumber core) { return std::uint64_t{1} << core % 64; }

  // For std::popcount compilers call a function of their own library, which no program of ours is linked with.
  static std::size_t bits_in(std::uint64_t word) {
    std::size_t count = 0;
    for (; word != 0; word &= word - 1) ++count;
    return count;
  }

  std::array<std::uint64_t, kWords> words_{};
};

// Those of `a` that are not in `b`.
inline CoreSet operator-(const CoreSet& a, const CoreSet& b) {
  CoreSet result;
  for (std::size_t i = 0; i < CoreSet::kWords; ++i) result.set_word(i, a.word(i) & ~b.word(i));
  return result;
}

}  // namespace sprat::agreement
