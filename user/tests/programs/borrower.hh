// borrower.hh — a client of the lender, and what both sides know of their pieces and of their monitors.

#pragma once

#include <utility>

#include "lib/ram_requests.hh"
#include "tests/programs/lender.hh"
#include "tests/programs/trial.hh"

namespace sprat {

inline constexpr VirtualAddress kPage = kOwnMappings + 700 * kLargePageSize;

inline volatile std::uint64_t& word_at(VirtualAddress page) {
  return *reinterpret_cast<volatile std::uint64_t*>(page.value());
}

// A piece, and a page that is made of it and mapped.
struct Holding {
  Cap<Type::ram> piece;
  Cap<Type::frame> page;

  Result<void> use() {
    page = TRY(retype<Type::frame>(piece, 12));
    return runtime().space.map(kPage, page, kPageSize, kWrite);
  }
  // The piece is unused, if it is there still: its owner may have taken it back.
  void clear() {
    page = {};
    if (piece && !identify(piece.address())) piece = {};
  }
  bool has() const { return page && identify(page.address()); }
};

inline Result<std::uint64_t> base_of(const Cap<Type::ram>& piece) {
  return TRY(identify(piece.address())).base;
}

// Of the monitor of this core.
inline Result<lender::Counts> counts() {
  const Words w = TRY(ask_monitor(RamRequest::pieces));
  return lender::Counts{w[0], w[1], w[2], w[3]};
}

// Lines that this monitor has posted for RAM since they were last asked for.
inline std::uint64_t own_lines() {
  static std::uint64_t last = 0;
  const auto now = counts();
  return now ? now.value().lines - std::exchange(last, now.value().lines) : ~std::uint64_t{0};
}

class Client : public ServiceClient<lender::interface> {
 public:
  Task<> fetch(Cap<Type::ram>& piece) {
    ExpectedRam expected;
    const auto ticket = expected.expect(connection());
    if (!ticket) co_return ticket.error();
    const auto lent = co_await call<lender::lend>({ticket.value()});
    if (!lent) co_return lent.error();
    const auto received = co_await expected.receive(lent.value().piece);
    if (!received) co_return received;
    piece = expected.take();
    co_return {};
  }

  Task<> give(Cap<Type::ram>& piece) {
    const auto awaited = co_await call<lender::await>({});
    if (!awaited) co_return awaited.error();
    const auto sent = send_ram(connection(), piece, awaited.value().ticket);
    if (!sent) co_return sent.error();
    const auto taken = co_await call<lender::take>({sent.value()});
    co_return taken ? Result<void>() : taken.error();
  }

  // Lines of the server's monitor since they were last asked for.
  Task<std::uint64_t> lines() {
    const auto now = co_await call<lender::count>({});
    if (!now) co_return now.error();
    co_return now.value().lines - std::exchange(lines_, now.value().lines);
  }

 private:
  std::uint64_t lines_ = 0;
};

}  // namespace sprat
