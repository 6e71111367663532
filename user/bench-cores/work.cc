// work.cc — computations by a dispatcher on each of several cores. The home tells all of them the next step, computes a part itself, and
// goes on when their results have come: a barrier and a reduction, by two messages with each other core.

#include <bit>

#include "bench-cores/chain.hh"
#include "bench-cores/measure.hh"
#include "bench-cores/pairs.hh"
#include "lib/runtime.hh"
#include "span/span.hh"

namespace sprat::bench {
namespace {

void print_result(std::string_view what, Cores cores, std::uint64_t count, std::uint64_t result) {
  print("row what={} cores={} count={} result={}\n", what, cores.size(), count, result);
}

// The answers of all parts.
using Answers = std::array<Words, kMostParts>;

// Has each core run `task` with the arguments of its part; this core, the first, comes last, when the others are at work.
template <class ArgumentsOf>
Task<Answers> run_on_all(Cores cores, CoreTask task, ArgumentsOf arguments_of) {
  std::array<Task<Words>, kMostParts> running;
  for (std::size_t part = cores.size(); part-- > 0;) {
    running[part] = run_on_core(cores[part], task, arguments_of(part));
    runtime().loop.start(running[part]);
  }
  Answers answers{};
  for (std::size_t part = 0; part < cores.size(); ++part) {
    const auto answer = co_await running[part].join();
    if (!answer) co_return answer.error();
    answers[part] = answer.value();
  }
  co_return answers;
}

// ---- pairs

Task<Words> pairs_of_part(Words words) { co_return count_pairs(words[0], words[1]); }

// ---- chain

std::uint64_t word_of(double number) { return std::bit_cast<std::uint64_t>(number); }
double number_of(std::uint64_t word) { return std::bit_cast<double>(word); }

Words words_of(const StepResult& result) {
  return {word_of(result.sum), word_of(result.first), word_of(result.last)};
}

std::array<StepResult, kMostParts> results_of(const Answers& answers) {
  std::array<StepResult, kMostParts> results;
  for (std::size_t i = 0; i < answers.size(); ++i)
    results[i] = {number_of(answers[i][0]), number_of(answers[i][1]), number_of(answers[i][2])};
  return results;
}

constinit Stretch stretch;  // this core's

Task<Words> begin_stretch(Words words) { co_return words_of(stretch.begin(words[0], words[1])); }
Task<Words> multiply(Words words) {
  co_return words_of(
      stretch.multiply(number_of(words[0]), number_of(words[1]), number_of(words[2])));
}
Task<Words> advance(Words words) { co_return words_of(stretch.advance(number_of(words[0]))); }

}  // namespace

Task<> measure_pairs(Cores cores) {
  const std::uint64_t begin = now();
  const auto answers = co_await run_on_all(cores, &pairs_of_part, [&](std::uint64_t part) {
    return Words{part, cores.size()};
  });
  if (!answers) co_return answers.error();
  Sizes sum{};
  for (const Words& counted : answers.value())
    for (std::size_t size = 0; size < sum.size(); ++size) sum[size] += counted[size];
  print_result("pairs", cores, now() - begin, result_of(sum));
  co_return {};
}

Task<> measure_chain(Cores cores) {
  Chain chain(cores.size());
  const auto begun = co_await run_on_all(cores, &begin_stretch, [&](std::uint64_t part) {
    return Words{part, cores.size()};
  });
  if (!begun) co_return begun.error();
  chain.begun(results_of(begun.value()));
  const std::uint64_t begin = now();
  for (unsigned i = 0; i < kChainRounds; ++i) {
    const auto multiplied = co_await run_on_all(cores, &multiply, [&](std::uint64_t part) {
      return Words{word_of(chain.beta()), word_of(chain.left_of(part)),
                   word_of(chain.right_of(part))};
    });
    if (!multiplied) co_return multiplied.error();
    chain.multiplied(results_of(multiplied.value()));
    const auto advanced = co_await run_on_all(
        cores, &advance, [&](std::uint64_t) { return Words{word_of(chain.alpha())}; });
    if (!advanced) co_return advanced.error();
    chain.advanced(results_of(advanced.value()));
  }
  print_result("chain", cores, now() - begin, chain.result());
  co_return {};
}

}  // namespace sprat::bench
