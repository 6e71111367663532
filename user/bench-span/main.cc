// main.cc — the cost of a limit of a shared page, by the number of cores that have the page.
//
//   row what=unmap others=poll messages=2 rounds=1 region=55 cores=0,1 ticks=1480
//
// Time is the time-stamp counter's: under `-icount` it counts the instructions of all processors together, in Bochs ticks. The other
// cores either poll when a round begins, as cores do that compute together, or sleep, so that each must be woken.
//
//   span-bench once     takes the page back from all cores, one time: make trace RUN='span-bench once' NCPU=8

#include <algorithm>

#include "lib/console.hh"
#include "lib/program.hh"
#include "lib/runtime.hh"
#include "span/shared_pages.hh"
#include "span/span.hh"
#include "sprat/first_process.hh"
#include "sprat/region.hh"

namespace sprat {
namespace {

constexpr std::size_t kRounds = 15;
constexpr std::uint64_t kSilence = 40'000;  // enough to fall asleep
constexpr std::uint64_t kUsualPoll = 2'000, kLongPoll = 1'000'000'000;
constexpr std::size_t kPage = 0;

std::uint64_t now() { return __builtin_ia32_rdtsc(); }

// ---- on the other cores

Task<Words> touch(Words) {
  co_return Words{*reinterpret_cast<volatile std::uint64_t*>(touchable_page(kPage).data())};
}

Task<Words> count_limits(Words) { co_return Words{limits_received()}; }

Task<Words> poll_for(Words words) {
  runtime().loop.sources().set_poll_cycles(words[0]);
  co_return Words();
}

// ---- on the home

struct Cores {
  std::array<std::uint64_t, kMaxCores> others;
  std::size_t count = 0;
};

// The sum of the results.
Task<std::uint64_t> run_on_all(const Cores& cores, std::size_t count, CoreTask task,
                               Words words = {}) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto result = co_await run_on_core(cores.others[i], task, words);
    if (!result) co_return result.error();
    sum += result.value()[0];
  }
  co_return sum;
}

// The home has the page, and the first `others` other cores.
Task<> prepare(const Cores& cores, std::size_t others) {
  for (const Mapping mapping : {Mapping::none, Mapping::writable})
    if (const auto limited = co_await limit_page(kPage, mapping); !limited) co_return limited;
  static_cast<void>(co_await touch({}));
  const auto touched = co_await run_on_all(cores, others, &touch);
  co_return touched ? Result<void>() : touched.error();
}

Task<std::uint64_t> ticks_of_limit(const Cores& cores, std::size_t others, Mapping mapping) {
  if (const auto prepared = co_await prepare(cores, others); !prepared) co_return prepared.error();
  for (const std::uint64_t begin = now(); now() - begin < kSilence;) __builtin_ia32_pause();
  const std::uint64_t begin = now();
  region_begin<Region::limit_page>();
  const auto limited = co_await limit_page(kPage, mapping);
  region_end<Region::limit_page>();
  const std::uint64_t ticks = now() - begin;
  if (!limited) co_return limited.error();
  co_return ticks;
}

// Each limit is a message, and its answer.
Task<std::uint64_t> messages_of_limit(const Cores& cores, std::size_t others, Mapping mapping) {
  if (const auto prepared = co_await prepare(cores, others); !prepared) co_return prepared.error();
  const auto before = co_await run_on_all(cores, cores.count, &count_limits);
  if (const auto limited = co_await limit_page(kPage, mapping); !limited) co_return limited.error();
  const auto after = co_await run_on_all(cores, cores.count, &count_limits);
  if (!before || !after) co_return Error::peer_gone;
  co_return 2 * (after.value() - before.value());
}

struct Kind {
  const char* name;
  Mapping mapping;
};
constexpr std::array kKinds{Kind{"unmap", Mapping::none}, Kind{"protect", Mapping::read_only}};

Task<> measure(const Cores& cores, std::size_t others, const Kind& kind, const char* state) {
  std::array<std::uint64_t, kRounds> ticks;
  for (auto& each : ticks) {
    const auto measured = co_await ticks_of_limit(cores, others, kind.mapping);
    if (!measured) co_return measured.error();
    each = measured.value();
  }
  std::ranges::sort(ticks);
  const auto messages = co_await messages_of_limit(cores, others, kind.mapping);
  if (!messages) co_return messages.error();
  print("row what={} others={} messages={} rounds=1 region={} cores=0", kind.name, state,
        messages.value(), static_cast<std::uint64_t>(Region::limit_page));
  for (std::size_t i = 0; i < others; ++i) print(",{}", cores.others[i]);
  print(" ticks={}\n", ticks[kRounds / 2]);
  co_return {};
}

Task<> measure_all() {
  Cores cores;
  for (std::uint64_t core = 1; core < kMaxCores; ++core)
    if (co_await span_to(core)) cores.others[cores.count++] = core;
  for (const auto& [state, cycles] :
       {std::pair{"poll", kLongPoll}, std::pair{"sleep", kUsualPoll}}) {
    static_cast<void>(co_await poll_for({cycles}));
    if (const auto told = co_await run_on_all(cores, cores.count, &poll_for, {cycles}); !told)
      co_return told.error();
    for (std::size_t others = 0; others <= cores.count; ++others)
      for (const Kind& kind : kKinds)
        if (const auto measured = co_await measure(cores, others, kind, state); !measured)
          co_return measured;
  }
  co_return {};
}

Task<> limit_once() {
  Cores cores;
  for (std::uint64_t core = 1; core < kMaxCores; ++core)
    if (co_await span_to(core)) cores.others[cores.count++] = core;
  if (const auto told = co_await run_on_all(cores, cores.count, &poll_for, {kLongPoll}); !told)
    co_return told.error();
  if (const auto prepared = co_await prepare(cores, cores.count); !prepared) co_return prepared;
  for (const std::uint64_t begin = now(); now() - begin < kSilence;) __builtin_ia32_pause();
  trace<Event::begin>(&cores);
  const auto limited = co_await limit_page(kPage, Mapping::none);
  trace<Event::end>(&cores);
  if (!limited) co_return limited;
  print("unmapped from {} cores\n", cores.count + 1);
  co_return {};
}

}  // namespace
}  // namespace sprat

int sprat::main(const Startup& startup) {
  if (is_added_dispatcher(startup)) return handle_tasks();
  const bool is_once = arguments(startup).find("once") != std::string_view::npos;
  const auto done = runtime().loop.run(is_once ? limit_once() : measure_all());
  if (!done) print("span-bench: {}\n", name_of(done.error()));
  return done ? 0 : 1;
}
