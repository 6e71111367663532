// lent_ram.cc — requests to the monitor (ram_requests.hh).

#include "lib/lent_ram.hh"

#include "lib/ram_requests.hh"
#include "lib/runtime.hh"

namespace sprat {
namespace {

// The monitor has taken the capability out of its slot.
void forget(Cap<Type::ram>& piece) { give_back_slot(piece.release()); }

}  // namespace

Task<Cap<Type::ram>> take_ram() {
  if (const auto ready = be_reachable(); !ready) co_return ready.error();
  ExpectedSlot expected;
  RamSent sent;
  const auto ticket = expected.expect([&](CapAddress slot) -> Result<std::uint32_t> {
    const auto words = TRY(ask_monitor(RamRequest::take, slot.raw()));
    sent = RamSent(words[1], words[2]);
    return static_cast<std::uint32_t>(words[0]);
  });
  if (!ticket) co_return ticket.error();
  const auto slot = co_await expected.receive(sent.value());
  if (slot) co_return Cap<Type::ram>(slot.value());
  co_return slot.error() == Error::no_capability ? Error::out_of_memory : slot.error();
}

Result<void> give_back_ram(Cap<Type::ram>& piece) {
  TRY(ask_monitor(RamRequest::give_back, piece.address().raw()));
  forget(piece);
  return {};
}

Result<RamSent> send_ram(const Connection& connection, Cap<Type::ram>& piece, RamTicket ticket) {
  const auto sent = TRY(
      ask_monitor(RamRequest::send, connection.number(), ticket.value(), piece.address().raw()));
  forget(piece);
  return RamSent(sent[0], sent[1]);
}

Task<Cap<Type::ram>> take_back_ram(std::uint64_t base) {
  const auto slot = take_slot();
  if (!slot) co_return slot.error();
  Cap<Type::ram> piece(slot.value());
  for (;;) {
    const auto taken = ask_monitor(RamRequest::take_back, base, slot.value().raw());
    if (taken) co_return std::move(piece);
    if (taken.error() != Error::again) co_return taken.error();
    co_await runtime().loop.sources().signalled();
  }
}

}  // namespace sprat
