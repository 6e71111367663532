// script.cc — one coroutine, in which each kind of step is a case.

#include "script.hh"

#include "lib/core_requests.hh"
#include "lib/late_answers.hh"
#include "lib/program.hh"
#include "lib/runtime.hh"
#include "system.hh"

namespace sprat::probe {
namespace {

constexpr std::uint64_t kManyRounds = 40;
constexpr std::size_t kCallers = 4;
constexpr int kMostTurns = 10'000;

// Deed the steps before have left.
struct Scene {
  evidence::Sequence numbers{seed()};
  std::array<Caller, kCallers> callers;
  Task<> connecting;
  Child child;
  std::uint64_t lines = 0;
};

using Outcome = Result<std::uint64_t>;
Outcome outcome_of(const Result<void>& result) { return result ? Outcome(0) : result.error(); }

void tell(const char* key, const Outcome& outcome) {
  if (*key == 0) return;
  outcome ? answer(key, outcome.value()) : answer(key, name_of(outcome.error()));
}

// The value that `number` comes to: it is asked for again and again, for two seconds or until it is `wanted`.
template <class Number>
std::uint64_t settled(std::uint64_t wanted, Number number) {
  std::uint64_t last = ~std::uint64_t{0};
  const auto has_come = [&] { return (last = number()) == wanted; };
  wait_for(has_come, 2000 * cycles_of_millisecond());
  return last;
}

Task<std::uint64_t> connect_often(std::uint64_t core, std::uint64_t number) {
  std::uint64_t sum = 0;
  for (std::uint64_t round = 0; round < kManyRounds; ++round) {
    Caller caller;
    const auto connected = co_await caller.connect(core, "answerer");
    if (!connected) co_return connected.error();
    const auto mixed = co_await caller.order({Deed::mix, number + round, 0});
    if (!mixed) co_return mixed.error();
    sum += mixed.value();
  }
  co_return sum;
}

Task<std::uint64_t> lines_since(Scene& scene, Caller& caller) {
  const auto there = co_await caller.order({Deed::lines, 0, 0});
  if (!there) co_return there.error();
  const std::uint64_t all = there.value() + lines_posted();
  co_return all - std::exchange(scene.lines, all);
}

Task<std::uint64_t> change(CoreRequest request, std::uint64_t core) {
  const auto changed = co_await ask_and_wait(kOwnCore, {static_cast<std::uint64_t>(request), core});
  co_return changed ? Outcome(0) : changed.error();
}

Task<std::uint64_t> carry_out(Scene& scene, const Step& step) {
  Caller& caller = scene.callers[step.caller];
  const auto drawn = [&](std::uint64_t number) {
    return number == kDrawn ? scene.numbers.next() : number;
  };
  switch (step.what) {
    case Do::connect: co_return outcome_of(co_await caller.connect(step.core, step.name));
    case Do::begin:
      scene.connecting = caller.connect(step.core, step.name);
      runtime().loop.start(scene.connecting);
      co_await runtime().loop.turn();
      co_return 0;
    case Do::wait:
      for (int turn = 0; turn < kMostTurns && !scene.connecting.done(); ++turn)
        co_await runtime().loop.turn();
      co_return scene.connecting.done() ? outcome_of(scene.connecting.result()) : Error::again;
    case Do::give: co_return co_await caller.order({step.order, drawn(step.a), drawn(step.b)});
    case Do::close: caller.close(); co_return 0;
    case Do::often: co_return co_await connect_often(step.core, scene.numbers.next());
    case Do::ends:
    case Do::early:
      co_return settled(step.a, [&] {
        const auto census = census_of(step.core);
        if (!census) return ~std::uint64_t{0};
        return std::uint64_t{step.what == Do::ends ? census.value().channels
                                                   : census.value().early};
      });
    case Do::run: scene.child = need(run_program(step.name), "run"); co_return 0;
    case Do::kill: co_return outcome_of(kill(scene.child.process));
    case Do::stop: co_return co_await change(CoreRequest::stop, step.core);
    case Do::start: co_return co_await change(CoreRequest::start, step.core);
    case Do::alone:
      for (int turn = 0; turn < kMostTurns; ++turn) {
        const auto clients = co_await caller.order({Deed::clients, 0, 0});
        if (!clients || clients.value() == 1) co_return clients;
      }
      co_return Error::again;
    case Do::lines: co_return co_await lines_since(scene, caller);
  }
  co_return Error::invalid_argument;
}

}  // namespace

Task<> carry_out(Script script) {
  Scene scene;
  for (const Step& step : script) tell(step.key, co_await carry_out(scene, step));
  co_return {};
}

}  // namespace sprat::probe

using namespace sprat::probe;

PROBE_PROCESS(home) {
  static_cast<void>(sprat::runtime().loop.run(carry_out(script_of(sprat::next_word(arguments)))));
  end_test();
}
