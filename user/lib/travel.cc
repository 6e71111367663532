// travel.cc — requests to the monitor (frame_requests.hh).

#include "lib/travel.hh"

#include "lib/frame_requests.hh"
#include "lib/ram_requests.hh"
#include "lib/runtime.hh"

namespace sprat {

Result<std::uint32_t> ask_for_ticket(const Connection& connection, Type type, CapAddress slot) {
  const auto words = TRY(ask_monitor(FrameRequest::expect, connection.number(), slot.raw(),
                                     static_cast<std::uint64_t>(type)));
  return static_cast<std::uint32_t>(words[0]);
}

Result<CapAddress> ExpectedSlot::try_receive(std::uint64_t sent) {
  if (ticket_ == 0) return Error::no_capability;
  const auto received = ask_monitor(FrameRequest::receive, ticket_, sent >> 32, sent & 0xffff'ffff);
  if (received) {
    ticket_ = 0;
    return std::exchange(slot_, CapAddress());
  }
  if (received.error() != Error::again) abandon();
  return received.error();
}

Task<CapAddress> ExpectedSlot::receive(std::uint64_t sent) {
  for (;;) {
    const auto received = try_receive(sent);
    if (received || received.error() != Error::again) co_return received;
    co_await runtime().loop.sources().signalled();
  }
}

// The capability may have come, and be in the slot.
void ExpectedSlot::abandon() {
  if (ticket_ == 0) return;
  static_cast<void>(ask_monitor(FrameRequest::abandon, std::exchange(ticket_, 0)));
  const auto came = identify(slot_);
  if (came && came.value().description.type == Type::ram) {
    static_cast<void>(ask_monitor(RamRequest::give_back, slot_.raw()));
  } else if (came) {
    static_cast<void>(remove(slot_));
  }
  give_back_slot(std::exchange(slot_, CapAddress()));
}

}  // namespace sprat
