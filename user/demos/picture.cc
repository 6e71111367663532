// picture.cc — the Mandelbrot set in letters, computed by all cores: `picture` draws it with one dispatcher, with two, four, and so
// on, and says how long each took. Each row is a task, which writes its letters into a page that all cores share.

#include <algorithm>
#include <array>

#include "lib/console.hh"
#include "lib/program.hh"
#include "lib/runtime.hh"
#include "span/shared_pages.hh"
#include "span/span.hh"
#include "sprat/first_process.hh"

namespace sprat {
namespace {

constexpr std::uint64_t kRows = 24, kColumns = 80, kRounds = 4'000;
constexpr std::string_view kLetters = " .:-=+*#%@";
constexpr std::size_t kPage = 0;
static_assert(kRows * kColumns <= kPageSize);

// Where row `number` is, on every core.
std::span<char, kColumns> letters_of(std::uint64_t number) {
  auto* const letters = reinterpret_cast<char*>(touchable_page(kPage).data());
  return std::span<char, kColumns>(letters + number * kColumns, kColumns);
}

// Rounds until the point (x, y) leaves the circle of radius 2; kRounds if it does not.
std::uint64_t rounds_at(double x, double y) {
  double re = 0, im = 0;
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    const double next = re * re - im * im + x;
    im = 2 * re * im + y;
    re = next;
    if (re * re + im * im > 4) return round;
  }
  return kRounds;
}

char letter_of(std::uint64_t rounds) {
  if (rounds == kRounds) return kLetters.back();
  std::uint64_t letter = 0;
  while (rounds > 1 && letter < kLetters.size() - 2) {
    rounds /= 2;
    ++letter;
  }
  return kLetters[letter];
}

// Draws row arguments[0]. The first one on a core brings the page there.
Task<Words> row(Words arguments) {
  const auto letters = letters_of(arguments[0]);
  const double y = -1.2 + 2.4 * (static_cast<double>(arguments[0]) + 0.5) / kRows;
  for (std::uint64_t column = 0; column < kColumns; ++column) {
    const double x = -2.2 + 3.2 * (static_cast<double>(column) + 0.5) / kColumns;
    letters[column] = letter_of(rounds_at(x, y));
  }
  co_return Words{};
}

struct Picture {
  std::uint64_t next_row = 0;
  Result<void> outcome;
};

// Has `core` compute one row after the other, until there is none left.
Task<> draw(Picture& picture, std::uint64_t core) {
  while (picture.next_row < kRows && picture.outcome) {
    const std::uint64_t number = picture.next_row++;
    const auto drawn = co_await run_on_core(core, &row, {number});
    if (!drawn) picture.outcome = drawn.error();
    co_await runtime().loop.turn();
  }
  co_return {};
}

// Two rows at a time for each other core, so that it need not wait for the next one.
Task<std::uint64_t> draw_with(Picture& picture, std::span<const std::uint64_t> cores) {
  std::array<Task<>, 2 * kMaxCores> drawing;
  const std::uint64_t begin = __builtin_ia32_rdtsc();
  for (std::size_t i = 0; i < cores.size(); ++i)
    for (std::size_t twice = 0; twice < (i == 0 ? 1 : 2); ++twice) {
      drawing[2 * i + twice] = draw(picture, cores[i]);
      runtime().loop.start(drawing[2 * i + twice]);
    }
  for (const auto& task : drawing) static_cast<void>(co_await task.join());
  if (!picture.outcome) co_return picture.outcome.error();
  co_return __builtin_ia32_rdtsc() - begin;
}

void print_rows() {
  for (std::uint64_t number = 0; number < kRows; ++number)
    print("{}\n", std::string_view(letters_of(number).data(), kColumns));
}

// 1, 2, 4, … and `last`; then 0.
std::size_t after(std::size_t number, std::size_t last) {
  return number == last ? 0 : std::min(2 * number, last);
}

Task<> draw_all(const Startup& startup) {
  std::array<std::uint64_t, kMaxCores> cores{startup.core_id};
  std::size_t count = 1;
  for (std::uint64_t core = 0; core < kMaxCores; ++core) {
    if (core == startup.core_id) continue;
    const auto spans = co_await span_to(core);
    if (spans) cores[count++] = core;
    if (!spans && spans.error() != Error::not_found)
      print("picture: without core {}: {}\n", core, name_of(spans.error()));
  }

  std::array<std::uint64_t, kMaxCores + 1> ticks{};  // by number of cores
  for (std::size_t number = 1; number != 0; number = after(number, count)) {
    std::ranges::fill(touchable_page(kPage), std::byte{' '});
    Picture picture;
    const auto taken = co_await draw_with(picture, std::span(cores).first(number));
    if (!taken) co_return taken.error();
    ticks[number] = taken.value();
  }
  print_rows();
  for (std::size_t number = 1; number <= count; ++number)
    if (ticks[number] != 0)
      print("{} {}: {} us\n", number, number == 1 ? "core" : "cores",
            ticks[number] / (startup.tsc_hz / 1'000'000));
  co_return {};
}

}  // namespace
}  // namespace sprat

int sprat::main(const Startup& startup) {
  if (is_added_dispatcher(startup)) return handle_tasks();
  const auto drawn = runtime().loop.run(draw_all(startup));
  if (drawn) return 0;
  print("picture: {}\n", name_of(drawn.error()));
  return 1;
}
