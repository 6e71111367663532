// watch.hh — which cores do not answer. A core that was sent something and is silent for a while is asked whether it still runs; if it
// does not answer that either, it is silent. A slow core looks like that too, and is stopped then: the time must be much longer than
// a core needs for an answer.

#pragma once

#include "agreement/messages.hh"
#include "agreement/platform.hh"

namespace sprat::agreement {

class Watch {
 public:
  // `patience`: how long a core may say nothing, in the unit of all times here.
  Watch(Platform& platform, std::uint64_t patience) : platform_(platform), patience_(patience) {}

  // A message goes to `core`, or something else makes this core wait for it; or a message has come from there.
  void awaits(CoreNumber core, std::uint64_t now) {
    if (awaited_.has(core)) return;
    awaited_.add(core);
    since_[core] = now;
  }
  void heard(CoreNumber core) {
    awaited_.remove(core);
    asked_.remove(core);
  }

  // Asks the cores whose time has come, with `view` in the message, and calls `is_silent` for each core that was asked before. Returns
  // whether any core is awaited: then this is to be called again.
  template <class IsSilent>
  bool look(std::uint64_t now, ViewNumber view, IsSilent is_silent) {
    const CoreSet awaited = awaited_;
    awaited.for_each([&](CoreNumber core) {
      if (now - since_[core] < patience_) return;
      if (asked_.has(core)) {
        heard(core);
        is_silent(core);
      } else {
        asked_.add(core);
        since_[core] = now;
        post<ping>(platform_, core, {view});
      }
    });
    return !awaited_.is_empty();
  }

 private:
  Platform& platform_;
  const std::uint64_t patience_;
  CoreSet awaited_, asked_;
  std::array<std::uint64_t, kMostCores> since_{};
};

}  // namespace sprat::agreement
