// costs.cc — the checkpoints' operations, in a system where no other program runs. They are those of the program bench, one kind
// in each boot: another kind may need an exercise that is open.

#include "bench/measurements.hh"
#include "grading/probe/probe.hh"

namespace sprat::probe {
namespace {

struct Kind {
  std::string_view name;  // arg=NAME
  void (*measure)();
};

constexpr Kind kKinds[] = {
    {"entries", bench::measure_kernel_entries}, {"calls", bench::measure_calls},
    {"faults", bench::measure_faults},          {"mappings", bench::measure_mappings},
    {"retyping", bench::measure_retyping},      {"revoking", bench::measure_revoking}};

}  // namespace

PROBE(costs) {
  for (const Kind& kind : kKinds)
    if (words().get("arg") == kind.name) kind.measure();
  session.answer("measured", words().get("arg").value_or("nothing"));
}

}  // namespace sprat::probe
