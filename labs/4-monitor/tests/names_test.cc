// names_test.cc — exercise 6: names of services, registered by votes.

#include <algorithm>

#include "one_core.hh"

using namespace lab;
using agreement::Opinion, agreement::Outcome;
using sprat::grading::bare;

namespace {

agreement::Name service(std::uint64_t number) {
  agreement::Name name;
  if (!name.assign("service " + bare(number))) throw std::logic_error("a name that is too long");
  return name;
}

struct Member : OneCore {
  using OneCore::OneCore;

  Answer propose(CoreNumber from, std::uint32_t operation, std::uint64_t name) {
    return hear<agreement::propose>(from, {kView, operation, 77, kView, service(name)});
  }
  Answer decide(CoreNumber from, std::uint32_t operation, std::uint64_t name, Outcome outcome) {
    return hear<agreement::decide>(from, {kView, operation, 77, kView, outcome, service(name)});
  }
  Answer add(std::uint64_t name, std::uint64_t task = 1) {
    return order("register", bare(task) + " " + bare(name) + " 9");
  }
  std::string look_up(std::uint64_t name) {
    return trial.ask("look-up " + bare(core) + " " + bare(name));
  }

  // The number of the operation of which all others are told by `answer`.
  template <const auto& kMessage>
  std::uint32_t told_to_all(const Answer& answer) {
    std::uint32_t operation = 0;
    for (CoreNumber to = 0; to < kView; ++to) {
      if (to == core) continue;
      const std::size_t place = answer.place_of<kMessage>(to);
      if (place == answer.calls.size())
        trial.wrong(std::string(kMessage.name) + " to all other cores", answer.text());
      operation = answer.calls[place].posted<kMessage>()->operation;
    }
    return operation;
  }
  void expect_vote(const Answer& answer, CoreNumber to, std::uint32_t operation, Opinion opinion) {
    const std::size_t place = answer.place_of<agreement::vote>(to);
    const auto vote =
        place == answer.calls.size() ? std::nullopt : answer.calls[place].posted<agreement::vote>();
    if (!vote || vote->operation != operation || vote->opinion != opinion)
      trial.wrong("post " + std::to_string(to) + ": vote(operation=" + std::to_string(operation) +
                      ", opinion=" + agreement::name_of(opinion) + ")",
                  answer.text());
  }
};

}  // namespace

LAB_TEST(names, bystander_votes_yes_for_a_free_name_and_taken_for_another, "host") {
  for (int round = 0; round < 5; ++round) {
    Member member(trial, static_cast<CoreNumber>(1 + trial.below(6)));
    const CoreNumber owner = 7;
    const std::uint64_t name = trial.below(1000);
    const auto operation = static_cast<std::uint32_t>(1 + trial.below(1000));
    member.expect_vote(member.propose(owner, operation, name), owner, operation, Opinion::yes);
    trial.expect_equal("a look-up of a name that is proposed only", "error not_found",
                       member.look_up(name));
    const Answer answer = member.decide(owner, operation, name, Outcome::registered);
    const std::size_t done = answer.place_of<agreement::done>(owner);
    if (done == answer.calls.size() ||
        answer.calls[done].posted<agreement::done>()->operation != operation)
      trial.wrong("post 7: done(operation=" + std::to_string(operation) + ")", answer.text());
    trial.expect_equal("a look-up", "found 7 4d 8", member.look_up(name));
    member.expect_vote(member.propose(kCore0, 3, name), kCore0, 3, Opinion::taken);
    member.expect_vote(member.propose(kCore0, 4, name + 1), kCore0, 4, Opinion::yes);
    const Answer removed = member.decide(owner, operation + 1, name, Outcome::removed);
    if (removed.place_of<agreement::done>(owner) == removed.calls.size())
      trial.wrong("post 7: done", removed.text());
    trial.expect_equal("a look-up of a name that is removed", "error not_found",
                       member.look_up(name));
  }
}

LAB_TEST(names, bystander_keeps_a_second_proposal_until_the_first_is_decided, "host") {
  for (const Outcome outcome : {Outcome::registered, Outcome::dropped}) {
    Member member(trial, 7);
    const auto first = static_cast<CoreNumber>(1 + trial.below(5)), second = first + 1;
    member.expect_vote(member.propose(first, 5, 1), first, 5, Opinion::yes);
    member.expect_nothing(member.propose(second, 6, 1), "the name is promised to another core");
    member.expect_nothing(member.propose(kCore0, 7, 1), "the name is promised to another core");
    const Answer answer = member.decide(first, 5, 1, outcome);
    if (outcome == Outcome::registered) {
      member.expect_vote(answer, second, 6, Opinion::taken);
      member.expect_vote(answer, kCore0, 7, Opinion::taken);
      continue;
    }
    member.expect_vote(answer, kCore0, 7, Opinion::yes);  // the smallest
    if (answer.place_of<agreement::vote>(second) != answer.calls.size())
      trial.wrong("one yes, to core 0", answer.text());
    const Answer last = member.decide(kCore0, 7, 1, Outcome::dropped);
    member.expect_vote(last, second, 6, Opinion::yes);
  }
}

LAB_TEST(names, larger_of_two_initiators_gives_way, "host") {
  {
    Member member(trial, 4);
    const auto operation = member.told_to_all<agreement::propose>(member.add(1));
    member.expect_vote(member.propose(6, 5, 1), 6, 5, Opinion::lost);
    const Answer answer = member.propose(2, 8, 1);
    if (member.told_to_all<agreement::decide>(answer) != operation)
      trial.wrong("decide(dropped) of its own operation to all", answer.text());
    member.expect_vote(answer, 2, 8, Opinion::yes);
    const std::size_t told = answer.place("told", 1);
    if (told == answer.calls.size() || answer.calls[told].result != "busy")
      trial.wrong("the caller is told: busy", answer.text());
    member.expect_nothing(member.hear<agreement::vote>(6, {kView, operation, Opinion::yes}),
                          "the operation is over");
  }
  // Each answer that is not yes ends the operation, with an error of its own.
  for (const auto& [opinion, error] : {std::pair{Opinion::taken, "in_use"},
                                       {Opinion::lost, "busy"},
                                       {Opinion::no_room, "out_of_memory"}}) {
    Member member(trial, 4);
    const auto operation = member.told_to_all<agreement::propose>(member.add(1));
    member.hear<agreement::vote>(1, {kView, operation, Opinion::yes});
    const Answer answer = member.hear<agreement::vote>(6, {kView, operation, opinion});
    member.told_to_all<agreement::decide>(answer);
    const std::size_t told = answer.place("told", 1);
    if (told == answer.calls.size() || answer.calls[told].result != error)
      trial.wrong(std::string("the caller is told: ") + error, answer.text());
    trial.expect_equal("a look-up", "error not_found", member.look_up(1));
  }
}

LAB_TEST(names, caller_is_told_when_all_cores_are_done, "host") {
  for (int round = 0; round < 5; ++round) {
    Member member(trial, 3);
    const auto operation = member.told_to_all<agreement::propose>(member.add(1));
    std::vector<CoreNumber> others{0, 1, 2, 4, 5, 6, 7};
    std::ranges::shuffle(others, trial.random());
    Answer answer;
    for (const CoreNumber other : others) {
      if (other != others.front())
        member.expect_nothing(answer, "votes of other cores are missing");
      answer = member.hear<agreement::vote>(other, {kView, operation, Opinion::yes});
    }
    if (member.told_to_all<agreement::decide>(answer) != operation)
      trial.wrong("decide(registered) to all", answer.text());
    std::ranges::shuffle(others, trial.random());
    for (const CoreNumber other : others) {
      if (answer.place("told", 1) != answer.calls.size())
        trial.wrong("the caller waits until all cores are done", answer.text());
      answer = member.hear<agreement::done>(other, {kView, operation});
    }
    const std::size_t told = answer.place("told", 1);
    if (told == answer.calls.size() || answer.calls[told].result != "ok")
      trial.wrong("the caller is told: ok", answer.text());
    trial.expect_equal("a look-up", "found 3 9 8", member.look_up(1));
  }
}

LAB_TEST(names, one_of_several_initiators_wins, "host") {
  for (std::size_t round = 0; round < 100; ++round) {
    System system(trial, 2 + round % 5);
    system.begin_with(system.size());
    const std::size_t initiators = 1 + trial.below(system.size());
    for (CoreNumber core = 0; core < initiators; ++core) {
      system.add(core, 0);
      if (trial.below(2) == 0) system.step();
    }
    system.run();
    const auto won = std::ranges::count(system.told(), "ok", &System::Told::result);
    system.expect(won == 1, "one initiator registers the name", std::to_string(won));
    system.expect_equal_tables(1);
    system.expect_rest();
  }
}

LAB_TEST(names, core_that_joins_knows_all_names, "host") {
  for (std::size_t round = 0; round < 60; ++round) {
    System system(trial, 5);
    system.begin_with(4);
    system.add(static_cast<CoreNumber>(trial.below(4)), 0);
    for (std::size_t steps = trial.below(30); steps != 0; --steps) system.step();
    system.start(4);
    for (std::size_t steps = trial.below(20); steps != 0; --steps) system.step();
    system.add(static_cast<CoreNumber>(trial.below(4)), 1);
    system.run();
    for (const auto& told : system.told())
      system.expect(told.result == "ok", "both names are registered", told.result);
    system.expect_equal_tables(2);
    system.expect_rest();
  }
}

LAB_TEST(names, names_and_promises_of_a_dead_core_are_gone, "host") {
  {
    Member member(trial, 7);
    const auto dead = static_cast<CoreNumber>(1 + trial.below(5)), next = dead + 1;
    member.expect_vote(member.propose(dead, 5, 1), dead, 5, Opinion::yes);
    member.expect_nothing(member.propose(next, 6, 1), "the name is promised to another core");
    member.expect_vote(
        member.hear<agreement::prepare>(kCore0, {kView + 1, kView + 1, dead, Change::death}), next,
        6, Opinion::yes);
  }
  for (std::size_t round = 0; round < 80; ++round) {
    System system(trial, 5);
    system.begin_with(5);
    const auto dead = static_cast<CoreNumber>(1 + trial.below(4));
    const auto other = static_cast<CoreNumber>(dead == 4 ? 1 : dead + 1);
    system.add(dead, 0);
    for (std::size_t steps = trial.below(20); steps != 0; --steps) system.step();
    system.add(other, 1);
    for (std::size_t steps = trial.below(10); steps != 0; --steps) system.step();
    system.hang(dead);
    system.declare_dead(dead);
    system.run();
    system.expect(system.look_up(0, 0) == "error not_found", "a dead core has no name",
                  system.look_up(0, 0));
    system.expect(system.told()[1].result == "ok",
                  "a registration does not wait for a dead core's vote",
                  "its caller is told: " + system.told()[1].result);
    // The name is free again.
    system.add(other, 0);
    system.run();
    system.expect(system.told()[2].result == "ok", "the dead core's name can be registered",
                  "its caller is told: " + system.told()[2].result);
    system.expect_equal_tables(2);
    system.expect_rest();
  }
}

LAB_TEST(names, tables_agree_whatever_happens, "host") {
  for (std::size_t round = 0; round < 80; ++round) {
    System system(trial, 3 + round % 3);
    for (CoreNumber core = 1; core < system.size(); ++core) system.start(core);
    happen(trial, system,
           {.suspicions = static_cast<unsigned>(trial.below(3)),
            .hangs = static_cast<unsigned>(trial.below(3)),
            .restarts = static_cast<unsigned>(trial.below(3)),
            .talks = 0,
            .names = static_cast<unsigned>(trial.below(12))});
    system.expect_rest();
    system.expect_equal_tables(kNames);
  }
}
