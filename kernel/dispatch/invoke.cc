// invoke.cc — for each type of object, its methods. Arguments and results are described at `Method` (sprat/capability.hh).

#include "dispatch/invoke.hh"

#include "boot/core_start.hh"
#include "cap/operations.hh"
#include "debug/console.hh"
#include "dispatch/interrupts.hh"
#include "dispatch/other_cores.hh"
#include "dispatch/scheduler.hh"
#include "sprat/system_call.hh"
#include "x86/io.hh"
#include "x86/power.hh"

namespace sprat::dispatch {
namespace {

using cap::Slot;
using x86::TrapFrame;

Result<Slot*> source(std::uint64_t address) {
  return cap::find_slot(cspace(), CapAddress(address));
}

// The capability that `address` names, if it is one of `type`.
Result<Slot*> source(std::uint64_t address, Type type) {
  return cap::find(cspace(), CapAddress(address), type, {});
}

Result<void> retype(Slot& cnode, const TrapFrame& frame) {
  const auto from = source(frame.*a1);
  if (!from) return from.error();
  const auto first = cap::slot_of(cnode, frame.*a0);
  if (!first) return first.error();
  if (frame.*a2 >= kTypes || frame.*a3 >= 64 || frame.*a4 == 0 ||
      frame.*a4 > kSlotsPerCNode - frame.*a0)
    return Error::invalid_argument;
  return cap::retype(*from.value(),
                     {static_cast<Type>(frame.*a2), static_cast<unsigned>(frame.*a3),
                      static_cast<std::size_t>(frame.*a4)},
                     {first.value(), static_cast<std::size_t>(frame.*a4)});
}

Result<void> fill(Slot& target, Method method, const TrapFrame& frame) {
  const auto from = source(frame.*a1);
  if (!from) return from.error();
  if (method == Method::copy) return cap::copy(*from.value(), target);
  if (method == Method::move) return cap::move(*from.value(), target);
  return cap::mint(*from.value(), target, {Rights(frame.*a2), frame.*a3, frame.*a4});
}

// The slot is empty after the first step; those that follow take the object apart.
Result<void> remove_and_tidy(Slot& slot) {
  if (!slot.is_empty() || !cap::is_anything_dying()) {
    if (const auto removed = cap::remove(slot); !removed) return removed;
  }
  return cap::take_apart() ? Result<void>(Error::again) : Result<void>();
}

Result<void> invoke_cnode(Slot& cnode, Method method, TrapFrame& frame) {
  if (!cnode.rights.has(kWrite)) return Error::no_rights;
  if (method == Method::retype) return retype(cnode, frame);
  const auto found = cap::slot_of(cnode, frame.*a0);
  if (!found) return found.error();
  Slot& slot = *found.value();
  switch (method) {
    case Method::copy:
    case Method::mint:
    case Method::move: return fill(slot, method, frame);
    case Method::remove: return remove_and_tidy(slot);
    case Method::revoke: return cap::revoke(slot);
    case Method::look: describe(slot, frame); return {};
    default: return Error::wrong_type;
  }
}

Result<void> invoke_page_table(Slot& table, Method method, TrapFrame& frame) {
  if (!table.rights.has(kWrite)) return Error::no_rights;
  if (method == Method::unmap) return cap::unmap(table, frame.*a0);
  if (method != Method::map) return Error::wrong_type;
  const auto what = source(frame.*a1);
  if (!what) return what.error();
  return cap::map(table, frame.*a0, *what.value(), Rights(frame.*a2));
}

Result<void> invoke_configure(Dispatcher& dispatcher, const TrapFrame& frame) {
  const auto root = source(frame.*a0, Type::cnode);
  if (!root) return root.error();
  const auto address_space = source(frame.*a1, Type::page_table_4);
  if (!address_space) return address_space.error();
  const auto memory = source(frame.*a2, Type::frame);
  if (!memory) return memory.error();
  Slot* report = nullptr;
  if (frame.*a4 != 0) {
    const auto notification = source(frame.*a4, Type::notification);
    if (!notification) return notification.error();
    report = notification.value();
  }
  return configure(dispatcher, {*root.value(), *address_space.value(), *memory.value(),
                                VirtualAddress(frame.*a3), report});
}

Result<void> invoke_dispatcher(Slot& slot, Method method, TrapFrame& frame) {
  if (!slot.rights.has(kWrite)) return Error::no_rights;
  Dispatcher& dispatcher = dispatcher_at(slot);
  switch (method) {
    case Method::configure: return invoke_configure(dispatcher, frame);
    case Method::run: return run(dispatcher);
    case Method::suspend: return suspend(dispatcher);
    case Method::status:
      frame.*a0 = static_cast<std::uint64_t>(dispatcher.state);
      frame.*a1 = dispatcher.stop_vector;
      frame.*a2 = dispatcher.stop_rip;
      frame.*a3 = dispatcher.stop_address;
      return {};
    default: return Error::wrong_type;
  }
}

Result<void> invoke_notification(const Slot& slot, Method method) {
  if (method != Method::signal) return Error::wrong_type;
  if (!slot.rights.has(kWrite)) return Error::no_rights;
  notify(dispatcher_at(slot), slot.badge);
  return {};
}

Result<void> invoke_irq(const Slot& slot, Method method, const TrapFrame& frame) {
  if (frame.*a0 >= slot.bytes) return Error::invalid_argument;
  const std::uint64_t line = slot.base + frame.*a0;
  //@ since urpc
  if (method == Method::signal) return slot.rights.has(kWrite) ? ring(line) : Error::no_rights;
  //@ end
  if (method == Method::acknowledge) return acknowledge_line(line);
  if (method != Method::bind) return Error::wrong_type;
  const auto notification = cap::find(cspace(), CapAddress(frame.*a1), Type::notification, kWrite);
  if (!notification) return notification.error();
  return bind_line(line, *notification.value());
}

Result<void> invoke_io_ports(const Slot& slot, Method method, TrapFrame& frame) {
  const std::uint64_t bytes = frame.*a1;
  if ((bytes != 1 && bytes != 2 && bytes != 4) || frame.*a0 >= slot.bytes ||
      slot.bytes - frame.*a0 < bytes)
    return Error::invalid_argument;
  const auto port = static_cast<std::uint16_t>(slot.base + frame.*a0);
  if (method == Method::in) {
    frame.*a0 = bytes == 1 ? x86::in8(port) : bytes == 2 ? x86::in16(port) : x86::in32(port);
    return {};
  }
  if (method != Method::out) return Error::wrong_type;
  switch (bytes) {
    case 1: x86::out8(port, static_cast<std::uint8_t>(frame.*a2)); break;
    case 2: x86::out16(port, static_cast<std::uint16_t>(frame.*a2)); break;
    default: x86::out32(port, static_cast<std::uint32_t>(frame.*a2)); break;
  }
  return {};
}

// The slot that a0, a CNode, and a1, a number, name.
Result<Slot*> target(const TrapFrame& frame) {
  const auto cnode = cap::find(cspace(), CapAddress(frame.*a0), Type::cnode, kWrite);
  if (!cnode) return cnode.error();
  return cap::slot_of(*cnode.value(), frame.*a1);
}

Result<void> set_remote(const TrapFrame& frame) {
  const auto slot = target(frame);
  if (!slot) return slot.error();
  if (slot.value()->is_empty()) return Error::no_capability;
  slot.value()->is_remote = frame.*a2 != 0;
  return {};
}
//@ since urpc

Result<void> give_doorbells(const TrapFrame& frame) {
  const auto slot = target(frame);
  if (!slot) return slot.error();
  return grant_doorbells(*slot.value(), frame.*a2);
}

Result<void> adopt(const TrapFrame& frame) {
  const auto slot = target(frame);
  if (!slot) return slot.error();
  return adopt_frame(*slot.value(), PhysicalAddress(frame.*a2), frame.*a3);
}
//@ end

Result<void> load_core(const TrapFrame& frame) {
  const auto apic_id = static_cast<std::uint32_t>(frame.*a0);
  if (boot::is_loading(apic_id)) return boot::go_on_loading();
  const auto ram = source(frame.*a1, Type::ram);
  if (!ram) return ram.error();
  const auto begun = begin_loading_core(apic_id, *ram.value(), frame.*a2);
  return begun ? Error::again : begun;
}

Result<void> invoke_kernel(const Slot& slot, Method method, TrapFrame& frame) {
  if (!slot.rights.has(kWrite)) return Error::no_rights;
  switch (method) {
    case Method::set_remote: return set_remote(frame);
    case Method::load_core: return load_core(frame);
    case Method::start_core: return boot::start_core(static_cast<std::uint32_t>(frame.*a0));
    case Method::core_state:
      frame.*a0 =
          static_cast<std::uint64_t>(boot::core_state(static_cast<std::uint32_t>(frame.*a0)));
      return {};
    //@ since urpc
    case Method::doorbells: return give_doorbells(frame);
    case Method::adopt: return adopt(frame);
    //@ end
    case Method::power_off: debug::drain_console(); x86::power_off(frame.*a0 == 1);
    default: return Error::wrong_type;
  }
}

}  // namespace

Result<void> invoke_object(Slot& slot, Method method, TrapFrame& frame) {
  switch (slot.type) {
    case Type::cnode: return invoke_cnode(slot, method, frame);
    case Type::page_table_1:
    case Type::page_table_2:
    case Type::page_table_3:
    case Type::page_table_4: return invoke_page_table(slot, method, frame);
    case Type::dispatcher: return invoke_dispatcher(slot, method, frame);
    case Type::notification: return invoke_notification(slot, method);
    case Type::irq: return invoke_irq(slot, method, frame);
    case Type::io_ports: return invoke_io_ports(slot, method, frame);
    case Type::kernel: return invoke_kernel(slot, method, frame);
    case Type::null: return Error::no_capability;
    case Type::physical_memory:
    case Type::ram:
    case Type::frame:
    case Type::device_frame:
    case Type::endpoint: return Error::wrong_type;
  }
  return Error::wrong_type;
}

}  // namespace sprat::dispatch
