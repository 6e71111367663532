// broker_messages.cc — messages between the brokers of two cores: sending them, and handling received ones.

#include <algorithm>

#include "monitor/broker.hh"
#include "monitor/doorbells.hh"

namespace sprat::monitor {

BindMessage Broker::message_from(const Binding& binding, const Process& process) const {
  BindMessage message = message_to_peer(binding);
  message.apic_id = process_.apic_id;
  message.line = static_cast<std::uint16_t>(line_of_process(processes_.place_of(process)));
  //@ since monitor
  message.from = static_cast<std::uint32_t>(process.number);
  //@ end
  return message;
}

BindMessage Broker::message_to_peer(const Binding& binding) const {
  return {.their = binding.peer_number, .my = number_of(binding)};
}

// To the core of the peer, which exists.
void Broker::post(const Binding& binding, LineKind kind, const BindMessage& message) {
  static_cast<void>(links_.post(binding.peer_core, kind, message));
}

void Broker::read(std::uint32_t from, LineKind kind, const BindMessage& message) {
  switch (kind) {
    case LineKind::bind: return bind(from, message);
    case LineKind::bound: return bound(from, message);
    case LineKind::withdrawn: return withdrawn(from, message);
    case LineKind::closed: return closed(from, message);
    default: return;
  }
}

void Broker::answer_early() {
  const auto messages = early_;
  for (const auto& [from, message] : std::span(messages).first(std::exchange(early_count_, 0)))
    bind(from, message);
}

void Broker::bind(std::uint32_t from, const BindMessage& message) {
  //@ lab monitor.2a: refuse(from, message, Error::not_implemented);
  Process* const server = find_listener(message);
  if (server == nullptr) {
    if (!may_listen(message)) return refuse(from, message, Error::not_found);
    if (early_count_ == early_.size()) return refuse(from, message, Error::out_of_memory);
    early_[early_count_++] = {from, message};
    return;
  }
  const auto number = offer(from, message, *server);
  if (!number) return refuse(from, message, number.error());
  const Binding& binding = *at(number.value());
  post(binding, LineKind::bound, message_from(binding, *server));
  client_of(*server).signal();
  //@ end
}

void Broker::refuse(std::uint32_t to, const BindMessage& message, Error error) {
  const BindMessage answer{.their = message.my,
                           .status = static_cast<std::uint16_t>(status_of(error))};
  static_cast<void>(links_.post(to, LineKind::bound, answer));
}

// The end of a channel that `server` may accept.
Result<std::uint32_t> Broker::offer(std::uint32_t from, const BindMessage& message,
                                    Process& server) {
  Binding& binding = *TRY(take_place(server, kCostOfEnd));
  binding.side = urpc::Side::second;
  binding.peer_core = from;
  binding.peer_number = message.my;
  if (const auto filled = fill_offer(binding, message); !filled) {
    free(binding);
    return filled.error();
  }
  binding.state = State::offered;
  return number_of(binding);
}

// By both ends, while both exist: they come to the same result.
Transport Broker::transport_of(const Binding& binding) {
  const Binding* const other = is_local(binding) ? at(binding.peer_number) : nullptr;
  const bool are_two = other != nullptr && other->process != binding.process;
  return are_two ? Transport::lrpc : Transport::urpc;
}

Result<void> Broker::fill_offer(Binding& binding, const BindMessage& message) {
  binding.transport = transport_of(binding);
  //@ since monitor
  binding.peer_process = message.from;
  //@ end
  if (!is_local(binding)) {
    binding.page = links_.page_of_others(message.frame);
    if (binding.page == CapAddress())
      binding.adopted = TRY(adopt_frame(message.frame, message.bytes));
  }
  binding.peers_doorbell = TRY(doorbell_of(message.apic_id, message.line));
  return {};
}

// The end that `message` is for, if it has not been used for something else since.
Broker::Binding* Broker::find_peer(std::uint32_t from, const BindMessage& message) {
  Binding* const binding = at(message.their);
  if (binding == nullptr || binding->peer_core != from) return nullptr;
  const bool fits = binding->peer_number == message.my || binding->state == State::asked;
  return fits ? binding : nullptr;
}

void Broker::bound(std::uint32_t from, const BindMessage& message) {
  Binding* const binding = find_peer(from, message);
  if (binding == nullptr || binding->state != State::asked) return;
  //@ since monitor
  binding->peer_process = message.from;
  //@ end
  //@ lab monitor.2b: refuse_end(*binding, Error::not_implemented); signal(binding->process);
  binding->peer_number = message.my;
  binding->transport = transport_of(*binding);
  auto doorbell = message.status == kStatusOk ? doorbell_of(message.apic_id, message.line)
                                              : Result<Cap<Type::irq>>(error_of(message.status));
  if (doorbell) {
    binding->peers_doorbell = std::move(doorbell.value());
    binding->state = State::open;
  } else {
    refuse_end(*binding, doorbell.error());
  }
  // It could not be finished while the peer was not known.
  if (binding->is_closed) return finish(*binding);
  signal(binding->process);
  //@ end
}

// Early binds of that end are answered now. If there is none, the answer is on its way.
void Broker::withdrawn(std::uint32_t from, const BindMessage& message) {
  //@ lab monitor.2c: static_cast<void>(from), static_cast<void>(message);
  const std::span messages = std::span(early_).first(early_count_);
  const auto is_it = [&](const Early& early) {
    return early.from == from && early.message.my == message.my;
  };
  const auto early = std::ranges::find_if(messages, is_it);
  if (early == messages.end()) return;
  std::shift_left(early, messages.end(), 1);
  --early_count_;
  refuse(from, message, Error::not_found);
  //@ end
}

void Broker::closed(std::uint32_t from, const BindMessage& message) {
  //@ lab monitor.2d: static_cast<void>(from), static_cast<void>(message);
  Binding* const binding = find_peer(from, message);
  if (binding == nullptr) return;
  binding->peer_is_closed = true;
  if (message.status != kStatusOk) signal(binding->process);
  free_if_closed(*binding);
  //@ end
}

}  // namespace sprat::monitor
