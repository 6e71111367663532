// invoke.cc — for each type of object, its methods. Arguments and results are described at `Method`
// (sprat/capability.hh), rights in methods.hh.

#include "dispatch/invoke.hh"

#include "boot/core_start.hh"
#include "cap/operations.hh"
#include "debug/console.hh"
#include "dispatch/interrupts.hh"
#include "dispatch/methods.hh"
#include "dispatch/other_cores.hh"
#include "dispatch/scheduler.hh"
#include "sprat/system_call.hh"
#include "x86/io.hh"
#include "x86/power.hh"

namespace sprat::dispatch {
namespace {

using cap::Slot;
using x86::TrapFrame;

// An invocation that the table allows: the object, the words, and the slots that its arguments name.
struct Invocation {
  Slot& object;
  Method method;
  TrapFrame& frame;
  std::array<Slot*, 4> named;  // in the order of the method's rule; null: none was named
};

constexpr MethodTable kMethodTable = make_method_table();
constexpr std::array kWords{a0, a1, a2, a3, a4};

[[gnu::always_inline]] inline Result<Slot*> find_argument(const NamedArgument& argument,
                                                          std::uint64_t word) {
  if (argument.is_optional && word == 0) return nullptr;
  if (argument.type == Type::null) return cap::find_slot(cspace(), CapAddress(word));
  return cap::find(cspace(), CapAddress(word), argument.type, argument.rights);
}

Result<void> retype(const Invocation& it) {
  const TrapFrame& frame = it.frame;
  const auto first = TRY(cap::slot_of(it.object, frame.*a0));
  if (frame.*a2 >= kTypes || frame.*a3 >= 64 || frame.*a4 == 0 ||
      frame.*a4 > kSlotsPerCNode - frame.*a0)
    return Error::invalid_argument;
  return cap::retype(*it.named[0],
                     {static_cast<Type>(frame.*a2), static_cast<unsigned>(frame.*a3),
                      static_cast<std::size_t>(frame.*a4)},
                     {first, static_cast<std::size_t>(frame.*a4)});
}

// The slot is empty after the first step; further steps take the object apart, and every object that began to die
// since. Objects that were dying before are left to their own callers, or to idle time.
Result<void> remove_and_tidy(Slot& slot) {
  Dispatcher& asker = *current();
  if (!slot.is_empty() || !asker.tidies) {
    asker.tidies_down_to = cap::newest_dying();
    TRY(cap::remove(slot));
  }
  const auto is_done = [&] {
    const Slot* const newest = cap::newest_dying();
    return newest == nullptr || newest == asker.tidies_down_to;
  };
  if (!is_done()) cap::take_apart();
  asker.tidies = !is_done();
  return asker.tidies ? Result<void>(Error::again) : Result<void>();
}

// Refuses before the first step if a descendant is known to other cores.
Result<void> revoke_if_local(Slot& slot) {
  return is_known_to_other_cores(slot) ? Error::ask_monitor : cap::revoke(slot);
}

Result<void> invoke_cnode(const Invocation& it) {
  TrapFrame& frame = it.frame;
  if (it.method == Method::retype) return retype(it);
  Slot& slot = *TRY(cap::slot_of(it.object, frame.*a0));
  switch (it.method) {
    case Method::copy: return cap::copy(*it.named[0], slot);
    case Method::mint:
      return cap::mint(*it.named[0], slot, {Rights(frame.*a2), frame.*a3, frame.*a4});
    case Method::move: return cap::move(*it.named[0], slot);
    case Method::remove: return remove_and_tidy(slot);
    case Method::revoke: return revoke_if_local(slot);
    default: describe(slot, frame); return {};
  }
}

Result<void> invoke_page_table(const Invocation& it) {
  if (it.method == Method::unmap) return cap::unmap(it.object, it.frame.*a0);
  return cap::map(it.object, it.frame.*a0, *it.named[0], Rights(it.frame.*a2));
}

Result<void> invoke_dispatcher(const Invocation& it) {
  Dispatcher& dispatcher = dispatcher_at(it.object);
  TrapFrame& frame = it.frame;
  switch (it.method) {
    case Method::configure:
      return configure(dispatcher, {*it.named[0], *it.named[1], *it.named[2],
                                    VirtualAddress(frame.*a3), it.named[3]});
    case Method::run: return run(dispatcher);
    case Method::suspend: return suspend(dispatcher);
    default:
      frame.*a0 = static_cast<std::uint64_t>(dispatcher.state);
      frame.*a1 = dispatcher.stop_vector;
      frame.*a2 = dispatcher.stop_rip;
      frame.*a3 = dispatcher.stop_address;
      return {};
  }
}

Result<void> invoke_irq(const Invocation& it) {
  if (it.frame.*a0 >= it.object.bytes) return Error::invalid_argument;
  const std::uint64_t line = it.object.base + it.frame.*a0;
  //@ since urpc
  if (it.method == Method::signal) return signal_doorbell(line);
  //@ end
  if (it.method == Method::acknowledge) return acknowledge_line(line);
  return bind_line(line, *it.named[0]);
}

Result<void> invoke_io_ports(const Invocation& it) {
  TrapFrame& frame = it.frame;
  const Slot& ports = it.object;
  const std::uint64_t bytes = frame.*a1;
  if ((bytes != 1 && bytes != 2 && bytes != 4) || frame.*a0 >= ports.bytes ||
      ports.bytes - frame.*a0 < bytes)
    return Error::invalid_argument;
  const auto port = static_cast<std::uint16_t>(ports.base + frame.*a0);
  if (it.method == Method::in) {
    frame.*a0 = bytes == 1 ? x86::in8(port) : bytes == 2 ? x86::in16(port) : x86::in32(port);
    return {};
  }
  switch (bytes) {
    case 1: x86::out8(port, static_cast<std::uint8_t>(frame.*a2)); break;
    case 2: x86::out16(port, static_cast<std::uint16_t>(frame.*a2)); break;
    default: x86::out32(port, static_cast<std::uint32_t>(frame.*a2)); break;
  }
  return {};
}

// The slot of number a1 in the CNode that a0 names.
Result<Slot*> target(const Invocation& it) { return cap::slot_of(*it.named[0], it.frame.*a1); }

Result<void> set_remote(const Invocation& it) {
  const auto slot = TRY(target(it));
  return cap::set_remote(*slot, it.frame.*a2 != 0);
}
//@ since urpc

Result<void> give_doorbells(const Invocation& it) {
  const auto slot = TRY(target(it));
  return grant_doorbells(*slot, it.frame.*a2, it.frame.*a3, it.frame.*a4);
}

Result<void> adopt(const Invocation& it) {
  const auto slot = TRY(target(it));
  return adopt_frame(*slot, PhysicalAddress(it.frame.*a2), it.frame.*a3);
}
//@ end

Result<void> load_core(const Invocation& it) {
  const auto apic_id = static_cast<std::uint32_t>(it.frame.*a0);
  if (boot::is_loading(apic_id)) return boot::go_on_loading();
  Slot& ram = *it.named[0];
  if (ram.type != Type::ram) return ram.is_empty() ? Error::no_capability : Error::wrong_type;
  const auto begun = begin_loading_core(apic_id, ram, it.frame.*a2);
  return begun ? Error::again : begun;
}

Result<void> invoke_kernel(const Invocation& it) {
  TrapFrame& frame = it.frame;
  switch (it.method) {
    case Method::set_remote: return set_remote(it);
    case Method::load_core: return load_core(it);
    case Method::start_core: return boot::start_core(static_cast<std::uint32_t>(frame.*a0));
    case Method::core_state:
      frame.*a0 =
          static_cast<std::uint64_t>(boot::core_state(static_cast<std::uint32_t>(frame.*a0)));
      return {};
    //@ since urpc
    case Method::doorbells: return give_doorbells(it);
    case Method::adopt: return adopt(it);
    //@ end
    default: debug::drain_console(); x86::power_off(frame.*a0 == 1);
  }
}

}  // namespace

Result<void> invoke_object(Slot& slot, Method method, TrapFrame& frame) {
  const MethodRule* const rule =
      kMethodTable[static_cast<std::size_t>(slot.type)][static_cast<std::size_t>(method)];
  if (rule == nullptr) return slot.is_empty() ? Error::no_capability : Error::wrong_type;
  if (!slot.rights.has(rule->rights)) return Error::no_rights;
  Invocation it{slot, method, frame, {}};
  for (std::size_t i = 0; i < rule->names; ++i) {
    const NamedArgument& argument = rule->named[i];
    it.named[i] = TRY(find_argument(argument, frame.*kWords[argument.word]));
  }
  switch (slot.type) {
    case Type::cnode: return invoke_cnode(it);
    case Type::page_table_1:
    case Type::page_table_2:
    case Type::page_table_3:
    case Type::page_table_4: return invoke_page_table(it);
    case Type::dispatcher: return invoke_dispatcher(it);
    case Type::notification: notify(dispatcher_at(slot), slot.badge); return {};
    case Type::irq: return invoke_irq(it);
    case Type::io_ports: return invoke_io_ports(it);
    case Type::kernel: return invoke_kernel(it);
    case Type::null:
    case Type::physical_memory:
    case Type::ram:
    case Type::frame:
    case Type::device_frame:
    case Type::endpoint: break;  // have no methods
  }
  return Error::wrong_type;
}

}  // namespace sprat::dispatch
