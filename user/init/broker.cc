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
  const auto place = take_place(asker, urpc::Side::first, static_cast<std::uint32_t>(core));
  if (!place) return place.error();
  Binding& binding = *place.value();
  if (const auto made = make_frame(binding); !made) return made.error();
  const auto identity = identify(binding.own.address());
  if (!identity) return identity.error();

  binding.state = State::asked;
  Letter letter = letter_from(binding, asker);
  letter.frame = identity.value().base;
  letter.bytes = kFrameBytes;
  letter.name = name;
  if (const auto posted = links_.post(Letter::Kind::bind, letter); !posted) {
    binding.state = State::free;
    return posted.error();
  }
  return Answer{{number_of(binding)}, {}};
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
    binding.state = State::free;
    return binding.error;
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
  if (!is_local(binding) || binding.peer_number == 0) return Error::not_found;
  Process* const peer = processes_.find(bindings_[binding.peer_number - 1].process);
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
  for (Binding& binding : bindings_)
    if (binding.state != State::free && binding.process == process.number) close(binding);
}

// ---- places

std::uint32_t Broker::number_of(const Binding& binding) const {
  return static_cast<std::uint32_t>(&binding - bindings_.data()) + 1;
}

// Of two ends on one core, both use the frame of who connected.
CapAddress Broker::frame_of(const Binding& binding) const {
  if (binding.side == urpc::Side::first) return binding.own.address();
  if (is_local(binding)) return bindings_[binding.peer_number - 1].own.address();
  return binding.adopted.address();
}

Result<Broker::Binding*> Broker::find(const Process& asker, std::uint64_t number) {
  if (number == 0 || number > bindings_.size()) return Error::not_found;
  Binding& binding = bindings_[number - 1];
  const bool is_theirs = binding.state != State::free && binding.process == asker.number;
  if (!is_theirs || binding.is_closed) return Error::not_found;
  return &binding;
}

Result<Broker::Binding*> Broker::take_place(const Process& process, urpc::Side side,
                                            std::uint32_t peer_core) {
  const auto is_theirs = [&](const Binding& binding) {
    return binding.state != State::free && binding.process == process.number;
  };
  if (std::ranges::count_if(bindings_, is_theirs) >= static_cast<std::ptrdiff_t>(kMaxPerProcess))
    return Error::out_of_memory;
  const auto place = std::ranges::find(bindings_, State::free, &Binding::state);
  if (place == bindings_.end()) return Error::out_of_memory;
  place->is_closed = place->peer_is_closed = false;
  place->process = process.number;
  place->side = side;
  place->peer_core = peer_core;
  place->peer_number = 0;
  return &*place;
}

// A page of zeros, of this core's own.
Result<void> Broker::make_frame(Binding& binding) {
  if (!binding.own) {
    auto frame = runtime().ram.make<Type::frame>(kFrameBits);
    if (!frame) return frame.error();
    binding.own = std::move(frame.value());
  }
  return fill_frame(binding.own.address(), kFrameBytes,
                    [](std::byte* memory) { std::memset(memory, 0, kFrameBytes); });
}

// ---- what inits tell each other

Letter Broker::letter_from(const Binding& binding, const Process& process) const {
  return {.to = binding.peer_core,
          .from = process_.core_id,
          .their = binding.peer_number,
          .my = number_of(binding),
          .apic_id = process_.apic_id,
          .line = static_cast<std::uint16_t>(line_of_process(processes_.place_of(process)))};
}

void Broker::read(Letter::Kind kind, const Letter& letter) {
  switch (kind) {
    case Letter::Kind::bind: return bind(letter);
    case Letter::Kind::bound: return bound(letter);
    case Letter::Kind::closed: return closed(letter);
  }
}

void Broker::look_again() {
  const auto letters = early_;
  for (const Letter& letter : std::span(letters).first(std::exchange(early_count_, 0)))
    bind(letter);
}

void Broker::bind(const Letter& letter) {
  Process* const server = processes_.find_listener(letter.name);
  if (server == nullptr && processes_.may_listen(letter.name) && early_count_ != early_.size()) {
    early_[early_count_++] = letter;
    return;
  }
  Result<std::uint32_t> number = Error::not_found;
  Letter answer{.to = letter.from, .from = process_.core_id, .their = letter.my};
  if (server != nullptr) number = offer(letter, *server);
  if (number) {
    answer = letter_from(bindings_[number.value() - 1], *server);
  } else {
    answer.status = static_cast<std::uint16_t>(status_of(number.error()));
  }
  static_cast<void>(links_.post(Letter::Kind::bound, answer));
  if (number) signal(*server);
}

// The end of a channel that `server` may accept.
Result<std::uint32_t> Broker::offer(const Letter& letter, Process& server) {
  const auto place = take_place(server, urpc::Side::second, letter.from);
  if (!place) return place.error();
  Binding& binding = *place.value();
  binding.peer_number = letter.my;
  if (!is_local(binding)) {
    auto frame = adopt_frame(letter.frame, letter.bytes);
    if (!frame) return frame.error();
    binding.adopted = std::move(frame.value());
  }
  auto bell = doorbell_of(letter.apic_id, letter.line);
  if (!bell) return bell.error();
  binding.peers_bell = std::move(bell.value());
  binding.state = State::offered;
  return number_of(binding);
}

// The end that `letter` is for, if it has not been used for something else since.
Broker::Binding* Broker::find_peer(const Letter& letter) {
  if (letter.their == 0 || letter.their > bindings_.size()) return nullptr;
  Binding& binding = bindings_[letter.their - 1];
  const bool is_known = binding.state != State::free && binding.peer_core == letter.from;
  const bool fits = binding.peer_number == letter.my || binding.state == State::asked;
  return is_known && fits ? &binding : nullptr;
}

void Broker::bound(const Letter& letter) {
  Binding* const binding = find_peer(letter);
  if (binding == nullptr || binding->state != State::asked) return;
  Process* const process = processes_.find(binding->process);
  auto bell = letter.status == kStatusOk ? doorbell_of(letter.apic_id, letter.line)
                                         : Result<Cap<Type::irq>>(error_of(letter.status));
  binding->peer_number = letter.my;
  if (bell) {
    binding->peers_bell = std::move(bell.value());
    binding->state = State::open;
  } else {
    binding->error = bell.error();
    binding->state = State::refused;
  }
  // It could not be closed while nobody knew who the peer is.
  return binding->is_closed || process == nullptr ? close(*binding) : signal(*process);
}

void Broker::closed(const Letter& letter) {
  Binding* const binding = find_peer(letter);
  if (binding == nullptr) return;
  binding->peer_is_closed = true;
  free_if_closed(*binding);
}

// ---- the end

void Broker::close(Binding& binding) {
  binding.is_closed = true;
  if (binding.state == State::asked) return;  // until it is bound
  if (binding.peer_number != 0) say_good_bye(binding);
  free_if_closed(binding);
}

void Broker::say_good_bye(const Binding& binding) {
  if (!is_local(binding)) static_cast<void>(revoke(frame_of(binding)));
  static_cast<void>(fill_frame(frame_of(binding), kFrameBytes, [&](std::byte* memory) {
    urpc::leave(reinterpret_cast<urpc::Line*>(memory)[static_cast<std::size_t>(binding.side)]);
  }));
  Doorbell{binding.peers_bell.address()}();
  static_cast<void>(links_.post(Letter::Kind::closed, {.to = binding.peer_core,
                                                       .from = process_.core_id,
                                                       .their = binding.peer_number,
                                                       .my = number_of(binding)}));
}

void Broker::free_if_closed(Binding& binding) {
  const bool peer_uses_it = binding.peer_number != 0 && !binding.peer_is_closed;
  if (!binding.is_closed || peer_uses_it) return;
  if (binding.side == urpc::Side::first) {
    static_cast<void>(revoke(binding.own.address()));
  } else if (!is_local(binding)) {
    static_cast<void>(revoke(binding.adopted.address()));
  }
  binding.adopted = Cap<Type::frame>();
  if (binding.peers_bell) static_cast<void>(revoke(binding.peers_bell.address()));
  binding.peers_bell = Cap<Type::irq>();
  if (binding.peers_endpoint) static_cast<void>(revoke(binding.peers_endpoint.address()));
  binding.peers_endpoint = Cap<Type::endpoint>();
  binding.state = State::free;
}

}  // namespace sprat::init
