// receptions.hh — processes of this core that wait for capabilities: a ticket (agreement/tickets.hh) and an empty slot for each. It
// counts in the account of the process that receives it: for a slot of the monitor's.

#pragma once

#include "agreement/tickets.hh"
#include "lib/frame_requests.hh"
#include "monitor/broker.hh"
#include "monitor/processes.hh"

namespace sprat::monitor {

class Receptions {
 public:
  static constexpr std::size_t kMostOfProcess = 8;
  static constexpr Quota kCost{.processes = 0, .memory = 0, .channels = 0, .slots = 1};

  // A process that waits, or has asked for the end of the wait.
  struct Reception {
    agreement::TicketNumber ticket = 0;  // 0: free
    std::uint64_t process = 0;
    CapAddress slot;
    Type type{};
    bool is_for_owner = false;  // RAM that the process takes from the system
    Charge charge;
    agreement::CoreNumber asker = 0, source = 0;
    bool is_over = false;
    Result<void> result = Error::again;
    Task<> waiting;
  };

  // All must outlive it.
  Receptions(Processes& processes, Broker& broker, agreement::Member& member,
             agreement::Platform& platform)
      : processes_(processes), broker_(broker), member_(member), tickets_(member, platform) {}

  agreement::Tickets& tickets() { return tickets_; }

  // Makes a ticket for a capability of this type, which core `asker` will have sent by way of the channel with number `channel` here.
  //   busy             kMostOfProcess tickets are in use, or all
  //   quota_exceeded   `cost` is more than `process` may have
  //   peer_gone        core `asker` is not in the system
  Result<Reception*> expect(Process& process, CapAddress slot, Type type,
                            agreement::CoreNumber asker, std::uint32_t channel = 0,
                            const Quota& cost = kCost);

  // Carry out requests (lib/frame_requests.hh).
  Result<Words> expect(Process& caller, const Call& call);
  Result<Words> receive(const Process& caller, const Call& call);
  Result<Words> abandon(const Process& caller, std::uint64_t ticket);

  //@ since memory
  // Whether a process waits for `ticket`.
  bool has(agreement::TicketNumber ticket) const;

  //@ end
  // The reception of this ticket and type, or null.
  Reception* find(agreement::TicketNumber ticket, Type type);

  Process* process_of(const Reception& reception) { return processes_.find(reception.process); }

  // Puts a copy of `frame` with the rights `keep` into the slot that waits for `ticket`.
  //   no_capability   no slot waits, or there is no such slot      slot_in_use
  Result<void> put(agreement::TicketNumber ticket, CapRef<Type::frame> frame, Rights keep);

  // A copy of the frame in the slot `here` of the monitor's goes into `slot` of a process, or the RAM there; or the other way, into `here`,
  // which is empty.
  //   no_capability, slot_in_use, wrong_type, no_rights; in_use: something is made of the RAM
  static Result<void> put(const Process& process, CapAddress slot, CapAddress here, Rights keep);
  static Result<void> fetch(const Process& process, CapAddress slot, CapAddress here);

  // Whether one waits for core `core`.
  bool needs(agreement::CoreNumber core) const;

  // The process goes, with its slots. Its charges count in its parent's account from now on.
  void end(const Process& process);

  std::size_t count() const;

 private:
  Reception* find(const Process& process, std::uint64_t ticket);
  void free(Reception& reception);
  Task<> wait(Reception& reception, agreement::ViewNumber view);

  Processes& processes_;
  Broker& broker_;
  agreement::Member& member_;
  agreement::Tickets tickets_;
  std::array<Reception, agreement::Tickets::kMostTickets> list_{};
};

}  // namespace sprat::monitor
