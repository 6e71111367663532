// processes.cc — a place for each process, a number, a piece of RAM.

#include "monitor/processes.hh"

#include <algorithm>
#include <cstring>

#include "lib/console.hh"
#include "lib/runtime.hh"
#include "lib/words.hh"
//@ since memory
#include "monitor/memory.hh"
//@ end
#include "monitor/process_builder.hh"

namespace sprat::monitor {
namespace {

// The text, cut off if it is too long; it ends with a zero.
template <std::size_t kBytes>
std::array<char, kBytes> stored(std::string_view text) {
  std::array<char, kBytes> letters{};
  std::memcpy(letters.data(), text.data(), std::min(text.size(), kBytes - 1));
  return letters;
}

}  // namespace

Result<void> Processes::prepare() {
  const CapRef<Type::dispatcher> self(task_slot(TaskSlot::dispatcher));
  auto endpoint = TRY(retype<Type::endpoint>(self));
  auto notification = TRY(retype<Type::notification>(self));
  endpoint_ = std::move(endpoint);
  notification_ = std::move(notification);
  return {};
}

// ---- the beginning

// Whether a new process can have this place.
bool Processes::is_free(std::size_t place) const {
  //@ since monitor
  if (is_left_over_[place]) return false;
  //@ end
  return list_[place].number == 0;
}

std::uint64_t Processes::next_number(const Order& order) {
  //@ since memory
  if (order.is_server) return kServerNumber;
  //@ end
  return ++last_number_;
}

Result<std::uint64_t> Processes::start(const BootFile& file, const Order& order) {
  const auto place = std::ranges::find_if(
      list_, [this](const Process& other) { return is_free(place_of(other)); });
  if (place == list_.end()) return Error::out_of_memory;
  Process& process = *place;
  process.account.open(&order.account, order.quota);
  auto charge = Charge::take(process.account, kCostOfProcess);
  if (!charge) return charge.error();
  process.charge = std::move(charge.value());
  process.number = next_number(order);
  process.name = stored<sizeof(process.name)>(file.name());
  if (const auto built = build(process, file, order); !built) {
    clear(process);
    return built.error();
  }
  return process.number;
}

Result<void> Processes::build(Process& process, const BootFile& file, const Order& order) {
  const std::size_t index = place_of(process);
  if (!ram_[index]) {
    ram_[index] = TRY(runtime().ram.make<Type::ram>(kProcessBits));
    //@ since monitor
    ram_begin_[index] = TRY(identify(ram_[index].address())).base;
    //@ end
  }
  const auto bytes = TRY(contents(file));
  const auto image = TRY(parse_elf(bytes, kProgramBegin, kProgramEnd));
  const auto report = TRY(mint(notification_, {kAllRights, std::uint64_t{1} << index, 0}));
  Startup startup{.core_id = process_.core_id,
                  .process_id = static_cast<std::uint32_t>(process.number),
                  .tsc_hz = process_.tsc_hz,
                  .command_line = stored<sizeof(startup.command_line)>(order.command_line)};
  //@ since monitor
  startup.home_core = order.home_core;
  startup.home_process = order.home_process;
  //@ end

  ProcessBuilder builder(ram_[index]);
  TRY(builder.make_cspace());
  TRY(builder.make_address_space());
  TRY(builder.load(image));
  TRY(builder.make_stack(image.entry));
  TRY(builder.tell(startup));
  //@ since memory
  last_at_[index] = process.number;
  //@ end
  auto dispatcher = builder.make_dispatcher(report);
  if (!dispatcher) return dispatcher.error();
  process.dispatcher = std::move(dispatcher.value());
  //@ since memory
  if (memory_ != nullptr) TRY(memory_->begin(process, parent_of(order), builder));
  //@ end
  const Badge own{Authority::of_process, process.number}, core{Authority::over_core, 0};
  const auto given =
      builder.give({endpoint_, own.raw(), order.is_shell ? core.raw() : 0, order.is_shell});
  if (!given) return given;
  return run(process);
}

Result<void> Processes::run(const Process& process) const {
  //@ since monitor
  if (are_held_) return {};
  //@ end
  const auto runs = invoke(process.dispatcher.address(), Method::run);
  return runs ? Result<void>() : runs.error();
}
//@ since monitor

void Processes::let_run() {
  are_held_ = false;
  for (const Process& process : list_)
    if (process.number != 0) static_cast<void>(run(process));
}
//@ end

//@ since memory
// Null: the monitor has started it by itself.
const Process* Processes::parent_of(const Order& order) const {
  const auto parent = std::ranges::find_if(list_, [&](const Process& process) {
    return process.number != 0 && &process.account == &order.account;
  });
  return parent != list_.end() ? &*parent : nullptr;
}

//@ end
// ---- operations on a process

Result<Cap<Type::endpoint>> Processes::endpoint_over(std::uint64_t number) const {
  const Badge badge{Authority::over_process, number};
  return mint(endpoint_, {kWrite | kGrant, badge.raw(), 0});
}

// A waiter that has ended has left an empty slot, which the next one replaces.
Result<void> EndWaiters::add(Cap<Type::notification> end) {
  const auto its = TRY(identify(end.address()));
  Cap<Type::notification>* place = nullptr;
  for (auto& waiter : waiters_) {
    const auto identity = waiter ? identify(waiter.address()) : Error::no_capability;
    if (identity && is_same(identity.value(), its)) return {};
    if (!identity) place = &waiter;
  }
  if (place == nullptr) return Error::quota_exceeded;
  *place = std::move(end);
  return {};
}

void EndWaiters::signal() const {
  for (const auto& waiter : waiters_)
    if (waiter) static_cast<void>(invoke(waiter.address(), Method::signal));
}

std::uint32_t EndWaiters::count() const {
  return static_cast<std::uint32_t>(
      std::ranges::count_if(waiters_, [](const auto& waiter) { return bool(waiter); }));
}

// ---- the end

// Deletes all that was made of the RAM of the process at `place`.  ask_monitor: other cores have frames of it
Result<void> Processes::take_back_ram(std::size_t place) {
  if (const auto& ram = ram_[place]) TRY(revoke(ram.address()));
  //@ since memory
  if (memory_ != nullptr) TRY(memory_->end(last_at_[place], place));
  //@ end
  return {};
}

// It runs no longer. Then all that was made from its RAM goes, which is all that the process has itself; and its record, which
// is all that the monitor keeps for it. Its children are its parent's now.
void Processes::clear(Process& process) {
  const Account& gone = process.account;
  // First, so that it does not run while it is half taken apart.
  if (process.dispatcher) static_cast<void>(invoke(process.dispatcher.address(), Method::suspend));
  parts_.before_end(process);
  [[maybe_unused]] const auto taken = take_back_ram(place_of(process));
  //@ since monitor
  is_left_over_[place_of(process)] = !taken && taken.error() == Error::ask_monitor;
  //@ end
  process.charge = Charge();
  for (Process& other : list_) other.account.move_up_from(gone);
  process = Process();
}

void Processes::end(Process& process) {
  const auto waiters = std::exchange(process.waiters, {});
  clear(process);
  waiters.signal();
}

void Processes::report(std::uint64_t bits) {
  for (std::size_t i = 0; i < list_.size(); ++i) {
    Process& process = list_[i];
    if ((bits >> i & 1) == 0 || process.number == 0) continue;
    const auto status = invoke(process.dispatcher.address(), Method::status);
    if (!status) continue;
    const auto& [state, vector, rip, address, unused] = status.value();
    if (static_cast<DispatcherState>(state) != DispatcherState::stopped) continue;
    print("monitor: process {} ({}) was stopped: vector {} at {x}, address {x}\n", process.number,
          until_zero({process.name.data(), process.name.size()}), vector, rip, address);
    end(process);
  }
}

// ---- finding them

Process* Processes::nth(std::size_t n) {
  for (Process& process : list_) {
    //@ since memory
    if (process.number == kServerNumber) continue;
    //@ end
    if (process.number != 0 && n-- == 0) return &process;
  }
  return nullptr;
}

Process* Processes::find(std::uint64_t number) {
  //@ since memory
  if (number == kServerNumber) return nullptr;
  //@ end
  return find_caller(number);
}

Process* Processes::find_caller(std::uint64_t number) {
  if (number == 0) return nullptr;
  for (Process& process : list_)
    if (process.number == number) return &process;
  return nullptr;
}

//@ since monitor
RamOfProcess Processes::ram_at(std::uint64_t address) {
  for (std::size_t place = 0; place < list_.size(); ++place) {
    const std::uint64_t begin = ram_begin_[place], end = begin + (std::uint64_t{1} << kProcessBits);
    if (ram_[place] && begin <= address && address < end) return {&list_[place], begin, end};
  }
  //@ end
  //@ since memory
  if (memory_ != nullptr) return memory_->find(address);
  //@ end
  //@ since monitor
  return {};
}

void Processes::reclaim(std::size_t place) {
  if (is_left_over_[place]) is_left_over_[place] = !take_back_ram(place).ok();
}

//@ end
CapRef<Type::endpoint> Processes::find_service(const ProcessName& name) const {
  for (const Process& process : list_)
    if (process.number != 0 && process.service && process.name == name) return process.service;
  return {};
}

std::uint64_t Processes::pieces() const {
  return static_cast<std::uint64_t>(
      std::ranges::count_if(ram_, [](const auto& ram) { return bool(ram); }));
}

void Processes::count(Census& census) const {
  for (std::size_t i = 0; i < list_.size(); ++i) {
    const Process& process = list_[i];
    if (process.number == 0 && ram_[i]) {
      --census.slots;
      census.free_kib += std::uint32_t{1} << (kProcessBits - 10);
    }
    if (process.number != 0) ++census.processes;
    if (process.dispatcher) ++census.dispatchers;
    census.waiters += process.waiters.count();
  }
}

}  // namespace sprat::monitor
