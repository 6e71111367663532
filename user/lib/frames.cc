// frames.cc — requests to the monitor (frame_requests.hh).

#include "lib/frames.hh"

#include "lib/frame_requests.hh"
#include "lib/runtime.hh"

namespace sprat {
namespace {

Result<Words> ask_monitor(FrameRequest request, std::uint64_t a1 = 0, std::uint64_t a2 = 0,
                          std::uint64_t a3 = 0, std::uint64_t a4 = 0) {
  const auto answer = TRY(ask(kMonitor, {static_cast<std::uint64_t>(request), a1, a2, a3, a4}));
  return answer.words;
}

// A copy of the frame in `source` into `target`: the monitor makes it.
Result<void> copy_by_monitor(CapAddress source, CapAddress target, Rights keep) {
  const auto copied = ask_monitor(FrameRequest::copy, source.raw(), target.raw(), keep.bits());
  return copied ? Result<void>() : copied.error();
}

// Deletes all copies on other cores of the object, and of frames made of it. The copies on this core stay.
Result<void> revoke_elsewhere(CapAddress address) {
  const Identity identity = TRY(identify(address));
  for (;;) {
    const auto revoked = ask_monitor(FrameRequest::revoke, identity.base, identity.bytes);
    if (revoked) return {};
    if (revoked.error() != Error::again) return revoked.error();
    yield(Yield::stay);
  }
}

void end_of_revoke() { static_cast<void>(ask_monitor(FrameRequest::revoked)); }

constexpr MonitorsPart kMonitorsPart{copy_by_monitor, revoke_elsewhere, end_of_revoke};

}  // namespace

void ask_monitor_about_frames() { monitors_part = &kMonitorsPart; }

Result<FrameTicket> ExpectedFrame::expect(const Connection& connection) {
  abandon();
  const CapAddress slot = TRY(take_slot());
  const auto ticket = ask_monitor(FrameRequest::expect, connection.number(), slot.raw());
  if (!ticket) {
    give_back_slot(slot);
    return ticket.error();
  }
  slot_ = slot;
  ticket_ = FrameTicket(static_cast<std::uint32_t>(ticket.value()[0]));
  return ticket_;
}

Task<> ExpectedFrame::receive(FrameSent sent) {
  if (ticket_ == FrameTicket()) co_return Error::no_capability;
  for (;;) {
    const auto received =
        ask_monitor(FrameRequest::receive, ticket_.value(), sent.source(), sent.view());
    if (received) {
      ticket_ = FrameTicket();
      frame_ = Cap<Type::frame>(std::exchange(slot_, CapAddress()));
      co_return {};
    }
    if (received.error() != Error::again) {
      abandon();
      co_return received.error();
    }
    co_await runtime().loop.sources().signalled();
  }
}

// The frame may have come, and be in the slot.
void ExpectedFrame::abandon() {
  if (ticket_ == FrameTicket()) return;
  static_cast<void>(
      ask_monitor(FrameRequest::abandon, std::exchange(ticket_, FrameTicket()).value()));
  const Cap<Type::frame> unwanted(std::exchange(slot_, CapAddress()));
}

Result<FrameSent> send_frame(const Connection& connection, CapRef<Type::frame> frame,
                             FrameTicket ticket, Rights keep) {
  const auto sent = TRY(ask_monitor(FrameRequest::send, connection.number(), ticket.value(),
                                    frame.address().raw(), keep.bits()));
  return FrameSent(sent[0], sent[1]);
}

}  // namespace sprat
