// judge.cc — the first process of each core: starts attackers, one at a time, beside a neighbour, and checks the state
// after each has ended. It prints its findings on the console, for ../attacks/hostile_test.cc.
//
// Words of its command line: fuzz=STEPS for each core, in the place of the named attacks; seed=NUMBER; with=other-core: on
// core 0 the attacks that need another core's memory, which core 1 provides, or fuzzers that have such memory; rounds=NUMBER of
// races for the attacks.

#include "child.hh"
#include "child_process.hh"
#include "flipper.hh"
#include "judge_tools.hh"
#include "monitor/cores.hh"
#include "powers.hh"
#include "sharing.hh"

namespace sprat::hostile {
namespace {

// ---- the court: attackers, their neighbour, and memory that they must not change

class Court {
 public:
  explicit Court(const Sharing& sharing)
      : sharing_(sharing),
        own_bell_(must(
            retype<Type::notification>(CapRef<Type::dispatcher>(task_slot(TaskSlot::dispatcher))),
            "a notification")),
        bell_(must(mint(own_bell_, {kAllRights, 1, 0}), "its badge")),
        own_endpoint_(
            must(retype<Type::endpoint>(CapRef<Type::dispatcher>(task_slot(TaskSlot::dispatcher))),
                 "an endpoint")),
        secret_(page_at(kOwnMappings + 0x4000'0000)),
        neighbour_(kOwnMappings + 0x4000'1000),
        attacker_(kOwnMappings + 0x4000'2000) {
    for (std::size_t i = 0; i < kPageSize / 8; ++i) secret()[i] = kSecretWord;
    neighbour_.make(neighbour_begins, own_endpoint_, bell_, [&](CapAddress) {
      const CapRef<Type::dispatcher> original(in_their_task(TaskSlot::dispatcher));
      endpoint_ = must(retype<Type::endpoint>(original), "the neighbour's endpoint");
    });
    neighbour_.run();
  }

  // Makes an attacker and lets it run; it ends when `is_over` says so, or after so long. Returns how it ended.
  template <class Over>
  std::uint64_t let_loose(std::uint64_t order, std::uint64_t seed, Over is_over,
                          std::uint64_t milliseconds) {
    volatile Report& report = attacker_.report();
    report.order = order;
    report.seed = seed;
    report.steps = 0;
    report.done = 0;
    report.failures = 0;
    attacker_.make(attacker_begins, endpoint_, bell_, [&](CapAddress node) { give(node); });
    attacker_.run();
    std::uint64_t end = kNeverEnds;
    static_cast<void>(wait_for(
        [&] {
          const auto status = attacker_.status();
          const auto state =
              status ? static_cast<DispatcherState>(status.value()[0]) : DispatcherState::stopped;
          if (is_over(report, state)) end = kGoesOn;
          if (status && state == DispatcherState::stopped) end = status.value()[1];
          return end != kNeverEnds;
        },
        milliseconds));
    return end;
  }

  volatile Report& report() { return attacker_.report(); }

  // The damage that remains when the attacker has ended, or null.
  const char* damage() {
    const std::uint64_t steps = neighbour_.report().steps;
    if (!attacker_.end()) return "not all memory came back";
    if (!wait_for([&] { return neighbour_.report().steps > steps + 1; }, 2000))
      return "the neighbour stands still";
    if (neighbour_.report().failures != 0) return "the neighbour's memory has changed";
    for (std::size_t i = 0; i < kPageSize / 8; ++i) {
      if (secret()[i] != kSecretWord) return "read-only memory has changed";
    }
    return nullptr;
  }

 private:
  static constexpr std::uint64_t kSecretWord = 0x5ec2e75ec2e75ec2;
  static constexpr std::uint64_t kQuietPorts = 0x2f0, kQuietLine = 5;

  volatile std::uint64_t* secret() {
    return reinterpret_cast<volatile std::uint64_t*>(kOwnMappings.value() + 0x4000'0000);
  }

  void give(CapAddress node) {
    sharing_.give(node);
    must(mint_into(node, kSecret, secret_.address(), {kRead | kGrant, 0, 0}), "the secret");
    must(mint_into(node, kKernel, task_slot(TaskSlot::kernel), {kMayPrint | kGrant, 0, 0}),
         "the kernel");
    must(mint_into(node, kPorts, task_slot(TaskSlot::io_ports),
                   {kAllRights, kQuietPorts, kPortCount}),
         "ports");
    if (first_process().core_id == 0)  // which all lines lead to
      must(mint_into(node, kLine, task_slot(TaskSlot::irq), {kAllRights, kQuietLine, 1}), "a line");
    must(mint_into(node, kBell, bell_.address(), {kRead | kGrant, 0, 0}), "the bell");
    must(mint_into(node, kNobody, endpoint_.address(), {kWrite, 7, 0}), "an endpoint");
  }

  const Sharing& sharing_;
  Cap<Type::notification> own_bell_, bell_;
  Cap<Type::endpoint> own_endpoint_, endpoint_;
  CapRef<Type::frame> secret_;
  Child neighbour_, attacker_;
};

// ---- the trials

// Runs the attacks [first, end). Returns whether all were fended off.
bool try_attacks(Court& court, std::size_t first, std::size_t end_of_attacks, std::uint64_t seed) {
  const std::uint32_t core = first_process().core_id;
  constexpr std::uint64_t kPatience = 400, kPatienceForMany = 60'000;
  bool is_well = true;
  for (std::size_t i = first; i < end_of_attacks; ++i) {
    const std::uint64_t end = court.let_loose(
        i, seed, [](volatile Report& report, DispatcherState) { return report.done != 0; },
        attack(i).end == kNeverEnds ? kPatience : kPatienceForMany);
    const char* wrong = nullptr;
    if (end != attack(i).end) wrong = "it ended otherwise";
    if (court.report().failures != 0) wrong = "an answer was not as it must be";
    if (const char* const damage = court.damage()) wrong = damage;
    if (wrong == nullptr) {
      print("core {}: {}: fended off\n", core, attack(i).name);
      continue;
    }
    is_well = false;
    const volatile Report& r = court.report();
    print("core {}: {}: FAILED: {} (end {}; step {}; line {}: expected {x}, came {x})\n", core,
          attack(i).name, wrong, end, std::uint64_t{r.steps}, std::uint64_t{r.line},
          std::uint64_t{r.expected}, std::uint64_t{r.came});
  }
  return is_well;
}

// One fuzzer after the other, until they have made so many steps. Each dies when it has made a random number of steps, whatever
// it is doing, if it has not ended itself before. Returns whether none has done harm.
bool try_fuzzers(Court& court, std::uint64_t steps, std::uint64_t seed) {
  // Milliseconds without a step, for a fuzzer that runs and for one that waits, which no process will wake.
  constexpr std::uint64_t kLife = 20'000, kPatience = 25, kPatienceWithWaiting = 2;
  const std::uint32_t core = first_process().core_id;
  evidence::Sequence seeds(seed ^ std::uint64_t{core} << 48);
  std::uint64_t made = 0, lives = 0;
  while (made < steps) {
    const std::uint64_t own_seed = seeds.next();
    const std::uint64_t limit = std::min(1 + seeds.next() % kLife, steps - made);
    std::uint64_t last = 0, last_change = __builtin_ia32_rdtsc();
    const auto is_over = [&](volatile Report& report, DispatcherState state) {
      const std::uint64_t patience =
          state == DispatcherState::runnable ? kPatience : kPatienceWithWaiting;
      const std::uint64_t now = __builtin_ia32_rdtsc();
      if (report.steps != last) {
        last = report.steps;
        last_change = now;
      }
      return last >= limit || now - last_change > first_process().tsc_hz / 1000 * patience;
    };
    static_cast<void>(court.let_loose(attack_count(), own_seed, is_over, 10'000));
    made +=
        1 + std::min(std::uint64_t{court.report().steps}, limit);  // it may write anything there
    ++lives;
    if (const char* const damage = court.damage()) {
      print("core {}: fuzzer of seed {x}: FAILED: {}\n", core, own_seed, damage);
      return false;
    }
  }
  print("core {}: {} steps in {} lives: fended off\n", core, made, lives);
  return true;
}

// ---- the end: cores share nothing but devices, and registers of the DMA controller keep written values

constexpr std::uint64_t kPages = 0x80;
constexpr std::uint64_t kWell = 0x5a, kBadly = 0xa5;

void say_over(bool is_well) {
  static_cast<void>(invoke(task_slot(TaskSlot::io_ports), Method::out,
                           kPages + first_process().core_id, 1, is_well ? kWell : kBadly));
}

// Waits until a core's trials are over. Returns whether they succeeded.
bool went_well(std::uint64_t core) {
  for (;; give_way()) {
    const auto value = invoke(task_slot(TaskSlot::io_ports), Method::in, kPages + core, 1);
    if (value && value.value()[0] == kWell) return true;
    if (value && value.value()[0] == kBadly) return false;
  }
}

// Core 1 gives a page, and rewrites core 0's until the trials there are over.
bool try_with_other_core(Sharing& sharing, std::uint64_t others_ram) {
  if (first_process().core_id != 0) {
    sharing.give_page();
    flip_words(sharing.page());
    return true;
  }
  sharing.take_page();
  Court court(sharing);
  const std::uint64_t foreign = sharing.page().foreign_base;
  bool is_well = try_powers({first_process().apic_id, foreign, foreign & ~(others_ram - 1)});
  const std::uint64_t steps = number_in_words("fuzz", 0);
  is_well &= steps != 0 ? try_fuzzers(court, steps, number_in_words("seed", 1))
                        : try_attacks(court, attacks_of_one_core(), attack_count(),
                                      number_in_words("rounds", 10'000));
  print("core 1 has rewritten all words {} times\n", std::uint64_t{sharing.page().flips});
  sharing.page().is_over = 1;
  return is_well;
}

bool hold_trials(Sharing& sharing, std::uint64_t others_ram) {
  if (words().get("with")) return try_with_other_core(sharing, others_ram);
  Court court(sharing);
  const std::uint64_t steps = number_in_words("fuzz", 0), seed = number_in_words("seed", 1);
  return steps != 0 ? try_fuzzers(court, steps, seed)
                    : try_attacks(court, 0, attacks_of_one_core(), seed);
}

void run() {
  const FirstProcess& process = first_process();
  monitor::Cores cores(process);
  Sharing sharing;
  sharing.start(cores);
  sharing.join();
  bool is_well = hold_trials(sharing, cores.bytes());
  flush_console();
  say_over(is_well);
  if (process.core_id != 0) {
    for (;;) yield(Yield::wait);
  }
  for (std::uint64_t core = 1; core < process.cores; ++core) is_well &= went_well(core);
  print("All trials are over.\n");
  end_machine(is_well);
}

}  // namespace
}  // namespace sprat::hostile

namespace sprat {

std::string_view process_name() { return "judge"; }

// The first upcall of a core's first process (lib/start.S); children begin elsewhere.
extern "C" [[noreturn]] void start(DispatcherFrame& frame) {
  start_first_process(frame, hostile::run);
}

}  // namespace sprat
