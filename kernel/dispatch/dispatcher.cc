// dispatcher.cc — the states of a dispatcher: made, configured, running, stopped, ended; and what operations on capabilities
// change beyond capabilities: dispatchers and translations.

#include "dispatch/dispatcher.hh"

#include "dispatch/first_process.hh"
#include "dispatch/lrpc.hh"
//@ since urpc
#include "dispatch/other_cores.hh"
//@ end
#include "dispatch/scheduler.hh"

namespace sprat::dispatch {
namespace {

constinit PhysicalAddress kernel_root{};

// With more pages than this, forgetting everything is cheaper.
constexpr std::uint64_t kPagesOneByOne = 8;

bool is_configured(const Dispatcher& dispatcher) {
  return dispatcher.state != DispatcherState::unconfigured &&
         dispatcher.state != DispatcherState::stopped;
}

// Copies each of `sources` to the slot that is the dispatcher's for it.
Result<void> keep_all(Dispatcher& dispatcher,
                      const std::array<cap::Slot*, cap::kDispatcherParts>& sources) {
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (sources[i] == nullptr) continue;
    TRY(cap::copy(*sources[i], dispatcher.parts[i]));
    dispatcher.parts[i].is_part = true;
  }
  return {};
}

}  // namespace

Result<void> configure(Dispatcher& dispatcher,
                       const std::array<cap::Slot*, cap::kDispatcherParts>& parts,
                       VirtualAddress user_frame) {
  if (dispatcher.state != DispatcherState::unconfigured) return Error::in_use;
  if (user_frame >= kUserEnd || !user_frame.is_aligned(16)) return Error::invalid_argument;
  const auto memory = TRY(cap::LocalMemory::of(*parts[static_cast<std::size_t>(Part::frame)]));
  if (const auto kept = keep_all(dispatcher, parts); !kept) {
    for (cap::Slot& part : dispatcher.parts) {
      part.is_part = false;
      if (!part.is_empty()) static_cast<void>(cap::remove(part));
    }
    return kept;
  }
  dispatcher.frame = &memory.as<SharedFrame>();
  dispatcher.user_frame = user_frame;
  dispatcher.root = PhysicalAddress(dispatcher.part(Part::address_space).base);
  dispatcher.state = DispatcherState::suspended;
  return {};
}

void withdraw(Dispatcher& dispatcher) {
  dequeue(dispatcher);
  give_up_call(dispatcher);
  fail_caller(dispatcher);
}

Result<void> run(Dispatcher& dispatcher) {
  if (!is_configured(dispatcher)) return Error::invalid_argument;
  if (dispatcher.state != DispatcherState::suspended) return {};
  dispatcher.state = DispatcherState::runnable;
  enqueue(dispatcher);
  return {};
}

Result<void> suspend(Dispatcher& dispatcher) {
  if (!is_configured(dispatcher)) return Error::invalid_argument;
  withdraw(dispatcher);
  dispatcher.state = DispatcherState::suspended;
  return {};
}

void stop(Dispatcher& dispatcher, std::uint64_t vector, std::uint64_t rip, std::uint64_t address) {
  withdraw(dispatcher);
  dispatcher.state = DispatcherState::stopped;
  dispatcher.stop_vector = vector;
  dispatcher.stop_rip = rip;
  dispatcher.stop_address = address;
  const cap::Slot& report = dispatcher.part(Part::report);
  if (!report.is_empty()) notify(dispatcher_at(report), report.badge);
  report_if_first(dispatcher);
}

void notify(Dispatcher& dispatcher, std::uint64_t bits) {
  if (!is_configured(dispatcher)) return;
  UserWord& pending = dispatcher.frame->pending;
  pending = pending.load() | bits;
  if (dispatcher.state != DispatcherState::waiting) return;
  dispatcher.state = DispatcherState::runnable;
  enqueue(dispatcher);
}

void initialise_address_spaces(PhysicalAddress root) { kernel_root = root; }

}  // namespace sprat::dispatch

// ---- called by operations on capabilities (cap/operations.hh)

namespace sprat::cap {

using dispatch::Dispatcher, dispatch::dispatcher_at, dispatch::Part;

void dispatcher_made(const Slot& slot) { dispatcher_at(slot).fpu = x86::FpuState(); }

void dispatcher_lost_part(const Slot& slot) {
  const std::uint64_t address = reinterpret_cast<std::uint64_t>(&slot);
  const std::uint64_t size = std::uint64_t{1} << object_bits(Type::dispatcher);
  auto& dispatcher = *reinterpret_cast<Dispatcher*>(address & ~(size - 1));
  if (&slot == &dispatcher.part(Part::report)) return;
  dispatch::stop(dispatcher, kNoTrap, 0, 0);
  dispatch::forget_current(dispatcher);
}

void dispatcher_died(const Slot& slot) {
  Dispatcher& dispatcher = dispatcher_at(slot);
  dispatch::withdraw(dispatcher);
  dispatcher.state = DispatcherState::stopped;
  dispatch::forget_current(dispatcher);
}

void foreign_frame_ended([[maybe_unused]] const Slot& slot) {
  //@ since urpc
  dispatch::end_adoption({PhysicalAddress(slot.base), PhysicalAddress(slot.end())});
  //@ end
}
//@ since monitor

void foreign_frame_is_lonely(const Slot& anchor) {
  dispatch::note_lonely({PhysicalAddress(anchor.base), PhysicalAddress(anchor.end())});
}
//@ end

Slot& dispatcher_own_slot(const Slot& dispatcher) { return dispatcher_at(dispatcher).own; }

Slot* dispatcher_parts(const Slot& dispatcher) { return dispatcher_at(dispatcher).parts.data(); }

void make_kernel_half(TableObject& root) {
  const auto& ours = memory::window<TableObject>(dispatch::kernel_root)->entries;
  std::copy(ours.begin() + 256, ours.end(), root.entries.begin() + 256);
}

void forget_translations(PhysicalAddress root, VirtualAddress address, std::uint64_t bytes) {
  // Another address space has none in the processor: loading CR3 forgets them all.
  if (x86::read_cr3() != root) return;
  if (bytes > dispatch::kPagesOneByOne * kPageSize) return x86::write_cr3(root);
  for (std::uint64_t page = 0; page < bytes; page += kPageSize)
    x86::forget_translation(address + page);
}

void leave_address_space(PhysicalAddress root) {
  if (x86::read_cr3() == root) x86::write_cr3(dispatch::kernel_root);
}

}  // namespace sprat::cap
