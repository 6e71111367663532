// stop_test.cc — exercise 7: a core that stops is fenced, and leaves the views of all others.

#include <algorithm>
#include <bit>

#include "system.hh"

using namespace lab;
using sprat::grading::bare;

namespace {

Line suspicion(ViewNumber view, CoreNumber core) {
  return line_of<agreement::suspect>({view, core});
}

// Core 0 of a system of `count` cores that never was: it was told of each one's join.
void make_core_0(Trial& trial, ViewNumber count) {
  trial.expect_equal("forget", "done", trial.ask("forget"));
  ask(trial, "start 0");
  for (CoreNumber core = 1; core < count; ++core)
    take(trial, 0, kCore0, line_of<agreement::commit>({count, count, core, Change::join}));
}

std::size_t commits_in(const Answer& answer) {
  return static_cast<std::size_t>(std::ranges::count_if(
      answer.calls, [](const Call& call) { return call.posted<agreement::commit>().has_value(); }));
}

std::string receivers_of_commits(const Answer& answer) {
  std::string cores;
  for (const Call& call : answer.calls)
    if (call.posted<agreement::commit>()) cores += " " + std::to_string(call.core);
  return cores.empty() ? "none" : "commits to cores" + cores;
}

}  // namespace

LAB_TEST(stop, suspicion_is_a_message_to_core_0_and_nothing_else, "host") {
  trial.expect_equal("forget", "done", trial.ask("forget"));
  for (int round = 0; round < 10; ++round) {
    const auto core = static_cast<CoreNumber>(1 + trial.below(5));
    const auto other = static_cast<CoreNumber>(1 + (core + trial.below(4)) % 5);
    ask(trial, "start " + bare(core));
    take(trial, core, kCore0, line_of<agreement::members>({6, 0, 63, 0, 0, 0}));
    const Answer joined =
        take(trial, core, kCore0, line_of<agreement::commit>({6, 6, core, Change::join}));
    const std::string question = "suspect " + bare(core) + " " + bare(other);
    const Answer answer = ask(trial, question);
    const auto said =
        answer.calls.size() == 1 ? answer.calls[0].posted<agreement::suspect>() : std::nullopt;
    if (!said || said->core != other || said->view != 6 || answer.calls[0].core != kCore0)
      trial.wrong("post 0: suspect(view=6, core=" + std::to_string(other) + ")", answer.text());
    if (answer.state.cores != joined.state.cores || answer.state.linked != joined.state.linked)
      trial.wrong("the same view and links as before", "others");
    const Answer again = ask(trial, question);
    if (!again.calls.empty()) trial.wrong("nothing the second time", again.text());
    for (const CoreNumber wrong : {core, kCore0, CoreNumber{9}}) {
      const Answer none = ask(trial, "suspect " + bare(core) + " " + bare(wrong));
      if (!none.calls.empty())
        trial.wrong("nothing about itself, core 0, or a core outside of the view", none.text());
    }
  }
}

LAB_TEST(stop, core_is_stopped_before_its_death_is_told, "host") {
  for (int round = 0; round < 10; ++round) {
    const auto count = static_cast<ViewNumber>(4 + trial.below(30));
    make_core_0(trial, count);
    const auto core = static_cast<CoreNumber>(1 + trial.below(count - 1));
    const auto accuser = static_cast<CoreNumber>(core == 1 ? 2 : 1);
    const Answer answer = take(trial, 0, accuser, suspicion(count, core));
    const std::size_t fence = answer.place("fence", core);
    if (fence == answer.calls.size()) trial.wrong("fence " + std::to_string(core), answer.text());
    for (CoreNumber to = 1; to < count; ++to) {
      const std::size_t told = answer.place_of<agreement::prepare>(to);
      if (to == core ? told != answer.calls.size() : told == answer.calls.size())
        trial.wrong("prepare to all cores but core 0 and the dead one", answer.text());
      if (to != core && told < fence) trial.wrong("the fence before each prepare", answer.text());
    }
    if (commits_in(answer) != 0) trial.wrong("no commit yet", answer.text());
    const Answer again = take(trial, 0, accuser, suspicion(count, core));
    if (!again.calls.empty()) trial.wrong("nothing: the core is stopped", again.text());
  }
}

LAB_TEST(stop, suspicion_by_a_stopped_core_means_nothing, "host") {
  for (int round = 0; round < 10; ++round) {
    const auto count = static_cast<ViewNumber>(5 + trial.below(30));
    make_core_0(trial, count);
    const Answer first = take(trial, 0, 3, suspicion(count, 1));
    if (first.place("fence", 1) == first.calls.size()) trial.wrong("fence 1", first.text());
    const Answer revenge = take(trial, 0, 1, suspicion(count, 2));
    if (!revenge.calls.empty()) trial.wrong("nothing: core 1 is stopped", revenge.text());
    const Answer stranger = take(trial, 0, count + 3, suspicion(count, 2));
    if (!stranger.calls.empty()) trial.wrong("nothing: that core is in no view", stranger.text());
    const Answer about_none = take(trial, 0, 2, suspicion(count, count + 3));
    if (!about_none.calls.empty())
      trial.wrong("nothing: the suspected core is in no view", about_none.text());
  }
}

LAB_TEST(stop, member_closes_its_link_before_it_says_prepared, "host") {
  System system(trial, 8);
  system.begin_with(8);
  for (CoreNumber core = 1; core < 8; ++core) {
    const auto dead = static_cast<CoreNumber>(core == 7 ? 1 : core + 1);
    const Answer answer =
        take(trial, core, kCore0, line_of<agreement::prepare>({9, 9, dead, Change::death}));
    const std::size_t closes = answer.place("close", dead),
                      says = answer.place_of<agreement::prepared>(kCore0);
    const std::size_t observed = answer.place("observed", dead);
    if (closes >= observed || observed >= says || says == answer.calls.size())
      trial.wrong("close " + std::to_string(dead) + "; observed " + std::to_string(dead) +
                      "; post 0: prepared",
                  answer.text());
    if ((answer.state.linked >> dead & 1) != 0 || (answer.state.cores >> dead & 1) == 0)
      trial.wrong(
          "no link with core " + std::to_string(dead) + ", which is a member until the commit",
          "linked " + bare(answer.state.linked) + ", cores " + bare(answer.state.cores));
    const Answer committed =
        take(trial, core, kCore0, line_of<agreement::commit>({9, 9, dead, Change::death}));
    if (committed.state.view != 9 || (committed.state.cores >> dead & 1) != 0)
      trial.wrong("view 9 without core " + std::to_string(dead),
                  "view " + std::to_string(committed.state.view) + " of cores " +
                      bare(committed.state.cores));
  }
}

LAB_TEST(stop, view_waits_for_all_cores_but_stopped_ones, "host") {
  for (int round = 0; round < 20; ++round) {
    const auto count = static_cast<ViewNumber>(5 + trial.below(20));
    make_core_0(trial, count);
    std::vector<CoreNumber> cores;
    for (CoreNumber core = 1; core < count; ++core) cores.push_back(core);
    std::ranges::shuffle(cores, trial.random());
    const CoreNumber dead = cores[0], late = cores[1];
    take(trial, 0, late, suspicion(count, dead));
    Answer answer;
    for (const CoreNumber core : cores) {
      if (core == dead || core == late) continue;
      answer = take(trial, 0, core, line_of<agreement::prepared>({count + 1}));
      if (commits_in(answer) != 0)
        trial.wrong("no commit before core " + std::to_string(late) + " has prepared",
                    answer.text());
    }
    // The last one stops: it counts as having prepared, and its own death is the next view.
    answer = take(trial, 0, cores[2], suspicion(count + 1, late));
    if (commits_in(answer) != count - 3)
      trial.wrong(std::to_string(count - 3) + " commits of view " + std::to_string(count + 1) +
                      ", to all live cores but core 0",
                  receivers_of_commits(answer));
    const std::size_t next = answer.place_of<agreement::prepare>(cores[2]);
    const auto change = next == answer.calls.size()
                            ? std::nullopt
                            : answer.calls[next].posted<agreement::prepare>();
    if (!change || change->core != late || change->number != count + 2 ||
        change->change != Change::death)
      trial.wrong("prepare(number=" + std::to_string(count + 2) + ", core=" + std::to_string(late) +
                      ", change=death)",
                  answer.text());
  }
}

LAB_TEST(stop, core_that_has_not_joined_is_stopped_without_a_view, "host") {
  for (const bool has_said_hello : {false, true}) {
    const auto count = static_cast<ViewNumber>(4 + trial.below(20));
    make_core_0(trial, count);
    const CoreNumber joiner = count;
    take(trial, 0, 1, suspicion(count, 2));  // so that the joiner's turn has not come yet
    ask(trial, "expect " + bare(joiner));
    if (has_said_hello) take(trial, 0, joiner, line_of<agreement::hello>({0}));
    const Answer answer = ask(trial, "dead " + bare(joiner));
    const std::size_t fence = answer.place("fence", joiner), close = answer.place("close", joiner);
    if (close == answer.calls.size() || fence > close || answer.calls.size() != 2)
      trial.wrong("fence " + std::to_string(joiner) + "; close " + std::to_string(joiner),
                  answer.text());
    trial.expect_equal("whether the core may be started again", "1",
                       trial.ask("may-start " + bare(joiner)));
    Answer last;
    for (CoreNumber core = 1; core < count; ++core)
      if (core != 2) last = take(trial, 0, core, line_of<agreement::prepared>({count + 1}));
    if (last.state.view != count + 1 || last.place_of<agreement::prepare>(1) != last.calls.size())
      trial.wrong("view " + std::to_string(count + 1) + " without core 2, and no other change",
                  last.text());
  }
}

LAB_TEST(stop, every_incarnation_can_be_suspected, "host") {
  System system(trial, 4);
  system.begin_with(4);
  for (int incarnation = 0; incarnation < 4; ++incarnation) {
    system.suspect(1, 2);
    system.run();
    system.expect_rest();
    system.expect(system.is_fenced(2) && system.may_start(2),
                  "the suspected core is stopped, and may be started", "it is not, or may not");
    system.start(2);
    system.run();
    system.expect_rest();
  }
}

LAB_TEST(stop, of_two_cores_that_suspect_each_other_one_survives, "host") {
  for (int round = 0; round < 30; ++round) {
    System system(trial, 5);
    system.begin_with(5);
    system.suspect(3, 4);
    system.suspect(1, 2);
    system.suspect(2, 1);
    system.run();
    system.expect(system.is_fenced(1) != system.is_fenced(2), "one of cores 1 and 2 is stopped",
                  system.is_fenced(1) ? "both" : "none");
    system.expect_rest();
  }
}

LAB_TEST(stop, live_cores_agree_whatever_happens, "host") {
  for (std::size_t round = 0; round < 80; ++round) {
    System system(trial, 3 + round % 4);
    for (CoreNumber core = 1; core < system.size(); ++core) system.start(core);
    happen(trial, system,
           {.suspicions = static_cast<unsigned>(trial.below(4)),
            .hangs = static_cast<unsigned>(trial.below(3)),
            .restarts = static_cast<unsigned>(trial.below(3)),
            .talks = static_cast<unsigned>(trial.below(20)),
            .names = 0});
    system.expect_rest();
  }
}
