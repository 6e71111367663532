// printer.cc — prints lines that tell whether they are whole: `printer LINES`, then the same on each core that is named behind it.
// `printer flood`: without end.

#include "lib/console.hh"
#include "lib/program.hh"
#include "lib/remote_processes.hh"
#include "lib/runtime.hh"
#include "lib/words.hh"
#include "tests/programs/command_line.hh"

namespace sprat {
namespace {

constexpr std::uint64_t kEnded = 1;
constexpr std::size_t kMostCores = 16;

// "(2.1 17 abcdef…)": core, process, line, and letters whose number depends on these.
void print_line(const Startup& startup, std::uint64_t number) {
  std::array<char, 200> letters{};
  const std::size_t count = 20 + (number * 37 + startup.core_id * 11) % 170;
  for (std::size_t i = 0; i < count; ++i) letters[i] = static_cast<char>('a' + (i + number) % 26);
  print("({}.{} {} {})\n", startup.core_id, startup.process_id, number,
        std::string_view(letters.data(), count));
}

Task<> print_everywhere(const Startup& startup, std::uint64_t lines, std::string_view cores) {
  const CapRef<Type::dispatcher> self(task_slot(TaskSlot::dispatcher));
  const auto notification = retype<Type::notification>(self);
  if (!notification) co_return notification.error();
  const auto ended = mint(notification.value(), {kAllRights, kEnded, 0});
  if (!ended) co_return ended.error();
  const auto quota = quota_left();
  if (!quota) co_return quota.error();
  std::array<Cap<Type::endpoint>, kMostCores> others;
  std::size_t count = 0;
  for (std::uint64_t core = 0; count < kMostCores && parse_number(next_word(cores), core);) {
    auto child =
        co_await run_program_on(core, command_line("printer {}", lines), quota.value() / 3);
    if (!child) co_return child.error();
    others[count++] = std::move(child.value().process);
  }
  for (std::uint64_t number = 0; number < lines; ++number) print_line(startup, number);
  for (const auto& other : others)
    if (other && signal_at_end(other, ended.value())) co_await runtime().loop.notified(kEnded);
  co_return {};
}

}  // namespace
}  // namespace sprat

int sprat::main(const Startup& startup) {
  std::string_view words = arguments(startup);
  std::uint64_t lines = 0;
  if (!parse_number(next_word(words), lines)) lines = ~std::uint64_t{0};
  const auto printed = runtime().loop.run(print_everywhere(startup, lines, words));
  if (!printed) print("printer: {}\n", name_of(printed.error()));
  return 0;
}
