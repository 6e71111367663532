// travel.hh — capabilities that travel along with messages, to a process of any core: the receiver's end. Frames are copied (frames.hh),
// RAM is lent (lent_ram.hh).

#pragma once

#include "lib/caps.hh"
#include "lib/connection.hh"

namespace sprat {

// That one capability of this type can be sent to the process that has made it; by the peer of one of its connections.
template <Type kObject>
class CapTicket {
 public:
  constexpr CapTicket() = default;
  constexpr explicit CapTicket(std::uint32_t number) : number_(number) {}
  constexpr std::uint32_t value() const { return number_; }
  bool operator==(const CapTicket&) const = default;

 private:
  std::uint32_t number_ = 0;  // 0: none
};

// That it is on its way: from which core, in the upper half, and in which view.
template <Type kObject>
class CapSent {
 public:
  constexpr CapSent() = default;
  constexpr explicit CapSent(std::uint64_t raw) : raw_(raw) {}
  constexpr CapSent(std::uint64_t source, std::uint64_t view) : raw_(source << 32 | view) {}
  constexpr std::uint64_t value() const { return raw_; }
  bool operator==(const CapSent&) const = default;

 private:
  std::uint64_t raw_ = 0;
};

// A slot of this process for a capability that is to come.
class ExpectedSlot {
 public:
  ExpectedSlot() = default;
  ExpectedSlot(const ExpectedSlot&) = delete;
  ExpectedSlot& operator=(const ExpectedSlot&) = delete;
  // The capability is not wanted any more: if it comes, it goes back.
  ~ExpectedSlot() { abandon(); }

  // Takes an empty slot, and lets `ask(slot)` ask the monitor for a ticket, which it returns.  Errors: those of `ask`; out_of_memory
  template <class Ask>
  Result<std::uint32_t> expect(Ask ask) {
    abandon();
    const CapAddress slot = TRY(take_slot());
    const Result<std::uint32_t> ticket = ask(slot);
    if (!ticket) {
      give_back_slot(slot);
      return ticket;
    }
    slot_ = slot;
    return ticket_ = ticket.value();
  }

  // Waits for the capability; gives the slot that it is in, which is the caller's then.  Errors: those of ExpectedCap
  Task<CapAddress> receive(std::uint64_t sent);

  // The same without a wait.  again: it has not come; the monitor will signal
  Result<CapAddress> try_receive(std::uint64_t sent);

 private:
  void abandon();

  std::uint32_t ticket_ = 0;
  CapAddress slot_;
};

// Returns a ticket of the monitor's for a capability of this type, which the peer of `connection` is to send into `slot`.
Result<std::uint32_t> ask_for_ticket(const Connection& connection, Type type, CapAddress slot);

// A slot for a capability that the peer is to send.
template <Type kObject>
class ExpectedCap {
 public:
  // Makes a ticket for the peer of `connection`, which is connected. One that was expected before is abandoned.
  //   busy             this process or this core expects as many as it may: again later
  //   quota_exceeded, out_of_memory, peer_gone
  Result<CapTicket<kObject>> expect(const Connection& connection) {
    const auto ticket = expected_.expect(
        [&](CapAddress slot) { return ask_for_ticket(connection, kObject, slot); });
    if (!ticket) return ticket.error();
    return CapTicket<kObject>(ticket.value());
  }

  // Waits for the capability that the peer says it has sent; take() returns it then.
  //   no_capability   its object is being revoked, or its core has no room
  //   peer_gone       the core that was to send it is dead
  //   out_of_memory   on this core
  Task<> receive(CapSent<kObject> sent) {
    const auto slot = co_await expected_.receive(sent.value());
    if (!slot) co_return slot.error();
    received_ = Cap<kObject>(slot.value());
    co_return {};
  }

  // The same without a wait.  again: it has not come; the monitor will signal
  Result<void> try_receive(CapSent<kObject> sent) {
    received_ = Cap<kObject>(TRY(expected_.try_receive(sent.value())));
    return {};
  }
  Cap<kObject> take() { return std::move(received_); }

 private:
  ExpectedSlot expected_;
  Cap<kObject> received_;
};

}  // namespace sprat
