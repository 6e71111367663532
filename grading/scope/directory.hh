// directory.hh — the holders of each cache line, if every vCPU had an infinite cache and they ran the
// MSI protocol.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

namespace sprat::scope {

inline constexpr unsigned kMaxVcpus = 64;  // holders of a line are the bits of one word
inline constexpr unsigned kLineBits = 6;

// The lines that one access moved.
struct Moves {
  bool fetched = false;   // the line came into this vCPU's cache
  bool upgraded = false;  // the line was taken away from the others
};

// MSI needs no states here: with infinite caches the set of holders says all.
//
//   read    not a holder: fetch, and one more holder
//   write   not a holder: fetch; other holders: upgrade; afterwards the writer is the only one
//
// Any number of threads may call at once, one per vCPU: a line's holders are one atomic word, so
// every access sees the set that the access before it left.
class Directory {
 public:
  explicit Directory(unsigned vcpus) : recent_(vcpus) {}

  // The vCPU (below the number given at construction) reads or writes the 64-byte line of this
  // physical address. Costs one atomic load when nothing moves and the page was used lately.
  Moves read(unsigned vcpu, std::uint64_t address);
  Moves write(unsigned vcpu, std::uint64_t address);

 private:
  static constexpr unsigned kPageBits = 12;
  static constexpr std::size_t kRecentPages = 64;

  using Holders = std::atomic<std::uint64_t>;
  using Page = std::array<Holders, 1U << (kPageBits - kLineBits)>;
  struct RecentPage {
    std::uint64_t number = ~std::uint64_t{0};
    Page* page = nullptr;
  };
  struct alignas(64) Recent {
    std::array<RecentPage, kRecentPages> pages;
  };

  Holders& holders(unsigned vcpu, std::uint64_t address);
  Page* find_or_add(std::uint64_t number);

  std::vector<Recent> recent_;  // per vCPU, used by its thread only; pages never move
  std::shared_mutex mutex_;     // of pages_
  std::unordered_map<std::uint64_t, std::unique_ptr<Page>> pages_;
};

}  // namespace sprat::scope
