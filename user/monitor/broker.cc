// broker.cc — places for channels: requests of processes, and their ends.

#include "monitor/broker.hh"

#include <algorithm>
#include <cstring>

#include "lib/lrpc_link.hh"
#include "lib/runtime.hh"
#include "monitor/doorbells.hh"
#include "monitor/fill.hh"

namespace sprat::monitor {
namespace {

constexpr std::uint64_t kChannelBytes = std::uint64_t{1} << Broker::kFrameBits;

}  // namespace

// ---- requests of processes

Result<Answer> Broker::set_doorbell(const Process& asker, const Cap<Type::notification>& given) {
  auto doorbell = TRY(mint(given, {kAllRights, kSignalled, 0}));
  auto ours = TRY(mint(given, {kAllRights, kSignalledByMonitor, 0}));
  TRY(bind_line(line_of_process(processes_.place_of(asker)), doorbell));
  Client& client = client_of(asker);
  client.doorbell = std::move(doorbell);
  client.ours = std::move(ours);
  return Answer{};
}

Result<Answer> Broker::set_endpoint(const Process& asker, Cap<Type::endpoint> endpoint) {
  client_of(asker).endpoint = std::move(endpoint);
  return Answer{};
}

Result<Answer> Broker::listen(const Process& asker) {
  Client& client = client_of(asker);
  if (!client.can_be_reached()) return Error::no_capability;
  client.listens = true;
  answer_early();
  return Answer{};
}

Result<Answer> Broker::connect(Process& asker, std::uint64_t core, const BindMessage& wanted) {
  Client& client = client_of(asker);
  if (!client.can_be_reached()) return Error::no_capability;
  if (core >= kMaxCores) return Error::not_found;
  client.will_not_listen = true;
  answer_early();
  Binding& binding = *TRY(take_place(asker, kCostOfFirstEnd));
  binding.side = urpc::Side::first;
  binding.peer_core = static_cast<std::uint32_t>(core);
  binding.state = State::asked;
  const std::uint32_t number = number_of(binding);

  BindMessage message = message_from(binding, asker);
  const auto frame = make_frame(binding);
  message.frame = frame ? frame.value() : 0;
  message.bytes = kChannelBytes;
  message.name = wanted.name;
  //@ since monitor
  message.process = wanted.process;
  //@ end
  const auto posted =
      frame ? links_.post(binding.peer_core, LineKind::bind, message) : frame.error();
  if (!posted) {
    free(binding);
    return posted.error();
  }
  return Answer{{}, {number}};
}

Result<Answer> Broker::accept(const Process& asker) {
  for (Binding& binding : bindings_) {
    if (binding.state != State::offered || binding.process != asker.number) continue;
    binding.state = State::open;
    return Answer{{}, {number_of(binding)}};
  }
  return Error::again;
}

Result<Answer> Broker::channel(const Process& asker, std::uint64_t number) {
  Binding& binding = *TRY(find(asker, number));
  if (binding.state == State::asked) return Error::again;
  if (binding.state == State::refused) {
    const Error error = binding.error;
    close(binding);
    return error;
  }
  Answer answer{frame_of(binding),
                {static_cast<std::uint64_t>(binding.side), kChannelBytes,
                 static_cast<std::uint64_t>(binding.transport)}};
  //@ since monitor
  answer.words[3] = std::uint64_t{binding.peer_core} << 32 | binding.peer_process;
  //@ end
  return answer;
}

Result<Answer> Broker::peers_doorbell(const Process& asker, std::uint64_t number) {
  const auto found = TRY(find(asker, number));
  return Answer{found->peers_doorbell.address(), {}};
}

// Lines that come by it are known to be those of the other end of this channel.
Result<Answer> Broker::peers_endpoint(const Process& asker, std::uint64_t number) {
  Binding& binding = *TRY(find(asker, number));
  if (binding.transport != Transport::lrpc) return Error::not_found;
  const Binding* const other = at(binding.peer_number);
  Process* const peer = other != nullptr ? processes_.find(other->process) : nullptr;
  if (peer == nullptr) return Error::peer_gone;
  binding.peers_endpoint = TRY(
      mint(client_of(*peer).endpoint, {kAllRights, LrpcLink::badge_of(binding.peer_number), 0}));
  return Answer{binding.peers_endpoint.address(), {}};
}

Result<Answer> Broker::close(const Process& asker, std::uint64_t number) {
  close(*TRY(find(asker, number)));
  return Answer{};
}

void Broker::end(const Process& process) {
  for (Binding& binding : bindings_) {
    binding.charge.move_up_from(process.account);
    if (binding.state != State::free && binding.process == process.number) close(binding);
  }
  clients_[processes_.place_of(process)] =
      Client{.process = process.number, .will_not_listen = true};
  answer_early();
}

// ---- processes

Broker::Client& Broker::client_of(const Process& process) {
  Client& client = clients_[processes_.place_of(process)];
  if (client.process != process.number) client = Client{.process = process.number};
  return client;
}

namespace {

bool is_for(const BindMessage& bind, const Process& process) {
  //@ since monitor
  if (bind.process != 0) return process.number == bind.process;
  //@ end
  return process.name == bind.name;
}

}  // namespace

Process* Broker::find_listener(const BindMessage& bind) {
  for (std::size_t n = 0; Process* const process = processes_.nth(n); ++n)
    if (is_for(bind, *process) && client_of(*process).listens) return process;
  return nullptr;
}

bool Broker::may_listen(const BindMessage& bind) {
  for (std::size_t n = 0; const Process* const process = processes_.nth(n); ++n) {
    const Client& client = client_of(*process);
    if (is_for(bind, *process) && !client.listens && !client.will_not_listen) return true;
  }
  return false;
}

void Broker::signal(std::uint64_t process) {
  if (const Process* const found = processes_.find(process)) client_of(*found).signal();
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

// Two ends on one core both use the frame of the connecting process.
CapAddress Broker::frame_of(const Binding& binding) {
  if (binding.side == urpc::Side::first) return frames_[place_of(binding)].address();
  if (!is_local(binding)) return peers_page(binding);
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
  const auto place = std::ranges::find_if(bindings_, [this](const Binding& binding) {
    return binding.state == State::free && links_.has_page(place_of(binding));
  });
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
  } else if (const CapAddress page = peers_page(binding); page != CapAddress()) {
    static_cast<void>(revoke(page));
  }
  if (binding.peers_doorbell) static_cast<void>(revoke(binding.peers_doorbell.address()));
  if (binding.peers_endpoint) static_cast<void>(revoke(binding.peers_endpoint.address()));
  //@ since monitor
  if (peers_page(binding) != CapAddress() && binding.peer_number == 0)
    links_.leave_page(CapRef<Type::frame>(peers_page(binding)));
  //@ end
  binding = Binding();
}

// A page of zeros; gives its physical address.
Result<std::uint64_t> Broker::make_frame(const Binding& binding) {
  Cap<Type::frame>& kept = frames_[place_of(binding)];
  if (!kept) {
    kept = TRY(links_.page(place_of(binding)));
  }
  const auto filled = fill_frame(kept.address(), kChannelBytes,
                                 [](std::byte* memory) { std::memset(memory, 0, kChannelBytes); });
  if (!filled) return filled.error();
  return TRY(identify(kept.address())).base;
}

void Broker::count(Census& census) const {
  for (const Binding& binding : bindings_) {
    if (binding.state != State::free) {
      ++census.channels;
    } else if (frames_[place_of(binding)]) {
      --census.slots;
      if (process_.core_id == 0) census.free_kib += kChannelBytes >> 10;
    }
  }
  for (const Client& client : clients_)
    if (client.doorbell) ++census.doorbells;
  census.early += static_cast<std::uint32_t>(early_count_);
}

// ---- the end

void Broker::close(Binding& binding) {
  if (!std::exchange(binding.is_closed, true)) finish(binding);
}

// Once it is closed here: tells the peer, as soon as that is known.
void Broker::finish(Binding& binding) {
  if (binding.state == State::asked) {
    post(binding, LineKind::withdrawn, message_to_peer(binding));
    return;  // it may be free already
  }
  if (binding.peer_number != 0) leave_channel(binding);
  free_if_closed(binding);
}

void Broker::refuse_end(Binding& binding, Error error) {
  binding.state = State::refused;
  binding.error = error;
}

void Broker::mark_as_left(const Binding& binding, urpc::Side side) {
  static_cast<void>(fill_frame(frame_of(binding), kChannelBytes, [&](std::byte* memory) {
    urpc::leave(reinterpret_cast<urpc::Line*>(memory)[static_cast<std::size_t>(side)]);
  }));
}

void Broker::leave_channel(const Binding& binding) {
  const CapAddress frame = frame_of(binding);
  if (!is_local(binding)) static_cast<void>(revoke(frame));
  mark_as_left(binding, binding.side);
  Doorbell{binding.peers_doorbell.address()}();
  BindMessage message = message_to_peer(binding);
  if (!binding.peers_doorbell)
    message.status = static_cast<std::uint16_t>(status_of(Error::no_capability));
  post(binding, LineKind::closed, message);
}

//@ since monitor
Result<Broker::Ends> Broker::ends_of(const Process& asker, std::uint64_t number) {
  const Binding& binding = *TRY(find(asker, number));
  if (binding.peer_is_closed) return Error::peer_gone;
  if (binding.peer_number == 0) return Error::not_found;
  return Ends{binding.peer_core, binding.peer_number % kNumbers, number_of(binding) % kNumbers};
}

bool Broker::needs(std::uint32_t core) const {
  return std::ranges::any_of(bindings_, [&](const Binding& binding) {
    return binding.state != State::free && binding.peer_core == core && !binding.peer_is_closed;
  });
}

void Broker::core_ended(std::uint32_t core) {
  const auto is_from_there = [&](const Early& early) { return early.from == core; };
  const auto early = std::span(early_).first(early_count_);
  early_count_ = static_cast<std::size_t>(std::ranges::remove_if(early, is_from_there).begin() -
                                          early.begin());
  for (Binding& binding : bindings_)
    if (binding.state != State::free && binding.peer_core == core) peer_ended(binding);
}

// As if the peer's monitor had closed its end.
void Broker::peer_ended(Binding& binding) {
  binding.peer_is_closed = true;
  binding.peer_number = 0;  // of an incarnation that is no more
  if (peers_page(binding) != CapAddress())
    links_.keep_page(CapRef<Type::frame>(peers_page(binding)));
  if (binding.peers_doorbell) static_cast<void>(revoke(binding.peers_doorbell.address()));
  //@ lab monitor.2e:
  using enum State;
  if (binding.state == asked) {
    refuse_end(binding, Error::peer_gone);
  } else if (binding.state != refused) {
    const bool is_first = binding.side == urpc::Side::first;
    mark_as_left(binding, is_first ? urpc::Side::second : urpc::Side::first);
  }
  signal(binding.process);
  //@ end
  free_if_closed(binding);
}

//@ end
void Broker::free_if_closed(Binding& binding) {
  const bool peer_uses_it = binding.peer_number != 0 && !binding.peer_is_closed;
  if (binding.is_closed && !peer_uses_it) free(binding);
}

}  // namespace sprat::monitor
