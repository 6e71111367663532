// frames.cc — requests to the monitor (frame_requests.hh).

#include "lib/frames.hh"

#include "lib/frame_requests.hh"
#include "lib/runtime.hh"

namespace sprat {
namespace {

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

Result<FrameSent> send_frame(const Connection& connection, CapRef<Type::frame> frame,
                             FrameTicket ticket, Rights keep) {
  const auto sent = TRY(ask_monitor(FrameRequest::send, connection.number(), ticket.value(),
                                    frame.address().raw(), keep.bits()));
  return FrameSent(sent[0], sent[1]);
}

}  // namespace sprat
