// script.cc — one coroutine, in which each kind of step is a case.

#include "script.hh"

#include <algorithm>

#include "lib/core_requests.hh"
#include "lib/late_answers.hh"
#include "lib/program.hh"
#include "lib/remote_processes.hh"
#include "lib/runtime.hh"
#include "programs.hh"

namespace sprat::probe {
namespace {

constexpr std::uint64_t kManyRounds = 40;
constexpr std::size_t kCallers = 4;
constexpr int kMostTurns = 10'000, kMostLooks = 2'000;

// The state that earlier steps have left to later ones.
struct Scene {
  explicit Scene(std::uint64_t seed) : numbers(seed) {}

  evidence::Sequence numbers;
  std::array<Caller, kCallers> callers;
  Task<> connecting;
  Child child;
  std::uint64_t lines = 0;
  std::array<std::uint64_t, 3> free_ram{};                             // by core
  std::array<std::array<std::uint64_t, 2>, 'c' - 'a' + 1> reported{};  // by letter
};

using Outcome = Result<std::uint64_t>;
Outcome outcome_of(const Result<void>& result) { return result ? Outcome(0) : result.error(); }

void tell(evidence::Session& session, const char* key, const Outcome& outcome) {
  if (*key == 0) return;
  outcome ? session.answer(key, outcome.value()) : session.answer(key, name_of(outcome.error()));
}

// The value that `number` comes to: other cores are asked for it again and again, until it is `wanted`.
template <class Number>
std::uint64_t settled(std::uint64_t wanted, Number number) {
  std::uint64_t last = number();
  for (int looks = 0; last != wanted && looks < kMostLooks; ++looks) {
    yield(Yield::stay);
    last = number();
  }
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

Outcome run(Scene& scene, std::string_view name) {
  scene.child = TRY(run_program(name));
  return 0;
}

Task<std::uint64_t> spawn(Scene& scene, const Step& step) {
  CommandLine line(step.name, step.a == kDrawn ? scene.numbers.next() >> 12 : step.a);
  line.add(step.words);
  auto child = co_await run_program_on(step.core, line.text());
  if (!child) co_return child.error();
  scene.child = std::move(child.value());
  co_return 0;
}

// Takes calls of processes of this core that report numbers, for ever.
Task<> take_reports(Scene& scene) {
  for (;;) {
    const auto call = co_await runtime().loop.next_call();
    if (!call) co_return call.error();
    const auto& [letter, first, second, unused_3, unused_4] = call.value().words;
    if (letter - 'a' < scene.reported.size()) scene.reported[letter - 'a'] = {first, second};
    answer({});
  }
}

// Gives how many there were.
Task<std::uint64_t> spawn_often(std::uint64_t core) {
  for (std::uint64_t round = 0; round < kManyRounds; ++round) {
    const auto child = co_await run_program_on(core, "ends");
    if (!child) co_return child.error();
    const auto ended = co_await ended_process(child.value());
    if (!ended) co_return ended.error();
  }
  co_return kManyRounds;
}

Outcome difference_of_ram(Scene& scene, std::uint64_t core) {
  const std::uint64_t now = TRY(census_of(core)).free_kib;
  return std::exchange(scene.free_ram[core], now) - now;
}

std::uint64_t processes_of(std::uint64_t core) {
  const auto census = census_of(core);
  return census ? census.value().processes : ~std::uint64_t{0};
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
    case Do::run: co_return run(scene, step.name);
    case Do::spawn: co_return co_await spawn(scene, step);
    case Do::spawn_often: co_return co_await spawn_often(step.core);
    case Do::ended: co_return outcome_of(co_await ended_process(scene.child));
    case Do::processes: co_return settled(step.a, [&] { return processes_of(step.core); });
    case Do::free_ram: co_return difference_of_ram(scene, step.core);
    case Do::kill: co_return outcome_of(kill(scene.child.process));
    case Do::stop: co_return co_await change(CoreRequest::stop, step.core);
    case Do::start: co_return co_await change(CoreRequest::start, step.core);
    case Do::alone:
      for (int turn = 0; turn < kMostTurns; ++turn) {
        const auto clients = co_await caller.order({Deed::clients, 0, 0});
        if (!clients || clients.value() == 1) co_return clients;
      }
      co_return Error::again;
    case Do::reported: co_return scene.reported[static_cast<std::size_t>(*step.name - 'a')][step.a];
    case Do::lines: co_return co_await lines_since(scene, caller);
  }
  co_return Error::invalid_argument;
}

}  // namespace

CommandLine::CommandLine(std::string_view name, std::uint64_t number) {
  std::array<char, 20> digits;
  std::size_t begin = digits.size();
  do {
    digits[--begin] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  add(name);
  add({&digits[begin], digits.size() - begin});
}

void CommandLine::add(std::string_view word) {
  if (length_ + 1 + word.size() > letters_.size()) return;
  if (length_ != 0) letters_[length_++] = ' ';
  std::ranges::copy(word, &letters_[length_]);
  length_ += word.size();
}

// A process that has ended before is asked for in vain.
Task<> ended_process(const Child& child) {
  constexpr std::uint64_t kEnded = std::uint64_t{1} << 20;
  static constinit CapAddress signal;
  if (signal == CapAddress()) {
    const CapRef<Type::dispatcher> self(task_slot(TaskSlot::dispatcher));
    const auto notification = retype<Type::notification>(self);
    if (!notification) co_return notification.error();
    auto ended = mint(notification.value(), {kAllRights, kEnded, 0});
    if (!ended) co_return ended.error();
    signal = ended.value().release();
  }
  const auto waits = signal_at_end(child.process, CapRef<Type::notification>(signal));
  if (waits) co_await runtime().loop.notified(kEnded);
  if (!waits && waits.error() != Error::not_found) co_return waits;
  co_return {};
}

Task<> carry_out(Script script, evidence::Session& session) {
  Scene scene(session.seed());
  const auto endpoint =
      retype<Type::endpoint>(CapRef<Type::dispatcher>(task_slot(TaskSlot::dispatcher)));
  if (!endpoint) co_return endpoint.error();
  const auto offered = offer_service(endpoint.value());
  if (!offered) co_return offered;
  Task<> reports = take_reports(scene);
  runtime().loop.start(reports);
  for (const Step& step : script) tell(session, step.key, co_await carry_out(scene, step));
  co_return {};
}

}  // namespace sprat::probe

using namespace sprat::probe;

PROGRAM(ends) {}

PROGRAM(home) {
  const auto name = sprat::next_word(arguments);
  const Script of_bind = bind_script(name);
  const Script script = of_bind.empty() ? spawn_script(name) : of_bind;
  const auto& line = startup().command_line;
  {
    sprat::evidence::Session session(
        sprat::boot::CommandLine(sprat::until_zero({line.data(), line.size()})), "system");
    static_cast<void>(sprat::runtime().loop.run(carry_out(script, session)));
  }
  power_off();
}
