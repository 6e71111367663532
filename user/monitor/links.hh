// links.hh — messages between the monitors of all cores. Each two monitors share a link: a channel in a frame of core 0's RAM. A link
// with core 0 is there before the other core starts, which gets its address. All others are made on first need:
//
//   monitor 1                      monitor 0                      monitor 2
//      ├── link_wanted: core 2 ──▶│ a frame, zeros
//      │◀─────── linked: core 2 ──┼── linked: core 1 ──────────▶│
//      ├── messages that waited for the link ───────────────────▶│
//
// Posting never blocks, so that monitors cannot wait for each other (outbox.hh).
//
// The pages of channels between processes (broker.hh) are core 0's RAM as well, so many for each core, because core 0 outlives
// all others. A core finds their address behind the lines of its link with core 0.

#pragma once

#include <cstring>

#include "lib/processes.hh"
#include "monitor/outbox.hh"
#include "sprat/first_process.hh"

namespace sprat::monitor {

// The header of a line between monitors says its kind.
enum class LineKind : std::uint32_t {
  link_wanted,  // LinkMessage, to core 0
  linked,       // LinkMessage: the answer, and the same to the other core
  bind,         // BindMessage: a process is wanted; all is said but `their`
  bound,        // BindMessage: the answer: `status`, and if it is 0, `my` and the doorbell
  withdrawn,    // BindMessage: `my` has ended before it was bound
  closed,  // BindMessage: it is not used here any more; `status` is not 0 if the peer was not signalled
  count,    // nothing: the census of this core is wanted
  counted,  // the answer: a Census
  //@ since monitor
  page_kept,  // PageMessage, to core 0: the peer's core is dead, and the channel is not closed here yet
  page_left,  // PageMessage, to core 0: now it is
  // remote_files.hh, remote_processes.hh
  file_wanted,
  file,
  text,
  run,
  ran,
  ended,
  kill,
  question,
  answer,
  // console.hh
  text_of_line,
  printed,
  //@ end
};

struct LinkMessage {
  std::uint32_t core = 0;     // at the other end
  std::uint32_t apic_id = 0;  // its
  std::uint64_t frame = 0;    // physical address
  std::uint64_t status = 0;   // not 0: there is no such core, or no memory (status_of)
};

// Numbers of channels are given by the core of that end.
struct BindMessage {
  std::uint32_t their = 0, my = 0;
  std::uint32_t apic_id = 0;  // with `line`, the doorbell of the process here
  std::uint16_t line = 0;
  std::uint16_t status = 0;  // status_of (sprat/system_call.hh)
  std::uint64_t frame = 0;   // physical address
  std::uint64_t bytes = 0;
  ProcessName name{};
  //@ since monitor
  std::uint32_t process = 0;  // in a bind; not 0: this process is wanted, of whatever name
  std::uint32_t from = 0;     // the process on this side
  //@ end
};

// A line with a message, and the message of a line.
template <class Message>
urpc::Message<> line_of(LineKind kind, const Message& message) {
  static_assert(sizeof(message) <= sizeof(urpc::Message<>::words));
  urpc::Message<> line{static_cast<std::uint32_t>(kind), {}};
  std::memcpy(line.words.data(), &message, sizeof(message));
  return line;
}
template <class Message>
Message message_of(const urpc::Message<>& line) {
  Message message;
  std::memcpy(&message, line.words.data(), sizeof(message));
  return message;
}

class Broker;
class CensusOfOthers;
//@ since monitor

struct PageMessage {
  std::uint64_t page;  // physical address
};

// The agreement on which cores are in the system (views.hh), as links need it.
class LinkObserver {
 public:
  // Whether there may be links with `core`; asked on core 0.
  virtual bool is_linked(std::uint32_t core) const = 0;

  // The link with `core` is open: another sink may take its lines and hand them to Links::take.  out_of_memory
  virtual Result<void> opened(std::uint32_t core, Channel& channel) = 0;
  // It is about to go.
  virtual void closing(std::uint32_t core) = 0;
  // There is no such core, or no memory for the link: no line reaches it.
  virtual void given_up(std::uint32_t core) = 0;

  // A message goes to `core`, by an open link.
  virtual void sent(std::uint32_t core) = 0;

  // A line has come that is neither about links nor about channels.
  virtual void take_other(std::uint32_t from, const urpc::Message<>& line) = 0;

 protected:
  ~LinkObserver() = default;
};
//@ end

class Links {
 public:
  static constexpr unsigned kFrameBits = 13;
  static constexpr std::size_t kSlots = 32;
  static constexpr std::size_t kPages = 32;  // of a core, for channels

  explicit Links(const FirstProcess& process) : process_(process) {}

  // Sets the receivers of messages, and makes the monitor's doorbell; once, before all else.
  Result<void> prepare(Broker& broker, CensusOfOthers& census_of_others);

  // On core 0: makes the link with core `core`, which is not started yet; gives the physical address of its frame.
  //   out_of_memory
  Result<std::uint64_t> add(std::uint32_t core, std::uint32_t apic_id);

  // On other cores: opens the link that core 0 has made.
  Result<void> join();

  // One of this core's pages for channels; `place` is below kPages. Returns whether it can be used; and the page.
  bool has_page(std::size_t place) const;
  Result<Cap<Type::frame>> page(std::size_t place) const;

  // On core 0: the original capability to the page of another core at this physical address, which is core 0's RAM; null: there is none.
  CapAddress page_of_others(std::uint64_t address) const;

  // Takes out of `census` all that links between others take: they are made at any time, and stay.
  void discount(Census& census) const;

  // Sends `message` to `core`, perhaps this very core. A bind to a core that does not exist is answered by a bound.
  //   not_found       there is no such core
  //   out_of_memory   the monitor's memory is used up, or that core does not receive
  template <class Message>
  Result<void> post(std::uint32_t core, LineKind kind, const Message& message) {
    return post_line(core, line_of(kind, message));
  }

  using Line = urpc::Message<>;

  // Handles a line from `from`.
  void take(std::uint32_t from, const Line& line);

  //@ since monitor
  // Before the first link is made.
  void set_observer(LinkObserver& observer) { observer_ = &observer; }

  // The same as `post`, for a line of which the observer need not be told.
  Result<void> send(std::uint32_t core, const Line& line);

  // Whether a line to `core` that a process has asked for can be posted now.
  bool has_room(std::uint32_t core) const {
    return ends_[core] == nullptr || ends_[core]->outbox.has_room();
  }

  // The lines that were posted to other cores by all but views, names and memory that travels (views.hh).
  std::uint64_t lines_posted() const { return lines_posted_; }

  // `core` is signalled for all lines sent so far, if it sleeps (Channel::settle).
  void settle(std::uint32_t core);

  // A page of a dead core is still mapped by a process of this core, or is not any more: no later incarnation may use it meanwhile.
  void keep_page(CapRef<Type::frame> page) { post_page(LineKind::page_kept, page); }
  void leave_page(CapRef<Type::frame> page) { post_page(LineKind::page_left, page); }

  // `core` is dead: ends the link with it. Lines that were not received are lost.
  void close(std::uint32_t core);

  // On core 0. Another core may have links now: makes the links that were asked for too early.
  void make_wanted();
  // On core 0. All cores have closed their links with `core`: their frames can be used for its next incarnation.
  void release(std::uint32_t core);

  //@ end
 private:
  // One end of a link. While it is wanted and not made yet, lines wait in its outbox.
  struct End final : Sink<urpc::kPayloadWords> {
    End(Links& its_links, std::uint32_t its_core) : links(its_links), core(its_core) {}
    void take(const Line& line) override { links.take(core, line); }
    void end(Error error) override;

    Links& links;
    const std::uint32_t core;  // at the other end
    std::uint32_t apic_id = 0;
    Cap<Type::frame> adopted;
    Cap<Type::irq> doorbells;
    Channel channel;
    Outbox outbox{channel};
  };

  // On core 0: a frame made for two cores.
  struct Made {
    std::uint32_t first, second;  // equal: the pages of that core
    Cap<Type::frame> frame;
    Cap<Type::ram> ram_of_pages;
    std::array<Cap<Type::frame>, kPages> pages;
    std::uint64_t address;  // physical
    Made* next;
    //@ since monitor
    bool is_used = true;
    std::array<std::uint8_t, kPages> kept_by{};  // of pages: another core that keeps it, or 0
    //@ end
  };

  Result<End*> add_end(std::uint32_t core);
  Result<void> open(End& end, std::uint32_t apic_id, CapRef<Type::frame> frame);
  // Behind the lines of a link with core 0.
  struct Pages {
    std::uint64_t address;   // physical
    std::uint64_t not_ours;  // a bit for each page that cannot be used
  };
  VirtualAddress place_of_lines(const End& end) const;
  std::span<urpc::Line> lines_of(const End& end) const;
  Pages& pages_behind(const End& end) const;
  Result<End*> want_end(std::uint32_t core);
  Result<void> post_line(std::uint32_t core, const Line& line);
  Result<End*> end_to(std::uint32_t core);
  template <class Take>
  auto counted(Take take);

  void make_link(std::uint32_t from, std::uint32_t peer);
  void tell(std::uint32_t core, std::uint32_t peer, std::uint64_t frame);
  Result<Made*> make_frame(std::uint32_t first, std::uint32_t second, unsigned bits);
  static Result<void> make_pages(Made& made);
  //@ since monitor
  Result<Made*> use_again(Made& made);
  void post_page(LineKind kind, CapRef<Type::frame> page);
  void note_page(std::uint32_t from, LineKind kind, std::uint64_t page);
  //@ end
  void linked(const LinkMessage& message);
  Result<void> open_wanted(const LinkMessage& message);
  void give_up(End& end, Error error);

  const FirstProcess& process_;
  Broker* broker_ = nullptr;
  CensusOfOthers* census_of_others_ = nullptr;
  std::array<End*, kMaxCores> ends_{};  // by core; null: none, or not yet
  Made* made_ = nullptr;
  std::uint32_t slots_ = 0, kib_ = 0;  // taken for links, for good
  //@ since monitor
  LinkObserver* observer_ = nullptr;
  std::uint64_t lines_posted_ = 0;
  std::array<std::uint64_t, kMaxCores>
      wanted_by_{};  // on core 0; by core; a bit for each core that waits
  //@ end
};

}  // namespace sprat::monitor
