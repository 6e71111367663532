// page_records.hh — a record for each shared page: on the home its frame, and the cores that have it; elsewhere the frame that has come.

#pragma once

#include <array>
#include <bit>
#include <optional>

#include "lib/runtime.hh"
#include "span/dispatchers.hh"
#include "span/shared_pages.hh"
#include "sprat/first_process.hh"

namespace sprat {

inline constexpr VirtualAddress kSharedPages = kOwnMappings + 640 * kLargePageSize;

// A bit for each core.
using Cores = std::uint64_t;
static_assert(kMaxCores <= 64);
constexpr Cores only(std::uint64_t core) { return Cores{1} << core; }
constexpr auto first_of(Cores cores) { return static_cast<std::uint64_t>(std::countr_zero(cores)); }

// On the home: whether a limit of a page is in progress, and whether its end is waited for.
enum class Limit : std::uint8_t { none, in_progress, awaited };

struct Page {
  Cap<Type::frame> frame;
  // This core may map it so; it does so when it is touched, or asked for.
  Mapping may = Mapping::none;
  bool is_mapped = false;
  // On the home: how all cores may map it, and the other cores that may read it, or read and write.
  Mapping most = Mapping::writable;
  Limit limit = Limit::none;
  Cores readers = 0, writers = 0;
  // On others: so many limits have come.
  std::uint32_t limits = 0;
};

// The other cores that may do more with `page` than `mapping`.
inline Cores cores_beyond(const Page& page, Mapping mapping) {
  if (mapping == Mapping::none) return page.readers | page.writers;
  return mapping == Mapping::read_only ? page.writers : 0;
}

// `cores` may do so with `page` from now on.
inline void note(Page& page, Cores cores, Mapping mapping) {
  page.readers = (page.readers & ~cores) | (mapping == Mapping::read_only ? cores : 0);
  page.writers = (page.writers & ~cores) | (mapping == Mapping::writable ? cores : 0);
}

struct Pages {
  const bool are_of_home = is_home();
  std::array<Page, kMostSharedPages> pages{};
  std::array<Neighbour*, kMaxCores> holders{};  // on the home: the ones that have asked for a page
  std::array<Neighbour*, kMaxCores>
      told_busy{};  // on the home: the ones that wait for the end of a limit
};

// Null until the first page is asked for.
extern Pages* shared_pages;

SPRAT_INLINE Result<Page*> page_of(std::size_t number) {
  if (number >= kMostSharedPages) return Error::invalid_argument;
  if (shared_pages == nullptr) TRY(make_page_records());
  return &shared_pages->pages[number];
}

constexpr VirtualAddress address_of(std::size_t page) { return kSharedPages + page * kPageSize; }
inline std::size_t number_of(const Page& page) {
  return static_cast<std::size_t>(&page - shared_pages->pages.data());
}

// Maps it on this core.  no_rights: it may not
inline Result<void> map(Page& page) {
  if (page.may == Mapping::none) return Error::no_rights;
  const Rights rights = page.may == Mapping::writable ? kWrite : Rights();
  TRY(runtime().space.map(address_of(number_of(page)), page.frame, kPageSize, rights));
  page.is_mapped = true;
  return {};
}

// From now on this core may map page `number` so. A mapping that does more, or less, goes; the next touch makes another.
SPRAT_INLINE Result<void> let_map(std::size_t number, Mapping mapping) {
  Page& page = shared_pages->pages[number];
  if (std::exchange(page.may, mapping) == mapping) return {};
  if (!std::exchange(page.is_mapped, false)) return {};
  return runtime().space.unmap(address_of(number));
}

// On the home: the page's first frame.
inline Result<void> make(Page& page) {
  page.frame = TRY(runtime().ram.make<Type::frame>(std::countr_zero(kPageSize)));
  page.may = page.most;
  return {};
}

// On others: maps the frame that has come; the page had `limits` when it was asked for.  busy: a limit has overtaken the frame
inline Result<void> map_new(Page& page, Cap<Type::frame> frame, Mapping mapping,
                            std::uint32_t limits) {
  if (page.limits != limits) return Error::busy;
  TRY(let_map(number_of(page), Mapping::none));
  page.frame = std::move(frame);
  page.may = mapping;
  return map(page);
}

}  // namespace sprat
