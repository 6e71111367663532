// footprint.cc — one time per line, in pages that are made when first touched.
#include "scope/footprint.hh"

#include <utility>

namespace sprat::scope {

std::uint64_t Footprint::touch(std::uint64_t line, std::uint64_t now) {
  const std::uint64_t number = line >> kPageBits;
  RecentPage& recent = recent_[number % kRecentPages];
  if (recent.number != number) recent = {number, &pages_[number]};
  return std::exchange((*recent.page)[line % recent.page->size()], now);
}

}  // namespace sprat::scope
