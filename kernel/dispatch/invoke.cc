// invoke.cc — for each type of object, its methods. Arguments and results are described at `Method`
// (sprat/capability.hh), rights in methods.hh.

#include "dispatch/invoke.hh"

#include "boot/core_start.hh"
//@ since urpc
#include "dispatch/other_cores.hh"
//@ end
#include "debug/console.hh"
#include "dispatch/interrupts.hh"
#include "dispatch/methods.hh"
#include "x86/io.hh"

namespace sprat::dispatch {
namespace {

using cap::Slot;
using x86::TrapFrame;

// An invocation that the table allows: the object, and the slots that its arguments name.
struct Invocation {
  Slot& object;
  Method method;
  TrapFrame& frame;
  std::array<Slot*, 4> named;  // in the order of the method's rule, and no more; null: none

  // The caller fills in `named`.
  Invocation(Slot& what, Method how, TrapFrame& with) : object(what), method(how), frame(with) {}

  // The first `kCount` arguments.
  template <std::size_t kCount>
  [[gnu::always_inline]] auto words() const {
    return words_of<kCount>(frame);
  }
};

constexpr MethodTable kMethodTable = make_method_table();

[[gnu::always_inline]] inline Result<Slot*> find_argument(const NamedArgument& argument,
                                                          std::uint64_t word) {
  if (argument.is_optional && word == 0) return nullptr;
  if (argument.type == Type::null) return cap::find_slot(cspace(), CapAddress(word));
  return cap::find(cspace(), CapAddress(word), argument.type, argument.rights);
}

Result<void> retype(const Invocation& it) {
  const auto [first, source, type, size_bits, count] = it.words<5>();
  const auto targets = TRY(cap::slots_of(it.object, first, count));
  if (type >= kTypes || size_bits >= 64) return Error::invalid_argument;
  return cap::retype(*it.named[0],
                     {.type = static_cast<Type>(type),
                      .size_bits = static_cast<unsigned>(size_bits),
                      .count = count},
                     targets);
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
  return cap::is_known_to_other_cores(slot) ? Error::ask_monitor : cap::revoke(slot);
}

Result<void> mint(const Invocation& it, Slot& slot) {
  const auto [number, source, rights, badge_or_first, count] = it.words<5>();
  return cap::mint(*it.named[0], slot,
                   {.keep = Rights(rights), .badge_or_first = badge_or_first, .count = count});
}

Result<void> invoke_cnode(const Invocation& it) {
  if (it.method == Method::retype) return retype(it);
  const auto [number] = it.words<1>();
  Slot& slot = *TRY(cap::slot_of(it.object, number));
  switch (it.method) {
    case Method::copy: return cap::copy(*it.named[0], slot);
    case Method::mint: return mint(it, slot);
    case Method::move: return cap::move(*it.named[0], slot);
    case Method::remove: return remove_and_tidy(slot);
    case Method::revoke: return revoke_if_local(slot);
    default: describe(slot, it.frame); return {};
  }
}

Result<void> invoke_page_table(const Invocation& it) {
  const auto [entry, source, rights] = it.words<3>();
  if (it.method == Method::unmap) return cap::unmap(it.object, entry);
  return cap::map(it.object, entry, *it.named[0], Rights(rights));
}

Result<void> invoke_dispatcher(const Invocation& it) {
  Dispatcher& dispatcher = dispatcher_at(it.object);
  const auto [cspace, root, frame, user_frame] = it.words<4>();
  switch (it.method) {
    case Method::configure: return configure(dispatcher, it.named, VirtualAddress(user_frame));
    case Method::run: return run(dispatcher);
    case Method::suspend: return suspend(dispatcher);
    default:
      answer(it.frame, dispatcher.state, dispatcher.stop_vector, dispatcher.stop_rip,
             dispatcher.stop_address);
      return {};
  }
}

Result<void> invoke_irq(const Invocation& it) {
  const auto [number] = it.words<1>();
  if (number >= it.object.bytes) return Error::invalid_argument;
  const std::uint64_t line = it.object.base + number;
  //@ since urpc
  if (it.method == Method::signal) return signal_doorbell(line);
  //@ end
  if (it.method == Method::acknowledge) return acknowledge_line(line);
  return bind_line(line, *it.named[0]);
}

Result<void> invoke_io_ports(const Invocation& it) {
  const auto [number, bytes, value] = it.words<3>();
  const Slot& ports = it.object;
  if ((bytes != 1 && bytes != 2 && bytes != 4) || number >= ports.bytes ||
      ports.bytes - number < bytes)
    return Error::invalid_argument;
  const auto port = static_cast<std::uint16_t>(ports.base + number);
  if (it.method == Method::in) {
    answer(it.frame, bytes == 1   ? x86::in<std::uint8_t>(port)
                     : bytes == 2 ? x86::in<std::uint16_t>(port)
                                  : x86::in<std::uint32_t>(port));
    return {};
  }
  switch (bytes) {
    case 1: x86::out(port, static_cast<std::uint8_t>(value)); break;
    case 2: x86::out(port, static_cast<std::uint16_t>(value)); break;
    default: x86::out(port, static_cast<std::uint32_t>(value)); break;
  }
  return {};
}

Result<void> load_core(const Invocation& it) {
  const auto [apic_id_word, ram_word, package_bytes] = it.words<3>();
  const auto apic_id = static_cast<std::uint32_t>(apic_id_word);
  if (boot::is_loading(apic_id)) return boot::go_on_loading();
  Slot& ram = *it.named[0];
  if (ram.type != Type::ram) return ram.is_empty() ? Error::no_capability : Error::wrong_type;
  TRY(cap::may_give_away(ram));
  const PhysicalRange range{PhysicalAddress(ram.base), PhysicalAddress(ram.end())};
  TRY(boot::begin_loading(apic_id, range, package_bytes));
  cap::give_away(ram);
  return Error::again;
}

//@ since monitor
Result<void> reclaim(Slot& slot, std::uint64_t apic_id) {
  if (!slot.is_empty()) return Error::slot_in_use;
  const PhysicalRange ram = TRY(boot::reclaim_core(static_cast<std::uint32_t>(apic_id)));
  cap::take_back(*cap::find_given_away(ram), slot);
  return {};
}

Result<void> adopt_anchor(Slot& slot, PhysicalAddress address, std::uint64_t bytes,
                          std::uint64_t owner) {
  TRY(adopt_frame(slot, address, bytes, owner));
  slot.is_remote = true;
  return {};
}

// Between a slot of the caller and one in the CSpace of a dispatcher.
Result<void> share(const Invocation& it) {
  const auto [cnode, number, dispatcher, address, keep] = it.words<5>();
  Slot& here = *TRY(cap::slot_of(*it.named[0], number));
  const Slot& cspace = dispatcher_at(*it.named[1]).part(Part::cspace);
  Slot& there = *TRY(cap::find_slot(cspace, CapAddress(address)));
  return it.method == Method::fetch ? cap::share(there, here, Rights(keep))
                                    : cap::share(here, there, Rights(keep));
}

//@ end
// The slot that many methods of Kernel work on: a1 of the CNode a0.
Result<Slot*> target_slot(const Invocation& it) {
  return cap::slot_of(*it.named[0], it.words<2>()[1]);
}

Result<void> invoke_kernel(const Invocation& it) {
  const auto [a0, a1, a2, a3, a4] = it.words<5>();
  const auto core = static_cast<std::uint32_t>(a0);
  switch (it.method) {
    case Method::set_remote: return cap::set_remote(*TRY(target_slot(it)), a2 != 0);
    case Method::load_core: return load_core(it);
    case Method::start_core: return boot::start_core(core);
    case Method::core_state: answer(it.frame, boot::core_state(core)); return {};
    //@ since urpc
    case Method::doorbells: return grant_doorbells(*TRY(target_slot(it)), a2, a3, a4);
    case Method::adopt: return adopt_frame(*TRY(target_slot(it)), PhysicalAddress(a2), a3, a4);
    //@ end
    //@ since monitor
    case Method::stop_core: return boot::stop_core(core);
    case Method::reclaim: return reclaim(*TRY(target_slot(it)), a2);
    case Method::alarm: return set_alarm(a0, a1);
    case Method::leave: return leave_window(*it.named[0]);
    case Method::enter: return enter_window(*TRY(target_slot(it)), PhysicalAddress(a2), a3);
    case Method::adopt_anchor:
      return adopt_anchor(*TRY(target_slot(it)), PhysicalAddress(a2), a3, a4);
    case Method::fetch:
    case Method::put: return share(it);
    case Method::sweep: return cap::sweep(*TRY(target_slot(it)));
    case Method::drop: return cap::drop(*TRY(target_slot(it)));
    case Method::lonely: answer(it.frame, TRY(next_lonely(a0)).value()); return {};
    //@ end
    default: debug::drain_console(); x86::power_off(a0 == 1);
  }
}

}  // namespace

Result<void> invoke_object(Slot& slot, Method method, TrapFrame& frame) {
  const MethodRule* const rule =
      kMethodTable[static_cast<std::size_t>(slot.type)][static_cast<std::size_t>(method)];
  if (rule == nullptr) return slot.is_empty() ? Error::no_capability : Error::wrong_type;
  if (!slot.rights.has(rule->rights)) return Error::no_rights;
  Invocation it(slot, method, frame);
  for (std::size_t i = 0; i < rule->names; ++i) {
    const NamedArgument& argument = rule->named[i];
    it.named[i] = TRY(find_argument(argument, word_of(frame, argument.word)));
  }
  switch (slot.type) {
    case Type::cnode: return invoke_cnode(it);
    case Type::dispatcher: return invoke_dispatcher(it);
    case Type::notification: notify(dispatcher_at(slot), slot.badge); return {};
    case Type::irq: return invoke_irq(it);
    case Type::io_ports: return invoke_io_ports(it);
    case Type::kernel: return invoke_kernel(it);
    default: return invoke_page_table(it);  // of all levels; no other type has a rule
  }
}

}  // namespace sprat::dispatch
