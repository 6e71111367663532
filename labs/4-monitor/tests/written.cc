// written.cc — see written.hh.

#include "written.hh"

#include <algorithm>

namespace lab {

using sprat::grading::bare;
using sprat::grading::Subject;

namespace {

constexpr std::size_t kMostTests = 16, kMostNameBytes = 80, kMostRequests = 3000;
constexpr unsigned kRunsOfRightOnes = 15;

// Of one kind.
template <const auto& kMessage>
void lose(Answer& answer) {
  std::erase_if(answer.calls, [](const Call& call) { return call.posted<kMessage>().has_value(); });
}
void leave_out(Answer& answer, std::string_view kind) {
  std::erase_if(answer.calls, [&](const Call& call) { return call.kind == kind; });
}

// Wrong protocols that every tree can make: a right one, of which some calls do not happen, or happen otherwise.
std::vector<Protocol> bent(const std::filesystem::path& program) {
  const auto one = [&](const char* name, std::function<void(CoreNumber, Answer&)> bend) {
    return Protocol{name, program, std::move(bend)};
  };
  return {
      one("stops no core", [](CoreNumber, Answer& answer) { leave_out(answer, "fence"); }),
      one("closes no link", [](CoreNumber, Answer& answer) { leave_out(answer, "close"); }),
      one("sends no suspicion",
          [](CoreNumber, Answer& answer) { lose<agreement::suspect>(answer); }),
      one("says prepared first",
          [](CoreNumber, Answer& answer) {
            std::ranges::stable_partition(answer.calls, [](const Call& call) {
              return call.posted<agreement::prepared>().has_value();
            });
          }),
      one("votes yes in any case",
          [](CoreNumber, Answer& answer) {
            for (Call& call : answer.calls)
              if (auto vote = call.posted<agreement::vote>()) {
                vote->opinion = agreement::Opinion::yes;
                call.line = line_of<agreement::vote>(*vote);
              }
          }),
      one("is never done with a decision",
          [](CoreNumber, Answer& answer) { lose<agreement::done>(answer); }),
      one("tells a joiner no name",
          [](CoreNumber, Answer& answer) { lose<agreement::known>(answer); }),
      one("does not commit", [](CoreNumber, Answer& answer) { lose<agreement::commit>(answer); }),
  };
}

std::vector<Protocol> protocols_in(const std::filesystem::path& folder, bool are_right) {
  std::vector<Protocol> protocols;
  if (!std::filesystem::is_directory(folder)) return protocols;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (std::filesystem::exists(entry.path() / "protocol"))
      protocols.push_back(
          {entry.path().filename().string(), entry.path() / "protocol", {}, are_right});
  std::ranges::sort(protocols, {}, &Protocol::name);
  return protocols;
}

}  // namespace

Written::Written(Trial& trial) : trial_(trial) {
  const auto folder =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() / "../protocols/monitor";
  right_ = protocols_in(folder / "right", true);
  wrong_ = protocols_in(folder / "wrong", false);
  if (right_.empty()) right_.push_back({"", trial.artifact("subject-monitor"), {}, true});
  for (Protocol& protocol : bent(right_[0].program)) wrong_.push_back(std::move(protocol));
  std::istringstream words(trial.ask("schedules"));
  std::string name;
  words >> name;  // their number
  while (words >> name && names_.size() < kMostTests)
    names_.push_back(name.substr(0, kMostNameBytes));
}

Written::Finding Written::play(std::size_t which, const Protocol& protocol, unsigned seeds) {
  for (unsigned seed = 0; seed < seeds; ++seed) {
    const Finding finding = play_once(which, protocol);
    if (finding != Finding::right) return finding;
  }
  return Finding::right;
}

Written::Finding Written::play_once(std::size_t which, const Protocol& protocol) {
  const auto start = [](const std::filesystem::path& program) {
    return std::make_unique<Subject>(
        sprat::grading::SubjectConfig{.program = program, .cpu_seconds = 60, .answer_seconds = 5});
  };
  const auto broken = [&](const std::string& why) {
    why_ = why;
    tests_.reset();
    return Finding::broken;
  };
  // No test remembers an earlier protocol.
  if (!tests_ || tried_on_ != protocol.name) tests_ = start(trial_.artifact("subject-monitor"));
  tried_on_ = protocol.name;
  if (!monitors_ || monitors_are_ != protocol.program) {
    monitors_ = start(protocol.program);
    monitors_are_ = protocol.program;
  }
  log_.clear();
  Host host{.ask =
                [&](const std::string& question) {
                  const auto answer = monitors_->ask(question);
                  if (!answer) throw Impossible();
                  return *answer;
                },
            .below = [&](std::uint64_t limit) { return trial_.below(limit); },
            .bend = protocol.bend};
  World world(std::move(host));
  std::string question = "schedule " + bare(which) + " " + bare(trial_.random()());
  try {
    for (std::size_t requests = 0; requests < kMostRequests; ++requests) {
      const auto request = tests_->ask(question);
      if (!request) return broken("crashes, or takes too long");
      if (*request == "over right" || *request == "over wrong") {
        log_ = world.log();
        return *request == "over right" ? Finding::right : Finding::wrong;
      }
      const auto answer = world.answer(*request);
      if (!answer) return broken("asks for something that cannot be");
      question = *answer;
    }
  } catch (const Impossible&) {
    // The world itself finds that the protocol is wrong. The process of the tests waits for an answer that will not come.
    tests_.reset();
    monitors_.reset();
    return Finding::wrong;
  }
  // A wrong protocol may never come to rest.
  broken("does not end after " + std::to_string(kMostRequests) + " steps");
  return protocol.is_right ? Finding::broken : Finding::right;
}

std::vector<std::size_t> Written::valid_tests(std::string& others) {
  std::vector<std::size_t> valid;
  for (std::size_t test = 0; test < names_.size(); ++test) {
    Finding finding = Finding::right;
    for (const Protocol& protocol : right_) {
      finding = play(test, protocol, kRunsOfRightOnes);
      if (finding != Finding::right) break;
    }
    if (finding == Finding::right) {
      valid.push_back(test);
      continue;
    }
    others += (others.empty() ? "" : "; ") + names_[test] +
              (finding == Finding::broken ? " " + why_ : " rejects a right protocol");
    if (finding == Finding::wrong && !has_protocols_of_the_course())
      trial_.keep_log("schedule", names_[test] + " rejects your own protocol:\n" + log_);
  }
  return valid;
}

}  // namespace lab
