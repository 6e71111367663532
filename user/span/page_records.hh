// page_records.hh — a record for each shared page: its frame, on the home or when it has come, and how this core uses it.

#pragma once

#include <array>

#include "lib/runtime.hh"
#include "span/dispatchers.hh"
#include "span/page_home.hh"
#include "span/page_use.hh"
#include "span/shared_pages.hh"

namespace sprat {

inline constexpr VirtualAddress kSharedPages = kOwnMappings + 640 * kLargePageSize;

// Of 16 bytes: its place takes one instruction.
struct alignas(16) Page {
  Cap<Type::frame> frame;
  PageUse use;
};

struct Pages {
  const bool are_of_home = is_home();
  std::array<Page, kMostSharedPages> pages{};
  // On the home.
  PageHome home;
  std::array<Neighbour*, kMaxCores> neighbours{};  // the ones that have asked for a page
  Cores untold = 0;  // of the end of a limit: there was no memory to tell them
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
  if (page.use.may() == Mapping::none) return Error::no_rights;
  const Rights rights = page.use.may() == Mapping::writable ? kWrite : Rights();
  TRY(runtime().space.map(address_of(number_of(page)), page.frame, kPageSize, rights));
  page.use.set_mapped();
  return {};
}

// From now on this core may map page `number` so. A mapping that does more, or less, goes; the next touch makes another.
SPRAT_INLINE Result<void> let_map(std::size_t number, Mapping mapping) {
  if (!shared_pages->pages[number].use.let(mapping)) return {};
  return runtime().space.unmap(address_of(number));
}

// On the home: the page's first frame.
inline Result<void> make(Page& page) {
  page.frame = TRY(runtime().ram.make<Type::frame>(std::countr_zero(kPageSize)));
  page.use.let(shared_pages->home.most(number_of(page)));
  return {};
}

// On others: maps the frame that has come; the page had `limits` when it was asked for.  busy: a limit has overtaken the frame
inline Result<void> map_new(Page& page, Cap<Type::frame> frame, Mapping mapping,
                            std::uint32_t limits) {
  if (!page.use.is_current(limits)) return Error::busy;
  TRY(let_map(number_of(page), Mapping::none));
  page.frame = std::move(frame);
  page.use.let(mapping);
  return map(page);
}

}  // namespace sprat
