// cores.cc — exercise 9: on every core there is a probe. The first core's starts the others, and answers; the others
// leave their words in their memory, where these are read from outside of the machine, or say them when no other core
// speaks.

#include "monitor/cores.hh"

#include "grading/probe/probe.hh"
#include "lib/upcalls.hh"
#include "monitor/package.hh"

namespace sprat::probe {
namespace {

// At kReport in each probe's address space: read by ../tests/core_spaces.cc.
struct Report {
  std::uint64_t nonce;  // the boot's own
  std::uint64_t core_id, apic_id;
  std::uint64_t word;  // the seed's, for this core
};
constexpr VirtualAddress kReport = kOwnMappings + (std::uint64_t{3} << 30);

// The seed's number for this core.
std::uint64_t own_word() {
  evidence::Sequence sequence(evidence::hex(words(), "seed") + first_process().core_id);
  return sequence.next();
}

void leave_report() {
  auto frame = must(runtime().ram.make<Type::frame>(12), "a frame");
  must(runtime().space.map(kReport, frame, kPageSize, kWrite), "mapping it");
  frame.release();
  *reinterpret_cast<Report*>(kReport.value()) = {evidence::hex(words(), "nonce"),
                                                 first_process().core_id, first_process().apic_id,
                                                 own_word()};
}

// Without a session, which the first core has.
void say_own_word() {
  evidence::say_all("@", words().get("nonce").value_or(""), " answer core", first_process().core_id,
                    " ", first_process().apic_id, " ", VirtualAddress(own_word()), "\n");
}

bool is_aloud() { return words().get("arg") == "aloud"; }

constexpr std::uint64_t kTimeToSpeak = 200;  // milliseconds; beginning takes most of it

Result<void> load(std::uint32_t apic_id, const Cap<Type::ram>& ram, std::uint64_t bytes) {
  const auto loaded =
      invoke(task_slot(TaskSlot::kernel), Method::load_core, apic_id, ram.address().raw(), bytes);
  if (!loaded) return loaded.error();
  return {};
}

}  // namespace
}  // namespace sprat::probe

using namespace sprat;
using namespace sprat::probe;

PROBE_ON_OTHER_CORES(cores) {
  leave_report();
  if (!is_aloud()) return;
  pass_time(milliseconds(kTimeToSpeak * first_process().core_id));
  say_own_word();
}

// Starts all cores, and lets the grader look.
PROBE(cores) {
  leave_report();
  monitor::Cores cores(first_process());
  cores.start_all();
  pass_time(milliseconds(kTimeToSpeak * (first_process().cores + 2)));
  for (std::size_t n = 0; n < kMaxCores; ++n) {
    const auto core = cores.nth(n);
    if (!core) break;
    session.answer_numbered(n, "core", core.value().apic_id,
                            static_cast<std::uint64_t>(core.value().state));
  }
  session.answer("core0", first_process().apic_id, VirtualAddress(own_word()));
  session.answer("ready");
  if (!is_aloud())
    for (;;) wait_for_notification();
}

PROBE_ON_OTHER_CORES(core_refusals) { say_own_word(); }

// Cores that cannot be loaded, or started, before the other one of two cores is, and afterwards.
PROBE(core_refusals) {
  std::uint32_t other = 0;
  for (std::size_t i = 0; i < first_process().cores; ++i)
    if (first_process().core[i].apic_id != first_process().apic_id)
      other = first_process().core[i].apic_id;
  const auto answer = [&](const char* key, const auto& result) {
    session.answer(key, result ? "ok" : name_of(result.error()));
  };
  const CapAddress kernel = task_slot(TaskSlot::kernel);
  const auto ram = must(runtime().ram.make<Type::ram>(22), "RAM for a core");
  const auto small = must(runtime().ram.make<Type::ram>(20), "RAM that is too small");
  answer("own_core", load(first_process().apic_id, ram, 4096));
  answer("no_such_core", load(77, ram, 4096));
  answer("small_ram", load(other, small, 4096));
  answer("large_package", load(other, ram, (4 << 20) + 4096));
  answer("not_loaded", invoke(kernel, Method::start_core, other));
  answer("not_there", invoke(kernel, Method::start_core, 77));
  {
    const auto frame = must(retype<Type::frame>(ram, 12), "a frame");
    const auto loaded = load(other, ram, 4096);
    session.answer("used_ram", loaded ? "loaded" : "refused");
  }
  const auto state = [&] {
    return must(invoke(kernel, Method::core_state, other), "its state")[0];
  };
  session.answer("state", state());
  monitor::Cores(first_process()).start_all();
  session.answer("running", state());
  answer("running_already", invoke(kernel, Method::start_core, other));
  answer("in_use_already", load(other, ram, 4096));
  pass_time(milliseconds(kTimeToSpeak));
}
