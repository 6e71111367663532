// powers.cc — see powers.hh. Each trial is a sentence about what holds; the judge's own capabilities are what it needs.

#include "powers.hh"

#include "init/doorbells.hh"
#include "lib/console.hh"
#include "lib/runtime.hh"

namespace sprat::hostile {
namespace {

constexpr CapAddress kKernel = task_slot(TaskSlot::kernel);

// What went wrong first in this trial: its line, what was expected and what came.
struct Failure {
  std::uint64_t line = 0, expected = 0, came = 0;
};
constinit Failure failure{};

void expect(std::uint64_t line, std::uint64_t expected, std::uint64_t came) {
  if (expected != came && failure.line == 0) failure = {line, expected, came};
}
template <class T>
std::uint64_t status(const Result<T>& result) {
  return result ? kStatusOk : status_of(result.error());
}

#define EXPECT_EQ(expected, came) expect(__LINE__, std::uint64_t(expected), std::uint64_t(came))
#define EXPECT_OK(result) EXPECT_EQ(kStatusOk, status(result))
#define EXPECT_ERROR(error, result) EXPECT_EQ(status_of(Error::error), status(result))

Result<Words> signal(const Cap<Type::irq>& doorbell) {
  return invoke(doorbell.address(), Method::signal, 0);
}

// ---- trials

// Two doorbells of one line were given to two holders, who made copies.
void doorbells_are_revoked_one_by_one(std::uint32_t apic_id) {
  constexpr std::uint64_t kLine = kFirstDoorbell + 9;  // that nobody is bound to
  auto first = init::doorbell_of(apic_id, kLine), second = init::doorbell_of(apic_id, kLine);
  EXPECT_OK(first);
  EXPECT_OK(second);
  const auto of_first = mint(first.value()), of_second = mint(second.value());
  EXPECT_OK(signal(of_first.value()));
  EXPECT_OK(signal(of_second.value()));
  EXPECT_OK(revoke(second.value().address()));
  EXPECT_OK(signal(of_first.value()));
  EXPECT_ERROR(no_capability, signal(of_second.value()));
  EXPECT_OK(revoke(first.value().address()));
  EXPECT_ERROR(no_capability, signal(of_first.value()));
  EXPECT_OK(signal(first.value()));
}

void doorbells_that_are_none_are_refused(std::uint32_t apic_id) {
  EXPECT_ERROR(invalid_argument, init::doorbells_of(apic_id, kFirstDoorbell + kDoorbells, 0));
  EXPECT_ERROR(invalid_argument, init::doorbells_of(apic_id, kFirstDoorbell, kDoorbells + 1));
  EXPECT_ERROR(invalid_argument, init::doorbells_of(apic_id, kFirstDoorbell + 1, ~std::uint64_t{0}));
  EXPECT_ERROR(invalid_argument, init::doorbells_of(0xff, kFirstDoorbell, 1));
}

// Each power alone does what it is for, and nothing else.
void powers_of_the_kernel_capability_are_separate(std::uint32_t apic_id) {
  const CapRef<Type::kernel> all(kKernel);
  const auto only = [&](Rights power) { return mint(all, {power, 0, 0}); };
  const auto share = only(kMayShare), start = only(kMayStartCores), end = only(kMayPowerOff);
  const CapAddress root = task_slot(TaskSlot::root);
  const auto ask = [&](const Result<Cap<Type::kernel>>& kernel, Method method) {
    return invoke(kernel.value().address(), method, root.raw(), 0, apic_id, 0, 0);
  };
  for (const Method method : {Method::set_remote, Method::doorbells, Method::adopt}) {
    EXPECT_ERROR(invalid_argument, ask(share, method));  // slot 0
    EXPECT_ERROR(no_rights, ask(start, method));
    EXPECT_ERROR(no_rights, ask(end, method));
  }
  for (const Method method : {Method::load_core, Method::start_core, Method::core_state}) {
    EXPECT_EQ(true, status(ask(start, method)) != status_of(Error::no_rights));
    EXPECT_ERROR(no_rights, ask(share, method));
    EXPECT_ERROR(no_rights, ask(end, method));
  }
  EXPECT_ERROR(no_rights, ask(share, Method::power_off));
  EXPECT_ERROR(no_rights, ask(start, Method::power_off));
}

struct Trial {
  const char* name;
  void (*run)(std::uint32_t apic_id);
};
constexpr Trial kTrials[] = {
    {"doorbells are revoked one by one", doorbells_are_revoked_one_by_one},
    {"doorbells that are none are refused", doorbells_that_are_none_are_refused},
    {"powers of the Kernel capability are separate", powers_of_the_kernel_capability_are_separate},
};

}  // namespace

bool try_powers(std::uint32_t apic_id) {
  bool is_well = true;
  for (const Trial& trial : kTrials) {
    failure = {};
    trial.run(apic_id);
    if (failure.line == 0) {
      print("powers: {}: fended off\n", trial.name);
      continue;
    }
    is_well = false;
    print("powers: {}: FAILED (line {}: expected {x}, came {x})\n", trial.name, failure.line,
          failure.expected, failure.came);
  }
  return is_well;
}

}  // namespace sprat::hostile
