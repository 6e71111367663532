// connection.cc — requests to the monitor, and waiting for its signal.

#include "lib/connection.hh"

#include <bit>
#include <cstring>

#include "lib/channel_requests.hh"
#include "lib/runtime.hh"
//@ since monitor
#include "lib/service_names.hh"
//@ end
#include "lib/startup.hh"
#include "lib/upcalls.hh"

namespace sprat {
namespace {

constexpr std::size_t kFrameBytes = kPageSize;
constexpr std::size_t kSlots = 16;

// Frames of channels are mapped side by side.
constexpr VirtualAddress kChannels = kOwnMappings + 512 * kLargePageSize;
constinit std::uint64_t places_taken = 0;  // one bit each

constinit bool can_be_reached = false;

Words request(ChannelRequest what, std::uint64_t argument = 0) {
  return {static_cast<std::uint64_t>(what), argument};
}

}  // namespace

// Makes the notification of which the monitor makes two: one that peers signal when they have sent something, and one that it signals
// itself when this process's channels change. And the endpoint for lines of peers on this core.
Result<void> be_reachable() {
  if (can_be_reached) return {};
  const CapRef<Type::dispatcher> self(task_slot(TaskSlot::dispatcher));
  const auto notification = TRY(retype<Type::notification>(self));
  TRY(ask_monitor(ChannelRequest::doorbell, 0, notification.address()));
  LrpcLink::expect_lines();
  const auto endpoint = retype<Type::endpoint>(self);
  if (!endpoint) return endpoint.error();
  TRY(ask_monitor(ChannelRequest::endpoint, 0, endpoint.value().address()));
  can_be_reached = true;
  return {};
}

Result<void> listen() {
  TRY(be_reachable());
  TRY(ask_monitor(ChannelRequest::listen));
  return {};
}

Task<> Connection::connect(std::uint64_t core, std::string_view name) {
  if (const auto ready = be_reachable(); !ready) co_return ready;
  Words words = request(ChannelRequest::connect, core);
  if (name.size() >= sizeof(ProcessName)) co_return Error::not_found;
  std::memcpy(&words[2], name.data(), name.size());
  const auto number = ask(kMonitor, words);
  if (!number) co_return number.error();
  co_return co_await open(number.value().words[0]);
}

//@ since monitor
Task<> Connection::connect(std::string_view service) {
  if (const auto ready = be_reachable(); !ready) co_return ready;
  const auto number = ask_about(ServiceRequest::connect_to, service);
  if (!number) co_return number.error();
  co_return co_await open(number.value()[0]);
}

Task<> Connection::connect(const ProcessId& process) {
  if (const auto ready = be_reachable(); !ready) co_return ready;
  Words words = request(ChannelRequest::connect_process, process.core);
  words[2] = process.number;
  const auto number = ask(kMonitor, words);
  if (!number) co_return number.error();
  co_return co_await open(number.value().words[0]);
}

//@ end
Task<> Connection::accept() {
  for (;;) {
    const auto number = ask_monitor(ChannelRequest::accept);
    if (number) co_return co_await open(number.value()[0]);
    if (number.error() != Error::again) co_return number.error();
    co_await runtime().loop.sources().signalled();
  }
}

// Waits until the monitor has the frame and the doorbell of the peer, and begins. If that fails, the peer gets peer_gone.
Task<> Connection::open(std::uint64_t number) {
  close();
  number_ = number;
  for (;;) {
    auto frame = ask_for<Type::frame>(kMonitor, request(ChannelRequest::channel, number));
    if (!frame && frame.error() == Error::again) {
      co_await runtime().loop.sources().signalled();
      continue;
    }
    Result<void> begun = frame ? Result<void>() : frame.error();
    if (frame) {
      frame_ = std::move(frame.value().capability);
      const Words& words = frame.value().words;
      //@ since monitor
      peer_ = {words[3] >> 32, words[3] & 0xffff'ffff};
      //@ end
      const auto view = view_of(static_cast<urpc::Side>(words[0]));
      begun = view ? begin(view.value(), static_cast<Transport>(words[2])) : view.error();
    }
    if (!begun) close();
    co_return begun;
  }
}

Result<void> Connection::begin(const urpc::View& view, Transport transport) {
  EventLoop& loop = runtime().loop;
  if (transport == Transport::lrpc) {
    auto endpoint =
        ask_for<Type::endpoint>(kMonitor, request(ChannelRequest::peers_endpoint, number_));
    // A peer that has ended may have sent nothing; its status line says that it is gone.
    if (!endpoint && endpoint.error() != Error::peer_gone) return endpoint.error();
    if (endpoint) peers_endpoint_ = std::move(endpoint.value().capability);
    lrpc_link_.open(loop, number_, peers_endpoint_.address(), *view.peer_status);
    return {};
  }
  auto doorbell =
      TRY(ask_for<Type::irq>(kMonitor, request(ChannelRequest::peers_doorbell, number_)));
  peers_doorbell_ = std::move(doorbell.capability);
  channel_.open(loop, view, {peers_doorbell_.address(), 0});
  return {};
}

Result<urpc::View> Connection::view_of(urpc::Side side) { return urpc::view_of(TRY(map()), side); }

Result<std::span<urpc::Line>> Connection::map() {
  const auto place = static_cast<std::size_t>(std::countr_one(places_taken));
  if (place == 64) return Error::out_of_memory;
  const VirtualAddress begin = kChannels + place * kFrameBytes;
  TRY(runtime().space.map(begin, frame_, kFrameBytes, kWrite));
  place_ = place;
  is_mapped_ = true;
  places_taken |= std::uint64_t{1} << place;
  return std::span(reinterpret_cast<urpc::Line*>(begin.value()), urpc::frame_lines(kSlots));
}

void Connection::close() {
  if (number_ == 0) return;
  channel_.close();
  lrpc_link_.close();
  if (std::exchange(is_mapped_, false)) {
    static_cast<void>(runtime().space.unmap(kChannels + place_ * kFrameBytes));
    places_taken &= ~(std::uint64_t{1} << place_);
  }
  frame_ = Cap<Type::frame>();
  peers_doorbell_ = Cap<Type::irq>();
  peers_endpoint_ = Cap<Type::endpoint>();
  static_cast<void>(ask_monitor(ChannelRequest::close, number_));
  number_ = 0;
}

}  // namespace sprat
