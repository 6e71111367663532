// directory.cc — one word of holders per line, in pages that are made when first touched.
#include "scope/directory.hh"

#include <mutex>

namespace sprat::scope {

Moves Directory::read(unsigned vcpu, std::uint64_t address) {
  const std::uint64_t self = std::uint64_t{1} << vcpu;
  Holders& line = holders(vcpu, address);
  if (line.load(std::memory_order_relaxed) & self) return {};
  const std::uint64_t before = line.fetch_or(self, std::memory_order_relaxed);
  return {.fetched = (before & self) == 0, .upgraded = false};
}

Moves Directory::write(unsigned vcpu, std::uint64_t address) {
  const std::uint64_t self = std::uint64_t{1} << vcpu;
  Holders& line = holders(vcpu, address);
  if (line.load(std::memory_order_relaxed) == self) return {};
  const std::uint64_t before = line.exchange(self, std::memory_order_relaxed);
  return {.fetched = (before & self) == 0, .upgraded = (before & ~self) != 0};
}

Directory::Holders& Directory::holders(unsigned vcpu, std::uint64_t address) {
  const std::uint64_t number = address >> kPageBits;
  RecentPage& recent = recent_[vcpu].pages[number % kRecentPages];
  if (recent.number != number) recent = {number, find_or_add(number)};
  return (*recent.page)[(address >> kLineBits) % recent.page->size()];
}

Directory::Page* Directory::find_or_add(std::uint64_t number) {
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = pages_.find(number); found != pages_.end()) return found->second.get();
  }
  const std::unique_lock lock(mutex_);
  auto& page = pages_[number];
  if (!page) page = std::make_unique<Page>();
  return page.get();
}

}  // namespace sprat::scope
