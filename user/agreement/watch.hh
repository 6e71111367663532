// watch.hh — which cores do not answer. A core that was sent something and is silent for a while is asked whether it still runs; if it
// does not answer that either, this core suspects it (member.hh). A slow core may be suspected, and is stopped then: the time must be
// much longer than a core needs for an answer.

#pragma once

#include "agreement/member.hh"

namespace sprat::agreement {

class Watch {
 public:
  // `patience`: how long a core may be silent, in the unit of all times here.
  Watch(Member& member, Platform& platform, std::uint64_t patience)
      : member_(member), platform_(platform), patience_(patience) {}

  // A line goes to `core`, or has come from there.
  void sent(CoreNumber core, std::uint64_t now) {
    if (awaited_.has(core)) return;
    awaited_.add(core);
    since_[core] = now;
  }
  void heard(CoreNumber core) {
    awaited_.remove(core);
    asked_.remove(core);
  }

  // Asks cores, and suspects cores, whose time has come. Returns whether any core is awaited: then this is to be called again.
  bool look(std::uint64_t now) {
    const CoreSet awaited = awaited_;
    awaited.for_each([&](CoreNumber core) {
      if (now - since_[core] < patience_) return;
      if (asked_.has(core)) {
        heard(core);
        member_.suspect(core);
      } else {
        asked_.add(core);
        since_[core] = now;
        post<ping>(platform_, core, {member_.last_prepared()});
      }
    });
    return !awaited_.is_empty();
  }

  void handle(CoreNumber from, const Ping&) {
    post<pong>(platform_, from, {member_.last_prepared()});
  }
  void handle(CoreNumber, const Pong&) {}

 private:
  Member& member_;
  Platform& platform_;
  const std::uint64_t patience_;
  CoreSet awaited_, asked_;
  std::array<std::uint64_t, kMostCores> since_{};
};

}  // namespace sprat::agreement
