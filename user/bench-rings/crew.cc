// crew.cc — orders and reports.

#include "bench-rings/crew.hh"

#include <algorithm>

#include "lib/source.hh"
#include "lib/upcalls.hh"
#include "monitor/doorbells.hh"

namespace sprat::bench {
namespace {

// Words of an order and of a report.
enum OrderWord : std::size_t { kNumber, kRole, kRoles, kAmount, kSeed, kPeer };
enum ReportWord : std::size_t { kTicks, kStatus };

constinit std::array<CapRef<Type::irq>, kMostCores> doorbells;
constinit std::array<std::uint32_t, kMostCores> apic_ids{};
constinit std::uint64_t orders = 0;  // of core 0, so far

void lay_down(urpc::Line& line, std::span<const std::uint64_t> words, std::uint64_t number) {
  for (std::size_t i = 0; i < words.size(); ++i)
    line.words[i].store(words[i], std::memory_order_relaxed);
  line.control.store(number, std::memory_order_release);
}

void sweep_floor() {
  for (urpc::Line& line : arena().floor) {
    for (urpc::Word& word : line.words) word.store(0, std::memory_order_relaxed);
    line.control.store(0, std::memory_order_relaxed);
  }
}

Result<std::uint64_t> read_report(std::size_t core) {
  const urpc::Line& report = arena().desk[core].report;
  while (report.control.load(std::memory_order_acquire) != orders) __builtin_ia32_pause();
  const std::uint64_t status = report.words[kStatus].load(std::memory_order_relaxed);
  if (status != kStatusOk) return error_of(status);
  return report.words[kTicks].load(std::memory_order_relaxed);
}

}  // namespace

std::size_t first_of_updates() { return conversations().size(); }
std::size_t first_of_exchanges() { return first_of_updates() + updates().size(); }
std::size_t experiment_count() { return first_of_exchanges() + exchanges().size(); }

const Experiment& experiment(std::size_t number) {
  if (number >= first_of_exchanges()) return exchanges()[number - first_of_exchanges()];
  if (number >= first_of_updates()) return updates()[number - first_of_updates()];
  return conversations()[number];
}

Result<void> listen_to_doorbell() {
  auto own =
      TRY(retype<Type::notification>(CapRef<Type::dispatcher>(task_slot(TaskSlot::dispatcher))));
  const auto signal = TRY(mint(own, {kAllRights, kSignalled, 0}));
  return monitor::bind_line(monitor::kLineOfMonitor, signal);
}

Result<void> join_crew(std::size_t core, std::uint32_t apic_id) {
  auto given = TRY(monitor::doorbell_of(apic_id, monitor::kLineOfMonitor));
  apic_ids[core] = apic_id;
  doorbells[core] = CapRef<Type::irq>(given.release());  // for good
  return {};
}

Result<Ticks> perform(std::size_t number, std::span<const std::size_t> cores, std::uint64_t amount,
                      std::uint64_t seed) {
  sweep_floor();
  ++orders;
  // Of an odd number of cores, the last has no peer, and is its own.
  const auto peer_of = [&](std::size_t role) {
    return apic_ids[cores[std::min(role ^ 1, cores.size() - 1)]];
  };
  for (std::size_t role = 0; role < cores.size(); ++role) {
    if (cores[role] == 0) continue;
    lay_down(arena().desk[cores[role]].order,
             std::array{number, role, cores.size(), amount, seed, std::uint64_t{peer_of(role)}},
             orders);
    TRY(invoke(doorbells[cores[role]].address(), Method::signal, 0));
  }
  Ticks ticks{};
  for (std::size_t role = 0; role < cores.size(); ++role) {
    if (cores[role] != 0) continue;
    ticks[role] = TRY(
        experiment(number).play({role, cores.size(), amount, seed, peer_of(role), arena().floor}));
  }
  for (std::size_t role = 0; role < cores.size(); ++role) {
    if (cores[role] == 0) continue;
    ticks[role] = TRY(read_report(cores[role]));
  }
  return ticks;
}

void obey(std::size_t core) {
  Desk& desk = arena().desk[core];
  std::uint64_t done = 0;
  for (;;) {
    static_cast<void>(take_notifications());
    const std::uint64_t number = desk.order.control.load(std::memory_order_acquire);
    if (number == done) {
      wait_for_notification();
      continue;
    }
    const auto word = [&](std::size_t i) {
      return desk.order.words[i].load(std::memory_order_relaxed);
    };
    const auto played = experiment(word(kNumber))
                            .play({word(kRole), word(kRoles), word(kAmount), word(kSeed),
                                   static_cast<std::uint32_t>(word(kPeer)), arena().floor});
    const std::array<std::uint64_t, 2> report = {played ? played.value() : 0,
                                                 played ? kStatusOk : status_of(played.error())};
    lay_down(desk.report, report, number);
    done = number;
  }
}

}  // namespace sprat::bench
