// page_use.hh — how one core uses a shared page, on each core of the process. It decides, as page_home.hh does, and names no transport.
//
// The frame of a page that a core has asked for goes its own way, by the monitors. A limit can overtake it:
//
//   home                              core 2
//     │◀── want ────────────────────────┤ asks for it: no limit has come
//     ├── given: writable ─────────────▶│
//     ├── limit: none ─────────────────▶│ has nothing to unmap
//     │◀── limited ─────────────────────┤
//     no core may map it                │
//     └─ ─ the frame ─ ─ ─ ─ ─ ─ ─ ─ ─ ▶│ asked before the limit: deletes it, and asks again

#pragma once

#include <utility>

#include "span/pages.hh"

namespace sprat {

class PageUse {
 public:
  // How this core may map the page; it does so when the page is touched, or asked for.
  Mapping may() const { return may_; }
  bool is_mapped() const { return is_mapped_; }

  // It is mapped now.
  void set_mapped() { is_mapped_ = true; }

  // From now on this core may map it so. Returns whether it is mapped: that mapping, which does more, or less, must be taken out, and
  // the next touch makes another.
  bool let(Mapping mapping) {
    if (std::exchange(may_, mapping) == mapping) return false;
    return std::exchange(is_mapped_, false);
  }

  // ---- on all cores but the home

  // A limit has come from the home: this core may do no more than that, from now on. Returns what let() returns.
  bool limit(Mapping mapping);

  // The limits that have come so far: for is_current.
  std::uint32_t limits() const { return limits_; }

  // A frame has come; the core had asked for it when so many limits had come. Whether it may be used as the home has said.
  bool is_current(std::uint32_t limits_when_asked) const;

 private:
  Mapping may_ = Mapping::none;
  bool is_mapped_ = false;
  std::uint32_t limits_ = 0;
};

inline bool PageUse::limit(Mapping mapping) {
  //@ lab monitor.4f: return false;
  ++limits_;
  if (may_ <= mapping) return false;
  may_ = mapping;
  return std::exchange(is_mapped_, false);
  //@ end
}

inline bool PageUse::is_current(std::uint32_t limits_when_asked) const {
  //@ lab monitor.4g: return true;
  return limits_ == limits_when_asked;
  //@ end
}

}  // namespace sprat
