// messages.hh — the messages by which memory servers ask each other for RAM, one line each. They take the links of the monitors, so
// that they keep their order with the pieces (agreement/messages.hh).

#pragma once

#include "agreement/messages.hh"

namespace sprat::memory {

using agreement::CoreNumber;
using agreement::PieceNumber;
using agreement::TicketNumber;
using agreement::ViewNumber;

// "Give me pieces, for these tickets, some of which may be 0; I have `free` whole pieces."
struct Steal {
  ViewNumber view = 0;
  std::uint32_t free;
  TicketNumber ticket_0, ticket_1, ticket_2, ticket_3;

  static constexpr std::size_t kMostPieces = 4;
  std::array<TicketNumber, kMostPieces> tickets() const {
    return {ticket_0, ticket_1, ticket_2, ticket_3};
  }
};

// "I give you nothing for the request with `ticket`; I have `free` whole pieces."
struct None {
  ViewNumber view = 0;
  TicketNumber ticket;
  std::uint32_t free;
};

// clang-format off
inline constexpr Notice steal{"steal", 80, field("view", &Steal::view), field("free", &Steal::free),
                              field("ticket_0", &Steal::ticket_0), field("ticket_1", &Steal::ticket_1),
                              field("ticket_2", &Steal::ticket_2), field("ticket_3", &Steal::ticket_3)};
inline constexpr Notice none{"none", 81, field("view", &None::view), field("ticket", &None::ticket), field("free", &None::free)};
// clang-format on

}  // namespace sprat::memory
