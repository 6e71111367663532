// courier_client.hh — a client of the courier, and what both sides know of their pages and of their monitors.

#pragma once

#include <utility>

#include "lib/frame_requests.hh"
#include "tests/programs/courier.hh"
#include "tests/programs/trial.hh"

namespace sprat {

inline constexpr VirtualAddress kOwnPage = kOwnMappings + 700 * kLargePageSize;
inline constexpr VirtualAddress kTheirPage = kOwnPage + kPageSize;
inline constexpr std::uint64_t kMagic = 0x5b2a7c0ffee;

inline volatile std::uint64_t* words_at(VirtualAddress page) {
  return reinterpret_cast<volatile std::uint64_t*>(page.value());
}

inline Result<void> map(VirtualAddress page, CapRef<Type::frame> frame, Rights rights = kWrite) {
  return runtime().space.map(page, frame, kPageSize, rights);
}

// Of the monitor of this core.
inline Result<courier::Counts> counts() {
  const auto answer = TRY(ask(kMonitor, {static_cast<std::uint64_t>(FrameRequest::frames)}));
  const Words& w = answer.words;
  return courier::Counts{w[0], w[1], w[2], w[3]};
}

class Client : public ServiceClient<courier::interface> {
 public:
  // A copy of the server's page.
  Task<> fetch(Cap<Type::frame>& frame, Rights rights = kAllRights) {
    ExpectedFrame expected;
    const auto ticket = expected.expect(connection());
    if (!ticket) co_return ticket.error();
    const auto lent = co_await call<courier::lend>({ticket.value(), rights.bits()});
    if (!lent) co_return lent.error();
    const auto received = co_await expected.receive(lent.value().frame);
    if (!received) co_return received;
    frame = expected.take();
    co_return {};
  }

  // Gives `frame` to the server, which maps it.
  Task<> give(CapRef<Type::frame> frame) {
    const auto awaited = co_await call<courier::await>({});
    if (!awaited) co_return awaited.error();
    const auto sent = send_frame(connection(), frame, awaited.value().ticket);
    if (!sent) co_return sent.error();
    const auto taken = co_await call<courier::take>({sent.value()});
    co_return taken ? Result<void>() : taken.error();
  }

  // The server's counts; `lines`, since they were last asked for.
  Task<courier::Counts> counts() {
    auto now = co_await call<courier::count>({});
    if (now) now.value().lines -= std::exchange(lines_, now.value().lines);
    co_return now;
  }

 private:
  std::uint64_t lines_ = 0;
};

// Lines that this monitor has posted for frames since they were last asked for.
inline std::uint64_t own_lines() {
  static std::uint64_t last = 0;
  const auto now = counts();
  return now ? now.value().lines - std::exchange(last, now.value().lines) : ~std::uint64_t{0};
}

}  // namespace sprat
