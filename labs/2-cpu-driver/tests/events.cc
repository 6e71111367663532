// events.cc — events from the scope's numbers, and the message about one that is missing.

#include "events.hh"

#include <algorithm>
#include <array>

namespace lab {
namespace {

using sprat::grading::Booted, sprat::grading::Trial;

constexpr unsigned kWorkers = 8;
constexpr std::array kNames = {"enters its upcall run",
                               "enters its upcall page_fault",
                               "enters its upcall trap",
                               "enters its upcall lrpc",
                               "asks its next question",
                               "makes a call",
                               "goes on behind its call",
                               "tells a worker to go on",
                               "has been told to go on",
                               "causes an exception",
                               "is to lose something that it uses",
                               "has a turn",
                               "begins its loop again",
                               "is done"};

bool is_the_probes(Event what) { return what == Event::asks || what == Event::tells; }

std::string text_of(const Happened& event) {
  const std::string actor =
      is_the_probes(event.what) ? "the probe" : "worker " + std::to_string(event.worker);
  return actor + " " + kNames.at(static_cast<std::size_t>(event.what));
}

constexpr const char* kExplanation =
    "The test program and its workers execute an instruction that only the grader sees whenever "
    "one of them does something, so that it can be seen in which order they did it. A kernel that "
    "answers a system call without the work, or does the work in another order, shows here.";

}  // namespace

std::optional<std::vector<Happened>> happened(Trial& trial, const Booted& booted) {
  const auto events = trial.events(booted);
  if (!events) return std::nullopt;
  std::vector<Happened> all;
  for (const auto& event : *events) {
    const unsigned what = event.id / kWorkers - 1;
    if (event.id >= kWorkers && what < kNames.size())
      all.push_back({static_cast<Event>(what), event.id % kWorkers, event.time});
  }
  return all;
}

void expect_events(Trial& trial, const Booted& booted, const std::vector<Event>& kinds,
                   const std::vector<Happened>& expected) {
  auto came = happened(trial, booted);
  if (!came) return;
  std::erase_if(*came, [&](const Happened& event) {
    return std::ranges::find(kinds, event.what) == kinds.end();
  });
  if (*came == expected) return;
  const auto [right, wrong] = std::ranges::mismatch(expected, *came);
  trial.wrong("step " + std::to_string(right - expected.begin() + 1) + ": " +
                  (right == expected.end() ? "nothing more" : text_of(*right)),
              wrong == came->end() ? "nothing" : text_of(*wrong), kExplanation);
}

void expect_times(Trial& trial, const Booted& booted, const Happened& what, std::uint64_t least,
                  std::uint64_t most) {
  const auto came = happened(trial, booted);
  if (!came) return;
  const auto times = static_cast<std::uint64_t>(std::ranges::count(*came, what));
  if (times >= least && times <= most) return;
  std::string wanted = std::to_string(least) + " times";
  if (most == kAnyNumber) wanted = "at least " + wanted;
  if (most != kAnyNumber && most != least)
    wanted = "from " + std::to_string(least) + " to " + std::to_string(most) + " times";
  trial.wrong(text_of(what) + ": " + wanted, std::to_string(times), kExplanation);
}

}  // namespace lab
