// connection.cc — asking init, and waiting for its bell.

#include "lib/connection.hh"

#include <bit>
#include <cstring>

#include "lib/processes.hh"
#include "lib/runtime.hh"
#include "lib/startup.hh"
#include "lib/upcalls.hh"

namespace sprat {
namespace {

constexpr std::size_t kFrameBytes = kPageSize;
constexpr std::size_t kSlots = 16;

// Frames of channels are mapped side by side.
constexpr VirtualAddress kChannels = kOwnMappings + 512 * kLargePageSize;
constinit std::uint64_t places_taken = 0;  // one bit each

constinit bool has_bell = false;

// Init rings it when something changes about this process's channels, and peers when they have said something.
Result<void> need_bell() {
  if (has_bell) return {};
  auto notification =
      retype<Type::notification>(CapRef<Type::dispatcher>(task_slot(TaskSlot::dispatcher)));
  if (!notification) return notification.error();
  const auto rung = mint(notification.value(), {kAllRights, kRung, 0});
  if (!rung) return rung.error();
  const auto given = ask_init(Request::bell, 0, 0, rung.value().address());
  if (!given) return given.error();
  has_bell = true;
  return {};
}

Words request(Request what, std::uint64_t argument = 0) {
  return {static_cast<std::uint64_t>(what), argument};
}

}  // namespace

Result<void> listen() {
  if (const auto ready = need_bell(); !ready) return ready;
  const auto listens = ask_init(Request::listen);
  return listens ? Result<void>() : listens.error();
}

Task<> Connection::connect(std::uint64_t core, std::string_view name) {
  if (const auto ready = need_bell(); !ready) co_return ready;
  Words words = request(Request::connect, core);
  if (name.size() >= sizeof(ProcessName)) co_return Error::not_found;
  std::memcpy(&words[2], name.data(), name.size());
  const auto number = ask_init(words);
  if (!number) co_return number.error();
  co_return co_await open(number.value().words[0]);
}

Task<> Connection::accept() {
  for (;;) {
    const auto number = ask_init(Request::accept);
    if (number) co_return co_await open(number.value()[0]);
    if (number.error() != Error::again) co_return number.error();
    co_await runtime().loop.rung();
  }
}

// Waits until init has the frame and the doorbell of the peer, and begins.
Task<> Connection::open(std::uint64_t number) {
  close();
  number_ = number;
  for (;;) {
    auto frame = ask_init_for<Type::frame>(request(Request::channel, number));
    if (!frame && frame.error() == Error::again) {
      co_await runtime().loop.rung();
      continue;
    }
    if (!frame) co_return frame.error();
    frame_ = std::move(frame.value().capability);
    auto bell = ask_init_for<Type::irq>(request(Request::peers_bell, number));
    if (!bell) co_return bell.error();
    peers_bell_ = std::move(bell.value().capability);
    co_return map(static_cast<urpc::Side>(frame.value().words[0]));
  }
}

Result<void> Connection::map(urpc::Side side) {
  const auto place = static_cast<std::size_t>(std::countr_one(places_taken));
  if (place == 64) return Error::out_of_memory;
  const VirtualAddress begin = kChannels + place * kFrameBytes;
  if (const auto mapped = runtime().space.map(begin, frame_, kFrameBytes, kWrite); !mapped)
    return mapped;
  place_ = place;
  places_taken |= std::uint64_t{1} << place;
  const std::span lines(reinterpret_cast<urpc::Line*>(begin.value()), urpc::frame_lines(kSlots));
  const auto view = urpc::view_of(lines, side);
  if (!view) return view.error();
  channel.open(runtime().loop, view.value(), {peers_bell_.address(), 0});
  return {};
}

void Connection::close() {
  if (number_ == 0) return;
  if (channel.is_open()) {
    channel.close();
    static_cast<void>(runtime().space.unmap(kChannels + place_ * kFrameBytes));
    places_taken &= ~(std::uint64_t{1} << place_);
  }
  frame_ = Cap<Type::frame>();
  peers_bell_ = Cap<Type::irq>();
  static_cast<void>(ask_init(Request::close, number_));
  number_ = 0;
}

}  // namespace sprat
