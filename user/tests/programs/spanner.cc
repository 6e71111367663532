// spanner.cc — a process on cores 0, 1 and 2, and tasks on all of them. `spanner sum`: tasks that start tasks on further cores;
// `cancel`: tasks that are destroyed while they wait; `trap`: one that traps; `wait`: some that wait for ever; `again`: a core
// that stops meanwhile, and comes back (both publish the name spanner when they wait); `intrude CORE NUMBER`: another process that says it is one of the dispatchers.

#include "interfaces/peer.hh"
#include "lib/connection.hh"
#include "lib/console.hh"
#include "lib/program.hh"
#include "lib/runtime.hh"
#include "lib/service_names.hh"
#include "lib/upcalls.hh"
#include "lib/words.hh"
#include "span/messages.hh"
#include "span/span.hh"

namespace sprat {
namespace {

constinit std::uint64_t own_core = 0;
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

Task<std::uint64_t> waiting_on(std::uint64_t core) {
  const auto count = co_await run_on_core(core, &count_waiting, {});
  if (!count) co_return count.error();
  co_return count.value()[0];
}

Task<> sum() {
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

Task<> run_all(std::string_view words) {
  const std::string_view word = next_word(words);
  if (word == "intrude") co_return co_await intrude(words);
  for (const std::uint64_t core : {1, 2})
    if (const auto spans = co_await span_to(core); !spans) co_return spans;
  if (word == "sum") co_return co_await sum();
  if (word == "cancel") co_return co_await cancel();
  if (word == "wait") co_return co_await wait();
  if (word == "again") co_return co_await again();
  static_cast<void>(co_await run_on_core(2, &trap, {}));
  co_await runtime().loop.notified(0);
  co_return {};
}

}  // namespace
}  // namespace sprat

int sprat::main(const Startup& startup) {
  own_core = startup.core_id;
  if (is_added_dispatcher(startup)) return handle_tasks();
  std::string_view words = until_zero({startup.command_line.data(), startup.command_line.size()});
  static_cast<void>(next_word(words));
  const auto done = runtime().loop.run(run_all(words));
  if (!done) print("spanner: {}\n", name_of(done.error()));
  return done ? 0 : 1;
}
