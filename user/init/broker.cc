// broker.cc — places for channels, and what happens to them.

#include "init/broker.hh"

#include <algorithm>
#include <cstring>

#include "init/doorbells.hh"
#include "init/fill.hh"
#include "lib/lrpc_link.hh"
#include "lib/runtime.hh"

namespace sprat::init {
namespace {

constexpr std::uint64_t kFrameBytes = std::uint64_t{1} << Broker::kFrameBits;

void signal(const Process& process) {
  static_cast<void>(invoke(process.bell.address(), Method::signal));
}

}  // namespace

// ---- what processes ask for

Result<Broker::Answer> Broker::set_bell(Process& asker, Cap<Type::notification> bell) {
  const auto bound = bind_line(line_of_process(processes_.place_of(asker)), bell);
  if (!bound) return bound.error();
  asker.bell = std::move(bell);
  return Answer{};
}

Result<Broker::Answer> Broker::listen(Process& asker) {
  if (!asker.bell) return Error::no_capability;
  asker.listens = true;
  look_again();
  return Answer{};
}

Result<Broker::Answer> Broker::connect(Process& asker, std::uint64_t core,
                                       const ProcessName& name) {
  if (!asker.bell) return Error::no_capability;
  if (core >= kMaxCores) return Error::not_found;
  asker.connects = true;
  look_again();
  const auto place = take_place(asker, kCostOfFirstEnd);
  if (!place) return place.error();
  Binding& binding = *place.value();
  binding.side = urpc::Side::first;
  binding.peer_core = static_cast<std::uint32_t>(core);
  binding.state = State::asked;
  const std::uint32_t number = number_of(binding);

  Letter letter = letter_from(binding, asker);
  const auto frame = make_frame(binding);
  letter.frame = frame ? frame.value() : 0;
  letter.bytes = kFrameBytes;
  letter.name = name;
  const auto posted = frame ? links_.post(Letter::Kind::bind, letter) : frame.error();
  if (!posted) {
    free(binding);
    return posted.error();
  }
  return Answer{{number}, {}};
}

Result<Broker::Answer> Broker::accept(Process& asker) {
  for (Binding& binding : bindings_) {
    if (binding.state != State::offered || binding.process != asker.number) continue;
    binding.state = State::open;
    return Answer{{number_of(binding)}, {}};
  }
  return Error::again;
}

Result<Broker::Answer> Broker::channel(Process& asker, std::uint64_t number) {
  const auto found = find(asker, number);
  if (!found) return found.error();
  Binding& binding = *found.value();
  if (binding.state == State::asked) return Error::again;
  if (binding.state == State::refused) {
    const Error error = binding.error;
    close(binding);
    return error;
  }
  return Answer{{static_cast<std::uint64_t>(binding.side), kFrameBytes}, frame_of(binding)};
}

Result<Broker::Answer> Broker::peers_bell(Process& asker, std::uint64_t number) {
  const auto found = find(asker, number);
  if (!found) return found.error();
  return Answer{{}, found.value()->peers_bell.address()};
}

// Lines that come by it are known to be those of the other end of this channel.
Result<Broker::Answer> Broker::peers_endpoint(Process& asker, std::uint64_t number) {
  const auto found = find(asker, number);
  if (!found) return found.error();
  Binding& binding = *found.value();
  const Binding* const other = is_local(binding) ? at(binding.peer_number) : nullptr;
  Process* const peer = other != nullptr ? processes_.find(other->process) : nullptr;
  if (peer == nullptr || peer == &asker) return Error::not_found;
  auto endpoint = mint(peer->endpoint, {kAllRights, LrpcLink::badge_of(binding.peer_number), 0});
  if (!endpoint) return endpoint.error();
  binding.peers_endpoint = std::move(endpoint.value());
  return Answer{{}, binding.peers_endpoint.address()};
}

Result<Broker::Answer> Broker::close(Process& asker, std::uint64_t number) {
  const auto found = find(asker, number);
  if (!found) return found.error();
  close(*found.value());
  return Answer{};
}

void Broker::end(const Process& process) {
  for (Binding& binding : bindings_) {
    binding.charge.move_up_from(process.account);
    if (binding.state != State::free && binding.process == process.number) close(binding);
  }
}

// ---- places

std::uint32_t Broker::number_of(const Binding& binding) const {
  const std::size_t place = place_of(binding);
  return static_cast<std::uint32_t>(place + 1) + uses_[place] * kNumbers;
}

// The end of that number, or null: there is none any more.
Broker::Binding* Broker::at(std::uint64_t number) {
  const std::uint64_t place = number % kNumbers - 1;
  if (place >= bindings_.size()) return nullptr;
  Binding& binding = bindings_[place];
  return binding.state != State::free && number_of(binding) == number ? &binding : nullptr;
}

// Of two ends on one core, both use the frame of who connected.
CapAddress Broker::frame_of(const Binding& binding) {
  if (binding.side == urpc::Side::first) return frames_[place_of(binding)].address();
  if (!is_local(binding)) return binding.adopted.address();
  const Binding* const first = at(binding.peer_number);
  return first != nullptr ? frames_[place_of(*first)].address() : CapAddress();
}

Result<Broker::Binding*> Broker::find(const Process& asker, std::uint64_t number) {
  Binding* const binding = at(number);
  const bool is_theirs =
      binding != nullptr && binding->process == asker.number && !binding->is_closed;
  return is_theirs ? Result(binding) : Error::not_found;
}

// A place that counts in the account of `process`. It is taken when its state is not `free` any longer.
Result<Broker::Binding*> Broker::take_place(Process& process, const Quota& cost) {
  const auto place = std::ranges::find(bindings_, State::free, &Binding::state);
  if (place == bindings_.end()) return Error::out_of_memory;
  auto charge = Charge::take(process.account, cost);
  if (!charge) return charge.error();
  place->process = process.number;
  place->charge = std::move(charge.value());
  ++uses_[place_of(*place)];
  return &*place;
}

// Nothing of it is left, in this process or in others.
void Broker::free(Binding& binding) {
  if (binding.side == urpc::Side::first) {
    static_cast<void>(revoke(frames_[place_of(binding)].address()));
  } else if (binding.adopted) {
    static_cast<void>(revoke(binding.adopted.address()));
  }
  if (binding.peers_bell) static_cast<void>(revoke(binding.peers_bell.address()));
  if (binding.peers_endpoint) static_cast<void>(revoke(binding.peers_endpoint.address()));
  binding = Binding();
}

// A page of zeros, of this core's own; gives its physical address.
Result<std::uint64_t> Broker::make_frame(const Binding& binding) {
  Cap<Type::frame>& kept = frames_[place_of(binding)];
  if (!kept) {
    auto frame = runtime().ram.make<Type::frame>(kFrameBits);
    if (!frame) return frame.error();
    kept = std::move(frame.value());
  }
  const auto filled = fill_frame(kept.address(), kFrameBytes,
                                 [](std::byte* memory) { std::memset(memory, 0, kFrameBytes); });
  if (!filled) return filled.error();
  const auto identity = identify(kept.address());
  if (!identity) return identity.error();
  return identity.value().base;
}

void Broker::count(Census& census) const {
  for (const Binding& binding : bindings_) {
    if (binding.state != State::free) {
      ++census.channels;
    } else if (frames_[place_of(binding)]) {
      --census.slots;
      census.free_kib += kFrameBytes >> 10;
    }
  }
  census.early += static_cast<std::uint32_t>(early_count_);
}

// ---- what inits tell each other

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
  signal(*server);
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
  // It could not be finished while nobody knew who the peer is.
  if (binding->is_closed) return finish(*binding);
  if (const Process* const process = processes_.find(binding->process)) signal(*process);
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

// ---- the end

void Broker::close(Binding& binding) {
  if (!std::exchange(binding.is_closed, true)) finish(binding);
}

// Once it is closed here: as soon as it is known who the peer is, or that there is none.
void Broker::finish(Binding& binding) {
  if (binding.state == State::asked) {
    static_cast<void>(links_.post(Letter::Kind::withdrawn, letter_to_peer(binding)));
    return;  // it may be free already
  }
  if (binding.peer_number != 0) say_good_bye(binding);
  free_if_closed(binding);
}

void Broker::say_good_bye(const Binding& binding) {
  const CapAddress frame = frame_of(binding);
  if (!is_local(binding)) static_cast<void>(revoke(frame));
  static_cast<void>(fill_frame(frame, kFrameBytes, [&](std::byte* memory) {
    urpc::leave(reinterpret_cast<urpc::Line*>(memory)[static_cast<std::size_t>(binding.side)]);
  }));
  Doorbell{binding.peers_bell.address()}();
  static_cast<void>(links_.post(Letter::Kind::closed, letter_to_peer(binding)));
}

void Broker::free_if_closed(Binding& binding) {
  const bool peer_uses_it = binding.peer_number != 0 && !binding.peer_is_closed;
  if (binding.is_closed && !peer_uses_it) free(binding);
}

}  // namespace sprat::init
