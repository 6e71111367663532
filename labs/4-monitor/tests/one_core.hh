// one_core.hh — one core of a system of eight is the code under test; the test is all other cores.

#pragma once

#include "system.hh"

namespace lab {

constexpr ViewNumber kView = 8;  // of cores 0 to 7

struct OneCore {
  // A member, not core 0.
  OneCore(Trial& a_trial, CoreNumber its_number) : trial(a_trial), core(its_number) {
    trial.expect_equal("forget", "done", trial.ask("forget"));
    order("start");
    const std::uint64_t others = 0xff & ~(std::uint64_t{1} << core);
    hear<agreement::members>(kCore0, {kView, 0, others, 0, 0, 0});
    hear<agreement::commit>(kCore0, {kView, kView, core, Change::join});
  }

  template <const auto& kMessage>
  Answer hear(CoreNumber from, const sprat::BodyOf<kMessage>& body) {
    return take(trial, core, from, line_of<kMessage>(body));
  }
  Answer order(const std::string& what, const std::string& more = "") {
    return ask(trial, what + " " + sprat::grading::bare(core) + (more.empty() ? "" : " " + more));
  }

  // The one message of its kind that `answer` posts to `to`; fails if there is none, or another one.
  template <const auto& kMessage>
  sprat::BodyOf<kMessage> only_post(const Answer& answer, CoreNumber to) {
    std::optional<sprat::BodyOf<kMessage>> found;
    for (const Call& call : answer.calls) {
      const auto body = call.core == to ? call.posted<kMessage>() : std::nullopt;
      if (body && found) expect(false, "one " + std::string(kMessage.name), answer);
      if (body) found = body;
    }
    expect(found.has_value(), "post " + std::to_string(to) + ": " + std::string(kMessage.name),
           answer);
    return *found;
  }
  template <const auto& kMessage>
  std::size_t posts(const Answer& answer) const {
    std::size_t count = 0;
    for (const Call& call : answer.calls) count += call.posted<kMessage>().has_value();
    return count;
  }
  bool has(const Answer& answer, std::string_view kind, std::uint64_t number) const {
    return answer.place(kind, number) != answer.calls.size();
  }
  void expect(bool is_right, const std::string& expected, const Answer& answer) {
    if (!is_right) trial.wrong(expected, answer.text());
  }
  void expect_told(const Answer& answer, std::uint64_t task, const std::string& result) {
    const std::size_t place = answer.place("told", task);
    if (place == answer.calls.size() || answer.calls[place].result != result)
      trial.wrong("told task " + std::to_string(task) + ": " + result, answer.text());
  }
  void expect_nothing(const Answer& answer, const std::string& because) {
    if (!answer.calls.empty()) trial.wrong("nothing: " + because, answer.text());
  }

  Trial& trial;
  const CoreNumber core;
};

}  // namespace lab
