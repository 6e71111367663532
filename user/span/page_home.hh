// page_home.hh — the home of a process knows which other cores have which shared page, and decides. It names no transport: shared_pages.cc
// sends the messages and maps the pages.
//
//   core 1                    home                          core 2
//     ├── want ────────────────▶│ want(1): writable, and noted
//     │◀── given ───────────────┤
//     │                         │◀──────────────── want ────┤ want(2): the same
//     │                         ├──────────────── given ───▶│
//     │                         │ begin_limit(none): cores 1 and 2 must be told
//     │◀── limit ───────────────┼──────────────── limit ───▶│
//     ├── limited, then want ──▶│ want(1): busy             │
//     │◀── busy ────────────────┤◀───────────── limited ────┤
//     │                         │ limited(1 and 2): they do not have it any more
//     │                         │ end_limit(): core 1 waits for it
//     │◀── again ───────────────┤
//
// Its functions are inline, for a limit must take few instructions.

#pragma once

#include <array>
#include <utility>

#include "span/pages.hh"
#include "sprat/result.hh"

namespace sprat {

class PageHome {
 public:
  // How all cores may map it; each page is writable in the beginning. Page numbers are smaller than kMostSharedPages.
  Mapping most(std::size_t page) const { return pages_[page].most; }

  // Core `core` wants the page. Returns how it may map it: as all cores may. `send(mapping)` sends it the frame, with the rights for that,
  // and gives a Result<void>; when it has, the core is noted.
  //   busy        the page is being limited: the core is told `again` at its end
  //   no_rights   the page is limited to none
  //   the errors of `send`; then nothing is noted
  template <class Send>
  Result<Mapping> want(std::uint64_t core, std::size_t page, Send send);

  // A limit of the page begins: from now on no core may map it otherwise than so. Returns the other cores that may do more now: they must
  // be told, and no others.
  //   busy   the page is being limited; then nothing changes
  Result<Cores> begin_limit(std::size_t page, Mapping mapping);

  // In the middle of a limit: `cores` were told, and have answered that they do no more than it allows. Some may have ended since.
  void limited(std::size_t page, Cores cores);

  // The limit has ended: all cores that were told have answered, or it is given up. A core that was told, and is not in limited(), is as it
  // was before. Returns the cores that must be told `again`: they have wanted the page meanwhile.
  Cores end_limit(std::size_t page);

  // The dispatcher on core `core` has ended: it has no page any more, and waits for none.
  void forget(std::uint64_t core);

 private:
  struct Page {
    Mapping most = Mapping::writable;
    bool is_being_limited = false;
    Cores readers = 0, writers = 0;  // other cores that may read it; that may read and write
    Cores waiting = 0;               // for the end of the limit
  };

  // `cores` may do so with the page from now on.
  static void note(Page& page, Cores cores, Mapping mapping) {
    page.readers = (page.readers & ~cores) | (mapping == Mapping::read_only ? cores : 0);
    page.writers = (page.writers & ~cores) | (mapping == Mapping::writable ? cores : 0);
  }

  std::array<Page, kMostSharedPages> pages_{};
};

template <class Send>
Result<Mapping> PageHome::want(std::uint64_t core, std::size_t number, Send send) {
  Page& page = pages_[number];
  //@ lab monitor.4a: static_cast<void>(page); return Error::not_implemented;
  if (page.is_being_limited) {
    page.waiting |= only(core);
    return Error::busy;
  }
  if (page.most == Mapping::none) return Error::no_rights;
  TRY(send(page.most));
  note(page, only(core), page.most);
  return page.most;
  //@ end
}

inline Result<Cores> PageHome::begin_limit(std::size_t number, Mapping mapping) {
  Page& page = pages_[number];
  //@ lab monitor.4b: static_cast<void>(page); return Error::not_implemented;
  if (page.is_being_limited) return Error::busy;
  page.is_being_limited = true;
  page.most = mapping;
  if (mapping == Mapping::none) return page.readers | page.writers;
  return mapping == Mapping::read_only ? page.writers : 0;
  //@ end
}

inline void PageHome::limited(std::size_t number, Cores cores) {
  Page& page = pages_[number];
  //@ lab monitor.4c: static_cast<void>(page);
  if (page.most == Mapping::read_only)
    page.readers |= page.writers & cores;  // not a core that has ended since
  else
    page.readers &= ~cores;
  page.writers &= ~cores;
  //@ end
}

inline Cores PageHome::end_limit(std::size_t number) {
  Page& page = pages_[number];
  //@ lab monitor.4d: static_cast<void>(page); return 0;
  page.is_being_limited = false;
  return std::exchange(page.waiting, 0);
  //@ end
}

inline void PageHome::forget(std::uint64_t core) {
  //@ lab monitor.4e:
  for (Page& page : pages_) {
    note(page, only(core), Mapping::none);
    page.waiting &= ~only(core);
  }
  //@ end
}

}  // namespace sprat
