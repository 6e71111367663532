// binds.cc — exercise 2: channels between processes of one core and of several.

#include "lib/runtime.hh"
#include "programs.hh"
#include "script.hh"

namespace sprat::probe {
namespace {

using enum Do;

// On one core.
constexpr Step kHere[] = {
    {.key = "", .what = run, .name = "answerer"},
    {.key = "", .what = run, .name = "late"},
    {.key = "early", .what = connect, .name = "late"},
    {.key = "mixed", .what = give, .a = kDrawn},
    {.key = "no_such", .what = connect, .caller = 1, .name = "no_such"},
    {.key = "no_core", .what = connect, .caller = 1, .core = 9, .name = "answerer"},
    {.key = "many", .what = often},
    {.key = "leave", .what = give, .order = Deed::leave},
    {.key = "", .what = close},
    {.key = "ends", .what = ends},
};

constexpr Step kElsewhere[] = {
    {.key = "early", .what = connect, .core = 2, .name = "late"},
    {.key = "late", .what = give, .a = kDrawn},
    {.key = "one", .what = connect, .caller = 1, .core = 1, .name = "answerer"},
    {.key = "two", .what = connect, .caller = 2, .core = 2, .name = "answerer"},
    {.key = "by_one", .what = give, .caller = 1, .a = kDrawn},
    {.key = "by_two", .what = give, .caller = 2, .a = kDrawn},
    {.key = "one_to_two", .what = give, .caller = 1, .order = Deed::reach, .a = 2, .b = kDrawn},
    {.key = "two_to_one", .what = give, .caller = 2, .order = Deed::reach, .a = 1, .b = kDrawn},
    {.key = "one_to_no_core", .what = give, .caller = 1, .order = Deed::reach, .a = 9},
    {.key = "no_such", .what = connect, .caller = 3, .core = 1, .name = "no_such"},
    {.key = "many", .what = often, .core = 2},
    {.key = "still_there", .what = give, .caller = 1, .a = kDrawn},
};

// A process ends before it listens; one that waits for `never` is killed; one ends in the middle of a call.
constexpr Step kEnds[] = {
    {.key = "stays", .what = connect, .core = 1, .name = "answerer"},
    {.key = "brief", .what = connect, .caller = 1, .core = 1, .name = "brief"},
    {.key = "early_before", .what = early, .core = 1, .a = 0},
    {.key = "", .what = run, .name = "asker"},
    {.key = "early", .what = early, .core = 1, .a = 1},
    {.key = "", .what = kill},
    {.key = "early_after", .what = early, .core = 1, .a = 0},
    {.key = "ends_after", .what = ends, .core = 0, .a = 1},
    {.key = "victim", .what = connect, .caller = 1, .core = 1, .name = "victim"},
    {.key = "victim_mixes", .what = give, .caller = 1, .a = kDrawn},
    {.key = "victim_leaves", .what = give, .caller = 1, .order = Deed::leave},
    {.key = "", .what = close, .caller = 1},
    {.key = "many", .what = often, .core = 1},
    {.key = "ends_here", .what = ends, .core = 0, .a = 1},
    {.key = "ends_there", .what = ends, .core = 1, .a = 1},
    {.key = "stays_open", .what = give, .a = kDrawn},
};

constexpr Step kStops[] = {
    {.key = "one", .what = connect, .core = 1, .name = "answerer"},
    {.key = "two", .what = connect, .caller = 1, .core = 2, .name = "answerer"},
    {.key = "mixed", .what = give, .caller = 1, .a = kDrawn},
    {.key = "held", .what = give, .order = Deed::hold, .a = 2, .b = kDrawn},
    {.key = "", .what = begin, .caller = 2, .core = 2, .name = "never"},
    {.key = "early", .what = early, .core = 2, .a = 1},
    {.key = "stop", .what = stop, .core = 2},
    {.key = "mixed_after", .what = give, .caller = 1, .a = kDrawn},
    {.key = "held_after", .what = give, .order = Deed::held},
    {.key = "waited", .what = wait},
    {.key = "", .what = close, .caller = 1},
    {.key = "ends", .what = ends, .core = 0, .a = 1},
    {.key = "start", .what = start, .core = 2},
    {.key = "two_again", .what = connect, .caller = 1, .core = 2, .name = "answerer"},
    {.key = "mixed_again", .what = give, .caller = 1, .a = kDrawn},
};

constexpr Step kCounts[] = {
    {.key = "", .what = connect, .core = 1, .name = "answerer"},
    {.key = "", .what = lines},
    {.key = "connect", .what = connect, .caller = 1, .core = 1, .name = "answerer"},
    {.key = "mixed", .what = give, .caller = 1, .a = kDrawn},
    {.key = "lines_of_bind", .what = lines},
    {.key = "", .what = close, .caller = 1},
    {.key = "", .what = alone},
    {.key = "lines_of_close", .what = lines},
};

void pass_milliseconds(std::uint64_t number) {
  wait_for([] { return false; }, number);
}

}  // namespace

Script bind_script(std::string_view name) {
  if (name == "here") return kHere;
  if (name == "elsewhere") return kElsewhere;
  if (name == "ends") return kEnds;
  if (name == "stops") return kStops;
  if (name == "counts") return kCounts;
  return {};
}

}  // namespace sprat::probe

using namespace sprat;
using namespace sprat::probe;

// Listens when some time has passed.
PROGRAM(late) {
  pass_milliseconds(20);
  take_orders();
}

// Ends, and has not listened.
PROGRAM(brief) { pass_milliseconds(30); }

// Does not listen, and does not end.
PROGRAM(never) {
  for (;;) wait_for_notification();
}

PROGRAM(victim) { take_orders(); }

// Connects to `never`, and waits.
PROGRAM(asker) {
  Caller caller;
  static_cast<void>(runtime().loop.run(caller.connect(1, "never")));
}
