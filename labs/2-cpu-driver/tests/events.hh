// events.hh — the events of the probe and its workers, caused by their own code and in the order of time, as the scope
// saw it.

#pragma once

#include <optional>
#include <vector>

#include "../probe/events.hh"
#include "lab/trial.hh"

namespace lab {

using sprat::probe::Event;

struct Happened {
  Event what{};
  unsigned worker = 0;     // 0 as well: the probe itself
  std::uint64_t time = 0;  // in instructions since the machine was switched on

  bool operator==(const Happened& other) const {
    return what == other.what && worker == other.worker;
  }
};

// Returns all events; nothing on Bochs, where no scope sees them.
std::optional<std::vector<Happened>> happened(sprat::grading::Trial& trial,
                                              const sprat::grading::Booted& booted);

// Fails the test unless of these kinds of events just those happened, in this order. Bochs: is content.
void expect_events(sprat::grading::Trial& trial, const sprat::grading::Booted& booted,
                   const std::vector<Event>& kinds, const std::vector<Happened>& expected);

// Fails the test unless this event happened so many times. Bochs: is content.
inline constexpr std::uint64_t kAnyNumber = ~std::uint64_t{0};
void expect_times(sprat::grading::Trial& trial, const sprat::grading::Booted& booted,
                  const Happened& what, std::uint64_t least, std::uint64_t most);

}  // namespace lab
