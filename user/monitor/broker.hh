// broker.hh — channels between processes of any two cores, as their monitors make them.
//
//   process A, core i        monitor of i          monitor of j          process B, core j
//                                                          ◄─ listen ─────┤
//        ├─ connect (j, B) ──►│ a frame, zeros        │
//        │                    ├─ bind ───────────────►│ adopts the frame
//        │                    │                       ├─ doorbell ───────►│
//        │                    │◄─────────────── bound ┤◄───────── accept ─┤
//        │◄───────── doorbell ┤
//        ├─ channel ─────────►│ the frame, the transport, the other's doorbell or endpoint: for both, the same way
//
// The transport (lib/processes.hh) is known when both ends are, and both ends are told the same one. So an end that cannot begin,
// for want of memory for example, closes, and the other gets peer_gone.
//
// Each end belongs to one process and counts in its account, from `connect` or `bind` on until it is free. A frame
// belongs to the monitor of the process that connected, and is used again when both have closed their ends, or have ended:
// then their monitor marks them as gone in their status lines, takes the frame away from them and tells the other monitor.
//
// A bind is answered by one bound, always. If B exists and does not listen yet, that may take for ever; so, when A ends in
// the meantime:
//
//                             ├─ withdrawn ──────────►│ forgets the bind, unless it is answered already
//                             │◄─────────────── bound ┤
//                             │ the end is free; if the bound was no refusal, when both ends are closed

#pragma once

#include "lib/channel_requests.hh"
#include "monitor/links.hh"
#include "monitor/processes.hh"

namespace sprat::monitor {

class Broker {
 public:
  // Two cores may have two messages to send each other for each end of a channel, which wait for room in a ring
  // (Outbox::kMostLines).
  static constexpr std::size_t kMaxChannels = Links::kPages;
  static constexpr std::size_t kMaxEarly = 64;
  static constexpr unsigned kFrameBits = 12;

  // An end's number, which no other one has had before in the same place: place + 1 + uses * kNumbers.
  static constexpr std::uint32_t kNumbers = 64;

  // The cost of the two ends of a channel: capabilities to the frame, to the peer's doorbell and to its endpoint.
  static constexpr Quota kCostOfEnd{.processes = 0, .memory = 0, .channels = 1, .slots = 3};
  static constexpr Quota kCostOfFirstEnd =
      kCostOfEnd + Quota{.memory = std::uint64_t{1} << kFrameBits};

  Broker(const FirstProcess& process, Processes& processes, Links& links)
      : process_(process), processes_(processes), links_(links) {}

  // Carry out requests of `asker` (lib/channel_requests.hh).
  Result<Answer> set_doorbell(const Process& asker, const Cap<Type::notification>& given);
  Result<Answer> set_endpoint(const Process& asker, Cap<Type::endpoint> endpoint);
  Result<Answer> listen(const Process& asker);
  // `wanted`: the name of the process.
  Result<Answer> connect(Process& asker, std::uint64_t core, const BindMessage& wanted);
  Result<Answer> accept(const Process& asker);
  Result<Answer> channel(const Process& asker, std::uint64_t number);
  Result<Answer> peers_doorbell(const Process& asker, std::uint64_t number);
  Result<Answer> peers_endpoint(const Process& asker, std::uint64_t number);
  Result<Answer> close(const Process& asker, std::uint64_t number);

  // Signals the doorbell of the process of that number, if it has one.
  void signal(std::uint64_t process);

  // The process is about to go, with all it has. Ends whose peers have not closed theirs yet count in its parent's account
  // from now on.
  void end(const Process& process);

  //@ since monitor
  // The other end of channel `number` of `asker`, and this one's own number below kNumbers.
  //   not_found   it has no such channel, or that has no other end yet      peer_gone   the other end is closed
  struct Ends {
    std::uint32_t peer_core, peer_end, own_end;
  };
  Result<Ends> ends_of(const Process& asker, std::uint64_t number);

  // Whether a channel leads there.
  bool needs(std::uint32_t core) const;

  // Core `core` is dead: its ends of channels are closed.
  void core_ended(std::uint32_t core);

  //@ end
  // From the monitor of core `from`, perhaps this one.
  void read(std::uint32_t from, LineKind kind, const BindMessage& message);

  // Adds the number of entries in these tables. Frames that are kept for the next channel count as free.
  void count(Census& census) const;

 private:
  enum class State : std::uint8_t {
    free,
    asked,    // bind is on its way
    offered,  // the listener has not accepted it yet
    refused,  // with `error`; the process has not been told yet
    open,
  };
  struct Binding {
    State state = State::free;
    bool is_closed = false;       // here
    bool peer_is_closed = false;  // there
    Error error{};
    std::uint64_t process = 0;                     // the owner of this end
    Charge charge;                                 // in its account
    urpc::Side side{};                             // first: the connecting process
    std::uint32_t peer_core = 0, peer_number = 0;  // 0: not known, or there is none
    //@ since monitor
    std::uint32_t peer_process = 0;
    //@ end
    Cap<Type::frame> adopted;
    CapAddress page;  // in its place on core 0, whose RAM all pages are
    Cap<Type::irq> peers_doorbell;
    Cap<Type::endpoint> peers_endpoint;  // for Transport::lrpc
    Transport transport{};
  };

  // The way to a process: its doorbell and its endpoint; by its place.
  struct Client {
    std::uint64_t process = 0;           // its number
    Cap<Type::notification> doorbell{};  // is signalled by its line
    Cap<Type::notification> ours{};      // and this one when something changes about its channels
    Cap<Type::endpoint> endpoint{};      // by which others of this core send it lines
    bool listens = false;                // others may connect to it
    bool will_not_listen = false;        // it connects to others, or is about to end

    // Returns whether other processes can send it lines, of whichever transport.
    bool can_be_reached() const { return doorbell && endpoint; }
    void signal() const { static_cast<void>(invoke(ours.address(), Method::signal)); }
  };
  Client& client_of(const Process& process);

  // Returns the first process that a bind can be for and that listens, or null.
  Process* find_listener(const BindMessage& bind);
  // Returns whether a process that it can be for has just begun, and may still listen.
  bool may_listen(const BindMessage& bind);
  // Answers connections that came too early, if a process listens for them now, or none will.
  void answer_early();

  static_assert(kMaxChannels < kNumbers);
  std::uint32_t number_of(const Binding& binding) const;
  Binding* at(std::uint64_t number);

  std::size_t place_of(const Binding& binding) const {
    return static_cast<std::size_t>(&binding - bindings_.data());
  }
  bool is_local(const Binding& binding) const { return binding.peer_core == process_.core_id; }
  CapAddress frame_of(const Binding& binding);
  static CapAddress peers_page(const Binding& binding) {
    return binding.adopted ? binding.adopted.address() : binding.page;
  }
  Result<Binding*> find(const Process& asker, std::uint64_t number);
  Binding* find_peer(std::uint32_t from, const BindMessage& message);
  Result<Binding*> take_place(Process& process, const Quota& cost);
  void free(Binding& binding);
  BindMessage message_from(const Binding& binding, const Process& process) const;
  BindMessage message_to_peer(const Binding& binding) const;
  void post(const Binding& binding, LineKind kind, const BindMessage& message);

  Result<std::uint64_t> make_frame(const Binding& binding);
  Result<std::uint32_t> offer(std::uint32_t from, const BindMessage& message, Process& server);
  Transport transport_of(const Binding& binding);
  Result<void> fill_offer(Binding& binding, const BindMessage& message);
  void bind(std::uint32_t from, const BindMessage& message);
  void refuse(std::uint32_t to, const BindMessage& message, Error error);
  void bound(std::uint32_t from, const BindMessage& message);
  void withdrawn(std::uint32_t from, const BindMessage& message);
  void closed(std::uint32_t from, const BindMessage& message);
  void close(Binding& binding);
  void finish(Binding& binding);
  // Its process is told the error when it asks next.
  static void refuse_end(Binding& binding, Error error);
  void mark_as_left(const Binding& binding, urpc::Side side);
  void leave_channel(const Binding& binding);
  //@ since monitor
  void peer_ended(Binding& binding);
  //@ end
  void free_if_closed(Binding& binding);

  const FirstProcess& process_;
  Processes& processes_;
  Links& links_;

  std::array<Client, kMaxProcesses> clients_{};

  // By place: an end; how often the place was used; and a page for its channel, which stays for the next one.
  std::array<Binding, kMaxChannels> bindings_{};
  std::array<std::uint32_t, kMaxChannels> uses_{};
  std::array<Cap<Type::frame>, kMaxChannels> frames_{};

  // To processes that have begun and do not listen yet.
  struct Early {
    std::uint32_t from;
    BindMessage message;
  };
  std::array<Early, kMaxEarly> early_{};
  std::size_t early_count_ = 0;
};

}  // namespace sprat::monitor
