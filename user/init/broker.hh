// broker.hh — channels between processes of any two cores, as their inits make them.
//
//   process A, core i        init of i           init of j           process B, core j
//                                                          ◄─ listen ─────┤
//        ├─ connect (j, B) ──►│ a frame, zeros        │
//        │                    ├─ bind ───────────────►│ adopts the frame
//        │                    │                       ├─ doorbell ───────►│
//        │                    │◄─────────────── bound ┤◄───────── accept ─┤
//        │◄───────── doorbell ┤
//        ├─ channel ─────────►│ the frame, the other's doorbell: for both, the same way
//
// A frame belongs to the init of who connected, and is used again when both have closed their ends, or have ended: then their
// init writes on their doorstep that they are gone, takes the frame away from them and tells the other init.

#pragma once

#include "init/links.hh"
#include "init/processes.hh"

namespace sprat::init {

class Broker {
 public:
  // A link to a core may have to hold a letter from each of another core's channels, and two for each of its own: Links::kSlots
  // are enough for 30 cores.
  static constexpr std::size_t kMaxChannels = 32;
  static constexpr std::size_t kMaxPerProcess = 8;
  static constexpr unsigned kFrameBits = 12;

  Broker(const FirstProcess& process, Processes& processes, Links& links)
      : process_(process), processes_(processes), links_(links) {}

  // What is asked by `asker` (lib/processes.hh); a capability that goes along is in `given`.
  struct Answer {
    Words words{};
    CapAddress given;
  };
  Result<Answer> set_bell(Process& asker, Cap<Type::notification> bell);
  Result<Answer> listen(Process& asker);
  Result<Answer> connect(Process& asker, std::uint64_t core, const ProcessName& name);
  Result<Answer> accept(Process& asker);
  Result<Answer> channel(Process& asker, std::uint64_t number);
  Result<Answer> peers_bell(Process& asker, std::uint64_t number);
  Result<Answer> peers_endpoint(Process& asker, std::uint64_t number);
  Result<Answer> close(Process& asker, std::uint64_t number);

  // The process is about to go, with all it has.
  void end(const Process& process);

  // Something changed about who listens: those who came too early may be answered now.
  void look_again();

  // From the init of another core, or from this one.
  void read(Letter::Kind kind, const Letter& letter);

 private:
  enum class State : std::uint8_t {
    free,
    asked,    // bind is on its way
    offered,  // nobody has accepted it yet
    refused,  // with `error`; the process has not been told yet
    open,
  };
  struct Binding {
    State state = State::free;
    bool is_closed = false;       // here
    bool peer_is_closed = false;  // there
    Error error{};
    std::uint64_t process = 0;                     // whose end this is
    urpc::Side side{};                             // first: who connected
    std::uint32_t peer_core = 0, peer_number = 0;  // 0: not known, or there is none
    Cap<Type::frame> own;  // of this core's RAM; stays here for the next channel
    Cap<Type::frame> adopted;
    Cap<Type::irq> peers_bell;
    Cap<Type::endpoint> peers_endpoint;  // if both are of this core
  };

  std::uint32_t number_of(const Binding& binding) const;
  bool is_local(const Binding& binding) const { return binding.peer_core == process_.core_id; }
  CapAddress frame_of(const Binding& binding) const;
  Result<Binding*> find(const Process& asker, std::uint64_t number);
  Binding* find_peer(const Letter& letter);
  Result<Binding*> take_place(const Process& process, urpc::Side side, std::uint32_t peer_core);
  Letter letter_from(const Binding& binding, const Process& process) const;

  Result<void> make_frame(Binding& binding);
  Result<std::uint32_t> offer(const Letter& letter, Process& server);
  void bind(const Letter& letter);
  void bound(const Letter& letter);
  void closed(const Letter& letter);
  void close(Binding& binding);
  void say_good_bye(const Binding& binding);
  void free_if_closed(Binding& binding);

  const FirstProcess& process_;
  Processes& processes_;
  Links& links_;
  std::array<Binding, kMaxChannels> bindings_{};

  // To processes that have begun and do not listen yet.
  std::array<Letter, kMaxChannels> early_{};
  std::size_t early_count_ = 0;
};

}  // namespace sprat::init
