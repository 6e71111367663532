// receptions.cc — requests of receivers, and invocations of the Kernel capability for their slots.

#include "monitor/receptions.hh"

#include <algorithm>

#include "lib/runtime.hh"

namespace sprat::monitor {
namespace {

using agreement::CoreNumber, agreement::TicketNumber, agreement::ViewNumber;

Result<void> share(Method method, CapAddress here, const Process& process, CapAddress there,
                   Rights keep) {
  const Place place = place_of(here);
  const auto shared = invoke(task_slot(TaskSlot::kernel), method, place.cnode.raw(), place.slot,
                             process.dispatcher.address().raw(), there.raw(), keep.bits());
  return shared ? Result<void>() : shared.error();
}

}  // namespace

Result<void> Receptions::put(const Process& process, CapAddress slot, CapAddress here,
                             Rights keep) {
  return share(Method::put, here, process, slot, keep);
}

Result<void> Receptions::fetch(const Process& process, CapAddress slot, CapAddress here) {
  return share(Method::fetch, here, process, slot, kAllRights);
}

Result<void> Receptions::put(TicketNumber ticket, CapRef<Type::frame> frame, Rights keep) {
  const Reception* const reception = find(ticket, Type::frame);
  const Process* const process = reception != nullptr ? process_of(*reception) : nullptr;
  if (process == nullptr) return Error::no_capability;
  return put(*process, reception->slot, frame.address(), keep);
}

Result<Receptions::Reception*> Receptions::expect(Process& process, CapAddress slot, Type type,
                                                  CoreNumber asker, std::uint32_t channel,
                                                  const Quota& cost) {
  const auto count = std::ranges::count(list_, process.number, &Reception::process);
  const auto place = std::ranges::find(list_, TicketNumber{0}, &Reception::ticket);
  if (count >= std::ptrdiff_t{kMostOfProcess} || place == list_.end()) return Error::busy;
  auto charge = Charge::take(process.account, cost);
  if (!charge) return charge.error();
  const auto ticket = tickets_.expect(asker, channel);
  if (!ticket) return ticket.error() == Error::out_of_memory ? Error::busy : ticket.error();
  place->ticket = ticket.value();
  place->process = process.number;
  place->slot = slot;
  place->type = type;
  place->asker = place->source = asker;
  place->charge = std::move(charge.value());
  return &*place;
}

Result<Words> Receptions::expect(Process& caller, const Call& call) {
  const auto [request, channel, slot, type_word, unused] = call.words;
  const auto type = static_cast<Type>(type_word);
  if (type_word >= kTypes || (type != Type::frame && type != Type::ram)) return Error::wrong_type;
  const auto ends = TRY(broker_.ends_of(caller, channel));
  const Reception& reception = *TRY(expect(caller, CapAddress(slot), type,
                                           static_cast<CoreNumber>(ends.peer_core), ends.own_end));
  return Words{reception.ticket};
}

Result<Words> Receptions::receive(const Process& caller, const Call& call) {
  const auto [request, ticket, source, view, unused] = call.words;
  Reception* const reception = find(caller, ticket);
  if (reception == nullptr || source >= agreement::kMostCores) return Error::no_capability;
  if (!reception->is_over && reception->waiting.done()) {
    reception->source = static_cast<CoreNumber>(source);
    reception->waiting = wait(*reception, static_cast<ViewNumber>(view));
    if (reception->waiting.done()) return Error::out_of_memory;
    runtime().loop.start(reception->waiting);
  }
  if (!reception->is_over) return Error::again;
  const auto result = reception->result;
  free(*reception);
  if (!result) return result.error();
  return Words{};
}

Task<> Receptions::wait(Reception& reception, ViewNumber view) {
  const auto received = co_await tickets_.receive(reception.ticket, reception.source, view);
  reception.is_over = true;
  reception.result = received ? Result<void>() : received.error();
  broker_.signal(reception.process);
  co_return {};
}

Result<Words> Receptions::abandon(const Process& caller, std::uint64_t ticket) {
  Reception* const reception = find(caller, ticket);
  if (reception == nullptr) return Error::no_capability;
  free(*reception);
  return Words{};
}

Receptions::Reception* Receptions::find(const Process& process, std::uint64_t ticket) {
  const auto found = std::ranges::find_if(list_, [&](const Reception& reception) {
    return ticket != 0 && reception.ticket == ticket && reception.process == process.number;
  });
  return found != list_.end() ? &*found : nullptr;
}

//@ since memory
bool Receptions::has(TicketNumber ticket) const {
  return std::ranges::find(list_, ticket, &Reception::ticket) != list_.end();
}

//@ end
Receptions::Reception* Receptions::find(TicketNumber ticket, Type type) {
  const auto found = std::ranges::find_if(list_, [&](const Reception& reception) {
    return ticket != 0 && reception.ticket == ticket && reception.type == type;
  });
  return found != list_.end() ? &*found : nullptr;
}

void Receptions::free(Reception& reception) {
  const TicketNumber ticket = reception.ticket;
  reception = Reception();
  tickets_.abandon(ticket);  // if no task has received, or begun to
}

bool Receptions::needs(CoreNumber core) const {
  return std::ranges::any_of(list_, [&](const Reception& reception) {
    return reception.ticket != 0 && (reception.asker == core || reception.source == core);
  });
}

void Receptions::end(const Process& process) {
  for (Reception& reception : list_) {
    reception.charge.move_up_from(process.account);
    if (reception.ticket != 0 && reception.process == process.number) free(reception);
  }
}

std::size_t Receptions::count() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      list_, [](const Reception& reception) { return reception.ticket != 0; }));
}

}  // namespace sprat::monitor
