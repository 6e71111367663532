// letters.cc — messages between the brokers of two cores: sending them, and handling received ones.

#include <algorithm>

#include "init/broker.hh"
#include "init/doorbells.hh"

namespace sprat::init {

Letter Broker::letter_from(const Binding& binding, const Process& process) const {
  Letter letter = letter_to_peer(binding);
  letter.apic_id = process_.apic_id;
  letter.line = static_cast<std::uint16_t>(line_of_process(processes_.place_of(process)));
  return letter;
}

Letter Broker::letter_to_peer(const Binding& binding) const {
  return {.to = binding.peer_core,
          .from = process_.core_id,
          .their = binding.peer_number,
          .my = number_of(binding)};
}

void Broker::read(Letter::Kind kind, const Letter& letter) {
  switch (kind) {
    case Letter::Kind::bind: return bind(letter);
    case Letter::Kind::bound: return bound(letter);
    case Letter::Kind::withdrawn: return withdrawn(letter);
    case Letter::Kind::closed: return closed(letter);
    case Letter::Kind::count:
    case Letter::Kind::counted: break;
  }
}

void Broker::look_again() {
  const auto letters = early_;
  for (const Letter& letter : std::span(letters).first(std::exchange(early_count_, 0)))
    bind(letter);
}

void Broker::bind(const Letter& letter) {
  Process* const server = processes_.find_listener(letter.name);
  if (server == nullptr) {
    if (!processes_.may_listen(letter.name)) return refuse(letter, Error::not_found);
    if (early_count_ == early_.size()) return refuse(letter, Error::out_of_memory);
    early_[early_count_++] = letter;
    return;
  }
  const auto number = offer(letter, *server);
  if (!number) return refuse(letter, number.error());
  static_cast<void>(links_.post(Letter::Kind::bound, letter_from(*at(number.value()), *server)));
  server->signal();
}

void Broker::refuse(const Letter& letter, Error error) {
  const Letter answer{.to = letter.from,
                      .from = process_.core_id,
                      .their = letter.my,
                      .status = static_cast<std::uint16_t>(status_of(error))};
  static_cast<void>(links_.post(Letter::Kind::bound, answer));
}

// The end of a channel that `server` may accept.
Result<std::uint32_t> Broker::offer(const Letter& letter, Process& server) {
  const auto place = take_place(server, kCostOfEnd);
  if (!place) return place.error();
  Binding& binding = *place.value();
  binding.side = urpc::Side::second;
  binding.peer_core = letter.from;
  binding.peer_number = letter.my;
  if (const auto filled = fill_offer(binding, letter); !filled) {
    free(binding);
    return filled.error();
  }
  binding.state = State::offered;
  return number_of(binding);
}

Result<void> Broker::fill_offer(Binding& binding, const Letter& letter) {
  if (!is_local(binding)) {
    auto frame = adopt_frame(letter.frame, letter.bytes);
    if (!frame) return frame.error();
    binding.adopted = std::move(frame.value());
  }
  auto bell = doorbell_of(letter.apic_id, letter.line);
  if (!bell) return bell.error();
  binding.peers_bell = std::move(bell.value());
  return {};
}

// The end that `letter` is for, if it has not been used for something else since.
Broker::Binding* Broker::find_peer(const Letter& letter) {
  Binding* const binding = at(letter.their);
  if (binding == nullptr || binding->peer_core != letter.from) return nullptr;
  const bool fits = binding->peer_number == letter.my || binding->state == State::asked;
  return fits ? binding : nullptr;
}

void Broker::bound(const Letter& letter) {
  Binding* const binding = find_peer(letter);
  if (binding == nullptr || binding->state != State::asked) return;
  auto bell = letter.status == kStatusOk ? doorbell_of(letter.apic_id, letter.line)
                                         : Result<Cap<Type::irq>>(error_of(letter.status));
  binding->peer_number = letter.my;
  binding->state = bell ? State::open : State::refused;
  if (bell) {
    binding->peers_bell = std::move(bell.value());
  } else {
    binding->error = bell.error();
  }
  // It could not be finished while the peer was not known.
  if (binding->is_closed) return finish(*binding);
  if (const Process* const process = processes_.find(binding->process)) process->signal();
}

// Early binds of that end are answered now. If there is none, the answer is on its way.
void Broker::withdrawn(const Letter& letter) {
  const std::span letters = std::span(early_).first(early_count_);
  const auto is_it = [&](const Letter& early) {
    return early.from == letter.from && early.my == letter.my;
  };
  const auto early = std::ranges::find_if(letters, is_it);
  if (early == letters.end()) return;
  std::shift_left(early, letters.end(), 1);
  --early_count_;
  refuse(letter, Error::not_found);
}

void Broker::closed(const Letter& letter) {
  Binding* const binding = find_peer(letter);
  if (binding == nullptr) return;
  binding->peer_is_closed = true;
  free_if_closed(*binding);
}

}  // namespace sprat::init
