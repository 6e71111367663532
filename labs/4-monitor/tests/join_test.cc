// join_test.cc — exercise 1: cores enter the system, and all have the same views.

#include <algorithm>
#include <bit>

#include "system.hh"

using namespace lab;
using sprat::grading::bare;

namespace {

// Core 0 alone is the code under test; the test is all other cores.
struct Core0 {
  explicit Core0(Trial& a_trial) : trial(a_trial) {
    trial.expect_equal("forget", "done", trial.ask("forget"));
    ask(trial, "start 0");
  }

  Answer expect_core(CoreNumber core) { return ask(trial, "expect " + bare(core)); }
  Answer hello(CoreNumber core) { return take(trial, 0, core, line_of<agreement::hello>({0})); }
  Answer prepared(CoreNumber core) {
    return take(trial, 0, core, line_of<agreement::prepared>({view + 1}));
  }

  // The answer posts `prepare` for the join of `core` to all members, once each, and nothing else.
  void expect_prepares(const Answer& answer, CoreNumber core) const {
    std::uint64_t told = 0;
    bool has_prepared = false;
    for (const Call& call : answer.calls) {
      has_prepared |= call.kind == "observed" && call.core == core;
      if (call.kind == "open")
        trial.wrong("core 0 has its link with core " + std::to_string(core) + " since expect()",
                    "it opens the link again");
      const auto change = call.posted<agreement::prepare>();
      if (!change) continue;
      if (has_prepared)
        trial.wrong(
            "core 0 tells all members before it prepares the view itself: its observers may "
            "post messages of the new view then",
            "it has prepared the view first");
      const bool is_right = change->number == view + 1 && change->core == core &&
                            change->change == Change::join && change->view == view + 1;
      const auto to = std::uint64_t{1} << call.core;
      if (!is_right || (told & to) != 0 || (members & to) == 0)
        trial.wrong("prepare(number=" + std::to_string(view + 1) +
                        ", core=" + std::to_string(core) + ", change=join) to each member, once",
                    answer.text());
      told |= to;
    }
    if (told != members)
      trial.wrong(
          "prepare for the join of core " + std::to_string(core) + " to the cores " + bare(members),
          answer.text());
  }
  // Each once, with its receivers.
  static std::string commits_in(const Answer& answer) {
    std::map<std::string, std::string> receivers;
    for (const Call& call : answer.calls)
      if (call.posted<agreement::commit>())
        receivers[text_of(call.line)] += " " + std::to_string(call.core);
    std::string text;
    for (const auto& [commit, cores] : receivers)
      text += (text.empty() ? "" : "; ") + commit + " to cores" + cores;
    return text.empty() ? "none" : text;
  }
  void expect_no_commit(const Answer& answer) const {
    if (std::ranges::any_of(answer.calls, [](const Call& call) {
          return call.posted<agreement::commit>().has_value();
        }))
      trial.wrong("no commit before all cores have prepared", answer.text());
  }
  void expect_commit(const Answer& answer, CoreNumber core) {
    ++view;
    const std::uint64_t joiner = std::uint64_t{1} << core;
    for (CoreNumber to = 1; to < 64; ++to) {
      const auto count = std::ranges::count_if(answer.calls, [&](const Call& call) {
        const auto commit = call.posted<agreement::commit>();
        return commit && call.core == to && commit->number == view && commit->core == core &&
               commit->change == Change::join && commit->view == view;
      });
      const bool is_told = ((members | joiner) >> to & 1) != 0;
      if (count != (is_told ? 1 : 0))
        trial.wrong("commit(view=" + std::to_string(view) + ", number=" + std::to_string(view) +
                        ", core=" + std::to_string(core) + ", change=join) " +
                        (is_told ? "once" : "never") + " to core " + std::to_string(to),
                    std::to_string(count) + " times; all commits: " + commits_in(answer));
    }
    if (answer.place_of<agreement::members>(core) > answer.place_of<agreement::commit>(core))
      trial.wrong("the joiner is told the members before its commit", answer.text());
    members |= joiner;
    if (answer.state.view != view || answer.state.cores != (members | 1))
      trial.wrong(
          "core 0 has view " + std::to_string(view) + " of cores " + bare(members | 1),
          "view " + std::to_string(answer.state.view) + " of cores " + bare(answer.state.cores));
  }

  Trial& trial;
  ViewNumber view = 1;
  std::uint64_t members = 0;  // without core 0
};

// All of `members` prepare in some order; returns the last answer.
Answer all_prepare(Core0& core_0) {
  std::vector<CoreNumber> order;
  for (CoreNumber core = 1; core < 64; ++core)
    if ((core_0.members >> core & 1) != 0) order.push_back(core);
  std::ranges::shuffle(order, core_0.trial.random());
  Answer answer;
  for (const CoreNumber core : order) {
    if (core != order.front()) core_0.expect_no_commit(answer);
    answer = core_0.prepared(core);
  }
  return answer;
}

// A member with the number `core`, in view `view` of cores 0 to `view` - 1.
Answer make_member(Trial& trial, CoreNumber core, ViewNumber view) {
  trial.expect_equal("forget", "done", trial.ask("forget"));
  ask(trial, "start " + bare(core));
  const std::uint64_t others = ((std::uint64_t{1} << view) - 1) & ~(std::uint64_t{1} << core);
  take(trial, core, kCore0, line_of<agreement::members>({view, 0, others, 0, 0, 0}));
  return take(trial, core, kCore0, line_of<agreement::commit>({view, view, core, Change::join}));
}

}  // namespace

LAB_TEST(join, hello_of_an_expected_core_begins_a_view, "host") {
  Core0 core_0(trial);
  for (CoreNumber core = 1; core <= 6; ++core) {
    const Answer early = core_0.hello(core);
    if (!early.calls.empty()) trial.wrong("nothing: the core was not started", early.text());
    core_0.expect_core(core);
    Answer answer = core_0.hello(core);
    core_0.expect_prepares(answer, core);
    if (core_0.members != 0) {
      core_0.expect_no_commit(answer);
      answer = all_prepare(core_0);
    }
    core_0.expect_commit(answer, core);
    const Answer again = core_0.hello(core);
    if (!again.calls.empty()) trial.wrong("nothing: the core is in the system", again.text());
  }
}

LAB_TEST(join, one_core_joins_after_the_other, "host") {
  Core0 core_0(trial);
  const auto first = static_cast<CoreNumber>(1 + trial.below(40));
  core_0.expect_core(first);
  core_0.expect_commit(core_0.hello(first), first);
  // Several say hello during the first one's change.
  const CoreNumber others[] = {first + 5, first + 9, first + 17};
  for (const CoreNumber core : others) core_0.expect_core(core);
  Answer answer = core_0.hello(others[0]);
  core_0.expect_prepares(answer, others[0]);
  for (const CoreNumber core : {others[2], others[1]}) {
    const Answer waits = core_0.hello(core);
    if (!waits.calls.empty())
      trial.wrong("nothing: another core's change is in progress", waits.text());
  }
  for (const CoreNumber core : others) {
    answer = all_prepare(core_0);
    core_0.expect_commit(answer, core);
    if (core != others[2]) core_0.expect_prepares(answer, core + (core == others[0] ? 4 : 8));
  }
}

LAB_TEST(join, member_opens_its_link_before_it_says_prepared, "host") {
  for (int round = 0; round < 10; ++round) {
    const auto view = static_cast<ViewNumber>(3 + trial.below(50));
    const auto core = static_cast<CoreNumber>(1 + trial.below(view - 1));
    make_member(trial, core, view);
    const CoreNumber joiner = view;
    const Answer answer =
        take(trial, core, kCore0,
             line_of<agreement::prepare>({view + 1, view + 1, joiner, Change::join}));
    const std::size_t opens = answer.place("open", joiner),
                      says = answer.place_of<agreement::prepared>(kCore0);
    const std::size_t observed = answer.place("observed", joiner),
                      receives = answer.place("prepared", 0);
    if (opens >= observed || observed >= says || says >= receives ||
        receives == answer.calls.size())
      trial.wrong("open " + std::to_string(joiner) + "; observed " + std::to_string(joiner) +
                      "; post 0: prepared; prepared",
                  answer.text());
    const auto said = answer.calls[says].posted<agreement::prepared>();
    if (said->view != view + 1)
      trial.wrong("prepared(view=" + std::to_string(view + 1) + ")", answer.text());
    if (answer.state.prepared != view + 1 || answer.state.view != view ||
        (answer.state.linked >> joiner & 1) == 0 || (answer.state.cores >> joiner & 1) != 0)
      trial.wrong("a prepared view " + std::to_string(view + 1) + ", and view " +
                      std::to_string(view) + " with a link more",
                  "prepared " + std::to_string(answer.state.prepared) + ", view " +
                      std::to_string(answer.state.view) + ", cores " + bare(answer.state.cores) +
                      ", linked " + bare(answer.state.linked));
    const Answer committed =
        take(trial, core, kCore0,
             line_of<agreement::commit>({view + 1, view + 1, joiner, Change::join}));
    if (committed.state.view != view + 1 || (committed.state.cores >> joiner & 1) == 0 ||
        committed.state.incarnation != view)
      trial.wrong("view " + std::to_string(view + 1) + " with core " + std::to_string(joiner) +
                      "; the incarnation is view " + std::to_string(view) + " still",
                  "view " + std::to_string(committed.state.view) + ", cores " +
                      bare(committed.state.cores) + ", incarnation " +
                      std::to_string(committed.state.incarnation));
  }
}

LAB_TEST(join, joiner_has_links_with_all_cores_of_its_view, "host") {
  for (int round = 0; round < 10; ++round) {
    const auto view = static_cast<ViewNumber>(2 + trial.below(50));
    const auto core = static_cast<CoreNumber>(1 + trial.below(view - 1));
    const Answer answer = make_member(trial, core, view);
    const std::uint64_t all = (std::uint64_t{1} << view) - 1;
    if (answer.state.view != view || answer.state.prepared != view ||
        answer.state.incarnation != view || answer.state.cores != all || answer.state.linked != all)
      trial.wrong("view, prepared view and incarnation " + std::to_string(view) +
                      "; members and links " + bare(all),
                  "view " + std::to_string(answer.state.view) + ", prepared " +
                      std::to_string(answer.state.prepared) + ", incarnation " +
                      std::to_string(answer.state.incarnation) + ", cores " +
                      bare(answer.state.cores) + ", linked " + bare(answer.state.linked));
    for (CoreNumber other = 1; other < view; ++other)
      if ((answer.place("open", other) != answer.calls.size()) != (other != core))
        trial.wrong("open for each core of the view but core 0 and itself", answer.text());
    if (answer.place("prepared", 0) == answer.calls.size())
      trial.wrong("prepared: lines that wait for the view can be received", answer.text());
  }
}

LAB_TEST(join, cores_that_join_in_any_order_have_the_same_views, "host") {
  for (std::size_t round = 0; round < 40; ++round) {
    System system(trial, 2 + round % 12);
    std::vector<CoreNumber> waiting;
    for (CoreNumber core = 1; core < system.size(); ++core) waiting.push_back(core);
    std::ranges::shuffle(waiting, trial.random());
    while (!waiting.empty()) {
      if (trial.below(4) == 0 || !system.step()) {
        system.start(waiting.back());
        waiting.pop_back();
      }
    }
    system.run();
    system.expect(system.state(0).view == system.size(),
                  "view " + std::to_string(system.size()) + ": one for each core",
                  "view " + std::to_string(system.state(0).view));
    system.expect_rest();
  }
}
