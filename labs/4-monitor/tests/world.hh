// world.hh — the world of a schedule that a student has written: it does to a protocol what the schedule asks for, tells what came of it,
// and judges nothing.

#pragma once

#include "system.hh"

namespace lab {

class World final : private Watcher {
 public:
  static constexpr std::size_t kMostCores = 8;

  // Its monitors and choices are those of `host`.
  explicit World(Host host) : host_(std::move(host)) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Returns the answer to a request of a schedule (subject/world.cc); nothing if it cannot be fulfilled. Throws Impossible.
  std::optional<std::string> answer(const std::string& request);

  // The lines and events so far.
  std::string log() const { return system_ ? system_->log() : ""; }

 private:
  void starts(CoreNumber) override {}
  void sees(CoreNumber core, const Call& call) override;
  std::uint64_t posts(CoreNumber, const Line&) override { return 0; }
  void receives(CoreNumber core, CoreNumber from, const Line& line, std::uint64_t) override;

  std::optional<std::string> result_of(const std::string& kind,
                                       const std::vector<std::uint64_t>& numbers);
  std::optional<std::string> begin(const std::vector<std::uint64_t>& numbers);
  std::string owner(CoreNumber core, unsigned name);
  void note(unsigned kind, CoreNumber core, CoreNumber other, const Line* line = nullptr);
  std::string state() const;

  Host host_;
  std::optional<System> system_;
  std::string events_;
  std::size_t count_ = 0;
  std::vector<std::optional<std::size_t>>
      tasks_;  // their numbers in the system; none: the core was silent
};

}  // namespace lab
