// memory_model.cc — one question per page: is all of it available, and none of it taken?

#include "memory_model.hh"

#include <algorithm>
#include <cstdio>
#include <set>

namespace lab {
namespace {

std::uint64_t end_of(const LoaderRange& range) {
  const auto end = static_cast<unsigned __int128>(range.begin) + range.length;
  return end > kPhysicalEnd ? kPhysicalEnd : static_cast<std::uint64_t>(end);
}

bool overlaps(std::uint64_t begin, std::uint64_t end, std::uint64_t page) {
  return begin < end && begin < page + kPage && page < end;
}

// Whether available ranges cover [page, page + kPage) without a gap.
bool covered(const std::vector<LoaderRange>& loader, std::uint64_t page) {
  std::uint64_t reached = page;
  for (bool progress = true; progress && reached < page + kPage;) {
    progress = false;
    for (const LoaderRange& range : loader) {
      if (range.available && range.begin <= reached && end_of(range) > reached) {
        reached = end_of(range);
        progress = true;
      }
    }
  }
  return reached >= page + kPage;
}

bool free_page(const std::vector<LoaderRange>& loader, const std::vector<Range>& reserved,
               std::uint64_t page) {
  if (page < kLowestFree || page >= kPhysicalEnd || !covered(loader, page)) return false;
  return std::ranges::none_of(loader,
                              [&](const LoaderRange& range) {
                                return !range.available &&
                                       overlaps(range.begin, end_of(range), page);
                              }) &&
         std::ranges::none_of(
             reserved, [&](const Range& range) { return overlaps(range.begin, range.end, page); });
}

}  // namespace

std::vector<Range> free_memory_model(const std::vector<LoaderRange>& loader,
                                     const std::vector<Range>& reserved) {
  // Between two boundaries, rounded outward by a page on either side, all pages have the same answer.
  std::set<std::uint64_t> pages{0, kLowestFree, kPhysicalEnd};
  const auto add = [&](std::uint64_t boundary) {
    const std::uint64_t page = std::min(boundary, kPhysicalEnd) / kPage * kPage;
    pages.insert(page);
    pages.insert(std::min(page + kPage, kPhysicalEnd));
  };
  for (const LoaderRange& range : loader) {
    add(range.begin);
    add(end_of(range));
  }
  for (const Range& range : reserved) {
    add(range.begin);
    add(range.end);
  }
  std::vector<Range> regions;
  for (auto page = pages.begin(); std::next(page) != pages.end(); ++page) {
    if (!free_page(loader, reserved, *page)) continue;
    if (!regions.empty() && regions.back().end == *page) {
      regions.back().end = *std::next(page);
    } else {
      regions.push_back({*page, *std::next(page)});
    }
  }
  return regions;
}

std::string text_of(const std::vector<Range>& ranges) {
  std::string text;
  for (const Range& range : ranges) {
    char piece[64];
    std::snprintf(piece, sizeof piece, "%s[0x%lx, 0x%lx)", text.empty() ? "" : " ",
                  static_cast<unsigned long>(range.begin), static_cast<unsigned long>(range.end));
    text += piece;
  }
  return text.empty() ? "no region" : text;
}

}  // namespace lab
