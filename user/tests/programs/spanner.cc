// spanner.cc — a process on cores 0, 1 and 2, and tasks on all of them. `spanner sum`: tasks that start tasks on further cores;
// `cancel`: tasks that are destroyed while they wait; `trap`: one that traps; `wait`: some that wait for ever; `again`: a core
// that stops meanwhile, and comes back (both publish the name spanner when they wait); `intrude CORE NUMBER`: another process that says it is one of the dispatchers;
// `to CORE`: only a dispatcher there; `share`, `share-again`, `churn`, `stale`, `write`: pages that they share.

#include "interfaces/peer.hh"
#include "lib/connection.hh"
#include "lib/service_names.hh"
#include "lib/upcalls.hh"
#include "lib/words.hh"
#include "span/messages.hh"
#include "span/shared_pages.hh"
#include "tests/programs/span_trial.hh"

namespace sprat {
namespace {

constinit std::uint64_t stale_address = 0;  // of the page that `put` has written
constinit std::uint64_t waiting_tasks = 0;  // of this core

struct CountedAsWaiting {
  CountedAsWaiting() { ++waiting_tasks; }
  CountedAsWaiting(const CountedAsWaiting&) = delete;
  CountedAsWaiting& operator=(const CountedAsWaiting&) = delete;
  ~CountedAsWaiting() { --waiting_tasks; }
};

Task<Words> wait_for_ever(Words) {
  const CountedAsWaiting counted;
  co_await runtime().loop.notified(0);
  co_return Words{};
}

Task<Words> count_waiting(Words) { co_return Words{waiting_tasks}; }

Task<Words> trap(Words) {
  own_frame().is_disabled = 1;
  __builtin_trap();
}

Task<Words> fail(Words) { co_return Error::quota_exceeded; }

// {rounds, sum, place}: each round on the next core, which adds 1 + its number at its decimal place.
Task<Words> visit(Words arguments) {
  const auto& [rounds, sum, place, unused, more] = arguments;
  const std::uint64_t total = sum + (1 + own_core) * place;
  if (rounds == 0) co_return Words{total};
  co_return co_await run_on_core((own_core + 1) % 3, &visit, {rounds - 1, total, place * 10});
}

// Starts three tasks on the next core, at once, and adds up the results: the first ones that this dispatcher starts there.
Task<Words> fan_out(Words) {
  std::array<Task<Words>, 3> tasks;
  for (auto& task : tasks) {
    task = run_on_core((own_core + 1) % 3, &visit, {0, 0, 1});
    runtime().loop.start(task);
  }
  std::uint64_t sum = 0;
  for (const auto& task : tasks) {
    const auto visited = co_await task.join();
    if (!visited) co_return visited.error();
    sum += visited.value()[0];
  }
  co_return Words{sum};
}

Task<std::uint64_t> waiting_on(std::uint64_t core) {
  const auto count = co_await run_on_core(core, &count_waiting, {});
  if (!count) co_return count.error();
  co_return count.value()[0];
}

Task<> sum() {
  const auto fanned = co_await run_on_core(1, &fan_out, {});
  if (!fanned) co_return fanned.error();
  print("spanner: fanned out {}\n", fanned.value()[0]);
  for (const std::uint64_t rounds : {0, 1, 2, 7}) {
    const auto visited = co_await run_on_core(0, &visit, {rounds, 0, 1});
    if (!visited) co_return visited.error();
    print("spanner: visited {}\n", visited.value()[0]);
  }
  const auto failed = co_await run_on_core(2, &fail, {});
  const auto twice = co_await span_to(2);
  const auto own = co_await span_to(0);
  const auto none = co_await run_on_core(3, &fail, {});
  print("spanner: {}, {}, {}, {}\n", name_of(failed.error()), name_of(twice.error()),
        name_of(own.error()), name_of(none.error()));
  co_return {};
}

constexpr std::size_t kTasks = 20;  // on each of the two others

Task<> until_waiting(std::uint64_t core, std::uint64_t wanted) {
  for (;;) {
    const auto waiting = co_await waiting_on(core);
    if (!waiting) co_return waiting.error();
    if (waiting.value() == wanted) co_return {};
  }
}

Task<> start_waiting(std::array<Task<Words>, 2 * kTasks>& tasks) {
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    tasks[i] = run_on_core(1 + i % 2, &wait_for_ever, {});
    runtime().loop.start(tasks[i]);
  }
  for (const std::uint64_t core : {1, 2})
    if (const auto waits = co_await until_waiting(core, kTasks); !waits) co_return waits;
  co_return {};
}

Task<> cancel() {
  {
    std::array<Task<Words>, 2 * kTasks> tasks;
    if (const auto wait = co_await start_waiting(tasks); !wait) co_return wait;
    print("spanner: 40 tasks wait\n");
  }
  for (const std::uint64_t core : {1, 2})
    if (const auto gone = co_await until_waiting(core, 0); !gone) co_return gone;
  print("spanner: no task is left\n");
  co_return {};
}

Task<> wait() {
  std::array<Task<Words>, 2 * kTasks> tasks;
  if (const auto wait = co_await start_waiting(tasks); !wait) co_return wait;
  static_cast<void>(co_await publish("spanner"));
  co_await runtime().loop.notified(0);
  co_return {};
}

// Until core 2 stops; then until it is there again.
Task<> again() {
  static_cast<void>(co_await publish("spanner"));
  const auto waited = co_await run_on_core(2, &wait_for_ever, {});
  const auto other = co_await run_on_core(1, &count_waiting, {});
  print("spanner: core 2 gives {}, core 1 {}\n", name_of(waited.error()),
        other ? "an answer" : name_of(other.error()));
  for (;;) {
    const auto spans = co_await span_to(2);
    if (spans) break;
    co_await runtime().loop.turn();
  }
  const auto visited = co_await run_on_core(0, &visit, {5, 0, 1});
  if (!visited) co_return visited.error();
  print("spanner: visited {}\n", visited.value()[0]);
  co_return {};
}

Task<> intrude(std::string_view words) {
  ProcessId victim;
  static_cast<void>(parse_number(next_word(words), victim.core));
  static_cast<void>(parse_number(next_word(words), victim.number));
  Connection connection;
  if (const auto connected = co_await connection.connect(victim); !connected) co_return connected;
  Peer<span_messages::interface, Channel> peer(connection.channel());
  const auto ran = co_await peer.call<span_messages::run>(
      {reinterpret_cast<std::uint64_t>(&count_waiting), 1, 0, 0, 0, 0, 0});
  print("spanner: intruder {}\n", ran ? "got a result" : name_of(ran.error()));
  co_return {};
}

// ---- shared pages

// {page, value}: writes it; returns the number before.
Task<Words> put(Words arguments) {
  const auto page = co_await shared_page(arguments[0]);
  if (!page) co_return page.error();
  auto* const word = reinterpret_cast<volatile std::uint64_t*>(page.value().data());
  stale_address = reinterpret_cast<std::uint64_t>(word);
  const std::uint64_t before = *word;
  *word = arguments[1];
  co_return Words{before};
}
Task<Words> get(Words arguments) {
  const auto page = co_await shared_page(arguments[0]);
  if (!page) co_return page.error();
  co_return Words{*reinterpret_cast<volatile std::uint64_t*>(page.value().data())};
}
// Reads where the page was, without asking for it.
Task<Words> peek(Words) {
  own_frame().is_disabled = 1;
  co_return Words{*reinterpret_cast<volatile std::uint64_t*>(stale_address)};
}
Task<Words> touch(Words) {
  co_return Words{*reinterpret_cast<volatile std::uint64_t*>(stale_address)};
}
Task<Words> count_limits(Words) { co_return Words{limits_received()}; }

Task<> say(const char* what, std::uint64_t core, CoreTask task, Words arguments) {
  const auto result = co_await run_on_core(core, task, arguments);
  if (result) {
    print("spanner: {} {}: {}\n", what, core, result.value()[0]);
  } else {
    print("spanner: {} {}: {}\n", what, core, name_of(result.error()));
  }
  co_return {};
}

Task<> limit(std::size_t page, Mapping mapping) {
  const auto limited = co_await limit_page(page, mapping);
  print("spanner: limit: {}\n", limited ? "done" : name_of(limited.error()));
  co_return {};
}

Task<> share() {
  static_cast<void>(co_await say("no page yet", 2, &get, {5}));
  static_cast<void>(co_await say("home puts, finds", 0, &put, {5, 100}));
  static_cast<void>(co_await say("puts, finds", 1, &put, {5, 101}));
  static_cast<void>(co_await say("puts, finds", 2, &put, {5, 102}));
  static_cast<void>(co_await say("home gets", 0, &get, {5}));
  static_cast<void>(co_await say("other page", 1, &put, {6, 1}));
  static_cast<void>(co_await say("home puts, finds", 0, &put, {6, 7}));
  static_cast<void>(co_await limit(6, Mapping::none));  // which no other core has
  static_cast<void>(co_await say("limits", 1, &count_limits, {}));
  static_cast<void>(co_await limit(5, Mapping::read_only));
  static_cast<void>(co_await say("gets", 1, &get, {5}));
  static_cast<void>(co_await say("touches", 2, &touch, {}));
  static_cast<void>(co_await limit(5, Mapping::none));
  static_cast<void>(co_await say("gets", 2, &get, {5}));
  static_cast<void>(co_await say("home gets", 0, &get, {5}));
  static_cast<void>(co_await say("limits", 1, &count_limits, {}));
  static_cast<void>(co_await limit(5, Mapping::writable));
  static_cast<void>(co_await say("puts, finds", 2, &put, {5, 103}));
  static_cast<void>(co_await say("gets", 1, &get, {5}));
  co_return {};
}

// Pages come, and are limited, at the same time: none is lost, and each limit ends.
Task<> churn_page(std::size_t page, std::uint64_t core) {
  for (std::uint64_t round = 0; round < 40; ++round) {
    const auto put_there = co_await run_on_core(core, &put, {page, round});
    if (!put_there && put_there.error() != Error::no_rights) co_return put_there.error();
  }
  co_return {};
}
Task<> limit_pages() {
  for (std::uint64_t round = 0; round < 40; ++round)
    for (const Mapping mapping : {Mapping::none, Mapping::writable})
      if (const auto limited = co_await limit_page(round % 4, mapping); !limited) co_return limited;
  co_return {};
}
Task<> churn() {
  for (std::size_t page = 0; page < 4; ++page)
    if (const auto made = co_await shared_page(page); !made) co_return made.error();
  std::array<Task<>, 9> tasks;
  for (std::size_t i = 0; i < 8; ++i) tasks[i] = churn_page(i / 2, 1 + i % 2);
  tasks[8] = limit_pages();
  for (auto& task : tasks) runtime().loop.start(task);
  for (const auto& task : tasks)
    if (const auto ended = co_await task.join(); !ended) co_return ended;
  print("spanner: all limits ended\n");
  co_return {};
}

// Core 2 stops while it has a page, and comes back without it; then it stops before it has answered a limit.
Task<Words> spin(Words) {
  for (;;) __builtin_ia32_pause();
}
Task<> share_again() {
  static_cast<void>(co_await say("home puts, finds", 0, &put, {5, 100}));
  for (const std::uint64_t core : {1, 2})
    static_cast<void>(co_await say("puts, finds", core, &put, {5, 100 + core}));
  static_cast<void>(co_await publish("spanner"));
  static_cast<void>(co_await say("waits", 2, &wait_for_ever, {}));
  static_cast<void>(co_await limit(5, Mapping::read_only));
  static_cast<void>(co_await say("limits", 1, &count_limits, {}));
  while (!co_await span_to(2)) co_await runtime().loop.turn();
  static_cast<void>(co_await limit(5, Mapping::none));
  for (const std::uint64_t core : {1, 2})
    static_cast<void>(co_await say("limits", core, &count_limits, {}));
  static_cast<void>(co_await limit(5, Mapping::writable));
  static_cast<void>(co_await say("puts, finds", 2, &put, {5, 103}));
  static_cast<void>(co_await say("home gets", 0, &get, {5}));
  Task<Words> spinning = run_on_core(2, &spin, {});
  runtime().loop.start(spinning);
  static_cast<void>(co_await publish("spinning"));
  static_cast<void>(co_await limit(5, Mapping::none));
  static_cast<void>(co_await limit(5, Mapping::writable));
  static_cast<void>(co_await say("gets", 1, &get, {5}));
  co_return {};
}

// One of these ends the process: core 2 reads where the page was; or writes to one that it may only read.
Task<> read_stale(Mapping mapping, CoreTask task) {
  static_cast<void>(co_await say("home puts, finds", 0, &put, {3, 1}));
  static_cast<void>(co_await say("puts, finds", 2, &put, {3, 2}));
  static_cast<void>(co_await limit(3, mapping));
  static_cast<void>(co_await say("is there", 2, task, {3, 3}));
  co_return {};
}

Task<> run_all(std::string_view words) {
  const std::string_view word = next_word(words);
  if (word == "intrude") co_return co_await intrude(words);
  if (word == "to") {
    std::uint64_t core = 0;
    static_cast<void>(parse_number(next_word(words), core));
    co_return co_await span_to(core);
  }
  for (const std::uint64_t core : {1, 2})
    if (const auto spans = co_await span_to(core); !spans) co_return spans;
  if (word == "sum") co_return co_await sum();
  if (word == "cancel") co_return co_await cancel();
  if (word == "wait") co_return co_await wait();
  if (word == "again") co_return co_await again();
  if (word == "share") co_return co_await share();
  if (word == "share-again") co_return co_await share_again();
  if (word == "churn") co_return co_await churn();
  if (word == "stale") co_return co_await read_stale(Mapping::none, &peek);
  if (word == "write") co_return co_await read_stale(Mapping::read_only, &put);
  static_cast<void>(co_await run_on_core(2, &trap, {}));
  co_await runtime().loop.notified(0);
  co_return {};
}

}  // namespace
}  // namespace sprat

int sprat::main(const Startup& startup) { return run_span_trial(startup, "spanner", &run_all); }
