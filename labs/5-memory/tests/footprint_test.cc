// footprint_test.cc — how much memory a buddy system needs beside the memory that is in use.

#include <algorithm>
#include <sstream>

#include "buddy.hh"

using namespace lab;

namespace {

struct Allocation {
  std::size_t number = 0, page = 0;
  unsigned order = 0;
};

// Pages, by the number of the first one, of a buddy system of 2^orders pages. Steps are noted, and done together.
class Pages {
 public:
  Pages(Trial& trial, unsigned orders) : trial_(trial) {
    ask("new " + bare(std::size_t{1} << orders));
    ask("add 0 " + bare(kLeastBits + orders) + " 0 101");
  }

  // Allocates 2^order pages; where they are is known after run(). Returns the number of the allocation.
  std::size_t allocate(unsigned order) {
    steps_ += " a" + bare(kLeastBits + order);
    allocations_.push_back({allocations_.size(), 0, order});
    pending_.push_back(Step{allocations_.size() - 1, true});
    return allocations_.size() - 1;
  }
  void release(std::size_t allocation) {
    steps_ += " r" + bare(allocation);
    pending_.push_back(Step{allocation, false});
  }

  void run() {
    std::istringstream bases(ask("trace" + std::exchange(steps_, {})));
    std::string word;
    bases >> word;
    for (const Step& step : std::exchange(pending_, {})) {
      Allocation& allocation = allocations_[step.allocation];
      if (step.is_allocation && !(bases >> word && word != "-"))
        trial_.wrong("a block of 2^" + std::to_string(allocation.order) + " pages", "none");
      if (step.is_allocation)
        allocation.page = std::strtoull(word.c_str(), nullptr, 16) >> kLeastBits;
      set(allocation, step.is_allocation);
    }
  }

  std::size_t page_of(std::size_t allocation) const { return allocations_[allocation].page; }
  // Pages up to the last one that was ever in use.
  std::size_t footprint() const { return is_used_.size(); }

 private:
  struct Step {
    std::size_t allocation;
    bool is_allocation;
  };

  std::string ask(const std::string& question) { return trial_.ask("buddy " + question); }

  void set(const Allocation& allocation, bool is_used) {
    const std::size_t end = allocation.page + (std::size_t{1} << allocation.order);
    if (end > std::size_t{1} << 24) trial_.wrong("pages of the RAM that was added", "others");
    if (is_used_.size() < end) is_used_.resize(end);
    for (std::size_t page = allocation.page; page < end; ++page) {
      if (is_used && is_used_[page])
        trial_.wrong("pages that are free", "page " + std::to_string(page) + " twice");
      is_used_[page] = is_used;
    }
  }

  Trial& trial_;
  std::string steps_;
  std::vector<Step> pending_;
  std::vector<Allocation> allocations_;
  std::vector<bool> is_used_;
};

}  // namespace

// Knuth, The Art of Computer Programming, 2.5, exercise 41: n pages, and blocks of 2^r pages at most. Each round takes all blocks away but
// the ones at multiples of 2^k, so that no block of 2^k pages is free.
LAB_TEST(footprint, of_knuths_adversary, "host") {
  double worst = 0;
  for (unsigned r = 1; r <= kPieceBits - kLeastBits; ++r) {
    const std::size_t n = std::size_t{2} << r;
    Pages pages(trial, r + 5);
    std::vector<std::size_t> live;
    for (std::size_t i = 0; i < n; ++i) live.push_back(pages.allocate(0));
    pages.run();
    for (unsigned k = 1; k <= r; ++k) {
      std::erase_if(live, [&](std::size_t block) {
        if (pages.page_of(block) % (std::size_t{1} << k) == 0) return false;
        pages.release(block);
        return true;
      });
      for (std::size_t i = 0; i < n >> (k + 1); ++i) live.push_back(pages.allocate(k));
      pages.run();
    }
    const auto bound = static_cast<double>(n + n * r / 2);
    worst = std::max(worst, 100 * static_cast<double>(pages.footprint()) / bound);
  }
  trial.value("footprint_of_knuths_adversary", worst);
}

LAB_TEST(footprint, is_never_above_knuths_bound, "host") {
  for (int run = 0; run < 40; ++run) {
    const unsigned r = 1 + static_cast<unsigned>(trial.below(kPieceBits - kLeastBits));
    const std::size_t n = (std::size_t{1} << r) * (1 + trial.below(4));
    Pages pages(trial, r + 7);
    std::vector<std::pair<std::size_t, std::size_t>> live;  // allocations and their sizes
    std::size_t count = 0;
    unsigned least = 0;
    for (int step = 0; step < 1'000; ++step) {
      if (trial.below(100) == 0) least = static_cast<unsigned>(trial.below(r + 1));
      const unsigned order = least + static_cast<unsigned>(trial.below(r + 1 - least));
      const std::size_t size = std::size_t{1} << order;
      if (trial.below(2) == 0 && count + size <= n) {
        live.emplace_back(pages.allocate(order), size);
        count += size;
      } else if (!live.empty()) {
        std::swap(live[trial.below(live.size())], live.back());
        count -= live.back().second;
        pages.release(live.back().first);
        live.pop_back();
      }
    }
    pages.run();
    if (pages.footprint() > (r + 1) * n)
      trial.wrong("at most " + std::to_string((r + 1) * n) + " pages for " + std::to_string(n) +
                      " live ones, in blocks of 2^" + std::to_string(r) + " at most",
                  std::to_string(pages.footprint()));
  }
}
