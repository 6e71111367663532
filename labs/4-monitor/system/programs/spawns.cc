// spawns.cc — exercise 3: processes on other cores. They report with nothing but what this exercise makes: a process that has something
// to report starts another one on core 0, which calls `home`.

#include "lib/remote_processes.hh"
#include "lib/runtime.hh"
#include "lib/words.hh"
#include "programs.hh"
#include "script.hh"

namespace sprat::probe {
namespace {

using enum Do;

// relay NUMBER KEY ROUTE TEXT: on each core of the route, a digit each and a dot, the number becomes another one; on core 0 it is reported
// to `home` under KEY, and the text as a number.
constexpr Step kSpawns[] = {
    {.key = "one", .what = spawn, .core = 1, .name = "relay", .words = "a 0. x", .a = kDrawn},
    {.key = "one_ended", .what = ended},
    {.key = "a", .what = reported, .name = "a"},
    {.key = "text_of_a", .what = reported, .name = "a", .a = 1},
    {.key = "chain", .what = spawn, .core = 1, .name = "relay", .words = "b 210. x", .a = kDrawn},
    {.key = "chain_ended", .what = ended},
    {.key = "b", .what = reported, .name = "b"},
    {.key = "long",
     .what = spawn,
     .core = 2,
     .name = "relay",
     .words = "c 0. this_command_line_does_not_go_into_one_message_nor_into_two",
     .a = kDrawn},
    {.key = "long_ended", .what = ended},
    {.key = "c", .what = reported, .name = "c"},
    {.key = "text_of_c", .what = reported, .name = "c", .a = 1},
    {.key = "no_program", .what = spawn, .core = 1, .name = "nothing"},
    {.key = "no_core", .what = spawn, .core = 9, .name = "relay"},
};

constexpr Step kLives[] = {
    {.key = "first", .what = spawn, .core = 1, .name = "never"},
    {.key = "kill_first", .what = kill},
    {.key = "first_ended", .what = ended},
    {.key = "", .what = processes, .core = 1, .a = 0},
    {.key = "", .what = free_ram, .core = 0},
    {.key = "", .what = free_ram, .core = 1},
    {.key = "again", .what = spawn, .core = 1, .name = "never"},
    {.key = "runs", .what = processes, .core = 1, .a = 1},
    {.key = "ram_here", .what = free_ram, .core = 0},
    {.key = "ram_there", .what = free_ram, .core = 1},
    {.key = "kill", .what = kill},
    {.key = "ended", .what = ended},
    {.key = "none_runs", .what = processes, .core = 1, .a = 0},
    {.key = "many", .what = spawn_often, .core = 1},
    {.key = "none_is_left", .what = processes, .core = 1, .a = 0},
};

constexpr Step kStops[] = {
    {.key = "there", .what = spawn, .core = 2, .name = "never"},
    {.key = "stop", .what = stop, .core = 2},
    {.key = "ended", .what = ended},
    {.key = "stopped", .what = spawn, .core = 2, .name = "relay"},
    {.key = "start", .what = start, .core = 2},
    {.key = "one", .what = spawn, .core = 2, .name = "relay", .words = "a 10. x", .a = kDrawn},
    {.key = "one_ended", .what = ended},
    {.key = "a", .what = reported, .name = "a"},
};

constexpr Step kCounts[] = {
    {.key = "", .what = connect, .core = 1, .name = "answerer"},
    {.key = "", .what = lines},
    {.key = "first", .what = spawn, .core = 1, .name = "never"},
    {.key = "lines_of_first", .what = lines},
    {.key = "", .what = kill},
    {.key = "first_ended", .what = ended},
    {.key = "lines_of_kill", .what = lines},
    {.key = "second", .what = spawn, .core = 1, .name = "never"},
    {.key = "lines_of_second", .what = lines},
};

}  // namespace

Script spawn_script(std::string_view name) {
  if (name == "spawns") return kSpawns;
  if (name == "lives") return kLives;
  if (name == "spawns-stops") return kStops;
  if (name == "spawns-counts") return kCounts;
  return {};
}

namespace {

// A number that depends on each letter, and on their order.
std::uint64_t number_of(std::string_view text) {
  std::uint64_t number = 0;
  for (const char letter : text)
    number = evidence::Sequence(number ^ static_cast<unsigned char>(letter)).next();
  return number;
}

Task<> relay(std::string_view words) {
  std::uint64_t number = 0;
  parse_number(next_word(words), number);
  number = relayed(startup().core_id, number);
  const std::string_view key = next_word(words), route = next_word(words), text = next_word(words);
  if (startup().core_id == 0) {
    const auto home = find_service("home");
    if (!home) co_return home.error();
    const auto reported = call(home.value().address(),
                               {static_cast<unsigned char>(key.front()), number, number_of(text)});
    co_return reported ? Result<void>() : reported.error();
  }
  CommandLine next("relay", number);
  next.add(key);
  next.add(slice(route, 1));
  next.add(text);
  const auto child =
      co_await run_program_on(static_cast<std::uint64_t>(route.front() - '0'), next.text());
  if (!child) co_return child.error();
  co_return co_await ended_process(child.value());
}

}  // namespace
}  // namespace sprat::probe

PROGRAM(relay) { static_cast<void>(sprat::runtime().loop.run(sprat::probe::relay(arguments))); }
