// main.cc — rings between cores, and shared lines, with nothing else on the machine: this program takes the place of the monitor.
//
// Words of its command line: `rings`, all experiments of two cores between the cores 0 and 1; `pairs`, some of them between
// every two; `updates`, state that 2 to all cores update. scripts/bench reads the rows that it prints:
//
//   row what=round-trip ring=epoch words=1 slots=16 lines=0 region=256 cores=0,1 rounds=1024 ticks=95000,95010

#include "bench-rings/crew.hh"
#include "lib/console.hh"
#include "lib/first_process.hh"
#include "lib/startup.hh"
#include "lib/upcalls.hh"
#include "lib/words.hh"
#include "monitor/cores.hh"
#include "sprat/text.hh"

namespace sprat::bench {
namespace {

void measure(std::size_t number, std::span<const std::size_t> cores) {
  const Experiment& row = experiment(number);
  const Ticks ticks = must(perform(number, cores), "an experiment");
  print("row what={} ring={} words={} slots={} lines={} region={} cores=", row.what, row.ring,
        row.words, row.slots, row.lines, row.region + cores.size() - 2);
  for (std::size_t i = 0; i < cores.size(); ++i) print("{}{}", i == 0 ? "" : ",", cores[i]);
  print(" rounds={} ticks=", kRounds);
  for (std::size_t i = 0; i < cores.size(); ++i) print("{}{}", i == 0 ? "" : ",", ticks[i]);
  print("\n");
}

void measure_rings() {
  for (std::size_t i = 0; i < first_of_updates(); ++i) measure(i, std::array<std::size_t, 2>{0, 1});
}

// By the ring and the window of the paper's table.
void measure_pairs(std::size_t cores) {
  for (std::size_t i = 0; i < first_of_updates(); ++i) {
    const Experiment& row = conversations()[i];
    if (row.ring != "epoch" || row.words != 7 || row.slots != 16) continue;
    if (row.what != "round-trip" && row.what != "stream") continue;
    for (std::size_t first = 0; first < cores; ++first)
      for (std::size_t second = 0; second < cores; ++second)
        if (first != second) measure(i, std::array{first, second});
  }
}

void measure_updates(std::size_t cores) {
  std::array<std::size_t, kMostCores> all{};
  for (std::size_t i = 0; i < cores; ++i) all[i] = i;
  for (std::size_t i = first_of_updates(); i < first_of_exchanges(); ++i)
    for (std::size_t count = 2; count <= cores; ++count) measure(i, std::span(all).first(count));
}

void stress(std::size_t cores, std::uint64_t messages, std::uint64_t seed) {
  std::array<std::size_t, kMostCores> all{};
  for (std::size_t i = 0; i < cores; ++i) all[i] = i;
  const auto pairs = std::span(all).first(cores / 2 * 2);
  const std::uint64_t amount = messages / (exchanges().size() * pairs.size());
  for (std::size_t i = first_of_exchanges(); i < experiment_count(); ++i) {
    must(perform(i, pairs, amount, seed + i * kMostCores), "messages are not as they were sent");
    print("{} messages by {} of {} slots, on {} cores: all as they were sent\n",
          amount * pairs.size(), experiment(i).ring, experiment(i).slots, pairs.size());
  }
}

// The others begin with the address of the arena (sprat/first_process.hh).
struct Crew final : monitor::Part {
  const FirstProcess& process;
  std::uint64_t arena_begin;
  std::size_t cores = 1;

  Crew(const FirstProcess& first, std::uint64_t begin) : process(first), arena_begin(begin) {}

  Result<void> before_start(std::uint32_t core, std::uint32_t apic_id,
                            CorePackage& header) override {
    if (core >= kMostCores) return Error::out_of_memory;
    TRY(join_crew(core, apic_id));
    cores = core + 1;
    header.link = arena_begin;
    header.link_apic_id = process.apic_id;
    return {};
  }
};

std::size_t start_crew(const FirstProcess& process) {
  Crew crew(process, must(make_arena(), "memory for all"));
  must(listen_to_doorbell(), "a doorbell");
  must(join_crew(0, process.apic_id), "the own doorbell");
  monitor::Parts parts;
  parts.add(crew);
  monitor::Cores(process).start_all(parts);
  return crew.cores;
}

void lead(const FirstProcess& process) {
  const std::size_t cores = start_crew(process);
  const auto& text = process.module[0].command_line;
  std::string_view words = until_zero({text.data(), text.size()});
  static_cast<void>(next_word(words));
  std::uint64_t messages = 0, seed = 1;
  for (std::string_view word = next_word(words); !word.empty(); word = next_word(words)) {
    if (word == "rings" && cores >= 2) measure_rings();
    if (word == "pairs") measure_pairs(cores);
    if (word == "updates") measure_updates(cores);
    if (word.starts_with("messages=")) static_cast<void>(parse_number(slice(word, 9), messages));
    if (word.starts_with("seed=")) static_cast<void>(parse_number(slice(word, 5), seed));
  }
  if (messages != 0 && cores >= 2) stress(cores, messages, seed);
  end_machine(true);
}

void follow(const FirstProcess& process) {
  must(join_arena(process.link), "the memory of all");
  must(listen_to_doorbell(), "a doorbell");
  obey(process.core_id);
}

void run() {
  const FirstProcess& process = first_process();
  process.core_id == 0 ? lead(process) : follow(process);
}

}  // namespace
}  // namespace sprat::bench

namespace sprat {

std::string_view process_name() { return "bench"; }

// The first upcall of a core's first process (lib/start.S).
extern "C" [[noreturn]] void start(DispatcherFrame& frame) {
  start_first_process(frame, bench::run);
}

}  // namespace sprat
