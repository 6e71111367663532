// links.hh — messages between the monitors of all cores: each monitor shares a frame with the monitor of the first core, which
// forwards messages for others.
//
//            monitor of core 0
//          ╱       │        ╲          a link: a channel in a frame of core 0's RAM, made before the other core starts,
//      core 1   core 2   core 3        which gets its address
//
// Posting never blocks, so that monitors cannot wait for each other. A link has more ring slots than there can be messages
// in flight (broker.hh).

#pragma once

#include <bit>

#include "lib/channel.hh"
#include "lib/processes.hh"
#include "sprat/first_process.hh"

namespace sprat::monitor {

// A message between monitors: one line. Numbers of channels are given by the core of that end.
struct CoreMessage {
  enum class Kind : std::uint32_t {
    bind,       // `name` is wanted; all is said but `their`
    bound,      // the answer: `status`, and if it is 0, `my` and the doorbell
    withdrawn,  // `my` has ended before it was bound
    closed,     // it is not used here any more; `status` is not 0 if the peer was not signalled
    count,      // the census of this core is wanted
    counted,    // the answer: a CensusMessage
  };

  std::uint32_t to = 0, from = 0;  // cores
  std::uint32_t their = 0, my = 0;
  std::uint32_t apic_id = 0;  // with `line`, the doorbell of the process here
  std::uint16_t line = 0;
  std::uint16_t status = 0;  // status_of (sprat/system_call.hh)
  std::uint64_t frame = 0;   // physical address
  std::uint64_t bytes = 0;
  ProcessName name{};
};

// A CoreMessage of kind `counted`.
struct CensusMessage {
  std::uint32_t to = 0, from = 0;
  Census census;
  std::array<std::uint64_t, 2> unused{};
};

class Broker;
class CensusOfOthers;

class Links {
 public:
  static constexpr unsigned kFrameBits = 18;
  static constexpr std::size_t kSlots = 1024;

  explicit Links(const FirstProcess& process) : process_(process) {}

  // Sets the receivers of messages for this core, and makes the monitor's doorbell; once, before all else.
  Result<void> prepare(Broker& broker, CensusOfOthers& census_of_others);

  // On core 0: makes the link to core `core`; gives the physical address of its frame.
  //   out_of_memory
  Result<std::uint64_t> add(std::uint32_t core, std::uint32_t apic_id);

  // On other cores: joins the link that core 0 has made.
  Result<void> join();

  // Sends a CoreMessage or a CensusMessage, perhaps to this very core.
  //   not_found   there is no way to that core
  //   again       the link is full, which cannot be
  template <class AnyMessage>
  Result<void> post(CoreMessage::Kind kind, const AnyMessage& message) {
    static_assert(sizeof(message) == sizeof(Words));
    return post_words(kind, message.to, std::bit_cast<Words>(message));
  }

 private:
  using Words = decltype(urpc::Message<>::words);

  struct Link {
    std::uint32_t core = 0;
    Cap<Type::frame> frame;
    Cap<Type::irq> doorbells;
    Channel channel;
    Task<> reading;
  };

  Result<Link*> take_place();
  Result<void> open(Link& link, std::uint32_t apic_id, urpc::Side side);
  Link* way_to(std::uint32_t core);
  Task<> read(Link& link);
  Result<void> post_words(CoreMessage::Kind kind, std::uint32_t to, const Words& words);
  void deliver(CoreMessage::Kind kind, const Words& words);
  void send_back(CoreMessage::Kind kind, const CoreMessage& message, Error error);

  const FirstProcess& process_;
  Broker* broker_ = nullptr;
  CensusOfOthers* census_of_others_ = nullptr;
  std::array<Link*, kMaxCores> links_{};  // on the heap, for good
  std::size_t count_ = 0;
};

}  // namespace sprat::monitor
