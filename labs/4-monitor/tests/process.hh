// process.hh — a process that spans cores, and the channels between its dispatchers. The test has the channels and the frames, which go
// their own way; the dispatchers ask the code under test, as user/span/shared_pages.cc does. A channel keeps the order of its messages.
//
// After each step it checks:
//   a limit tells the cores that may do more, and no others
//   a core that has wanted a page in the middle of a limit is told its end once, and no other core is
//   no core maps a page otherwise than the home has noted
//   when a limit ends, no core maps the page otherwise than it allows, unless that core has failed to

#pragma once

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pages.hh"

namespace lab {

class Process {
 public:
  // On cores 0 to `cores` - 1; the home is any of them.
  Process(Trial& trial, std::size_t cores);

  std::size_t size() const { return dispatchers_.size(); }
  std::uint64_t home() const { return home_; }

  // ---- events

  // Core `core` touches a page. It maps it if it may, and asks the home if not; unless it waits for a page already.
  void touch(std::uint64_t core, std::size_t page, Mapping wanted);
  void limit(std::size_t page, Mapping mapping);
  void give_up(std::size_t page);  // a limit in progress: its task is destroyed
  void end(std::uint64_t core);    // its dispatcher; the home notices later
  void start(std::uint64_t core);  // another dispatcher there, when the home has noticed
  void fail_to_limit(std::uint64_t core, bool fails) { dispatchers_[core].fails = fails; }
  // A random one of them, also the last three if `with_ends`.
  void happen(bool with_ends);

  // ---- the world

  // From now on a limit may tell more cores than it must: its messages are counted.
  void measure() { is_measured_ = true; }

  // A message or a frame arrives. False: none can.
  bool step();
  void run();

  // No dispatcher waits, and no limit is in progress.
  void expect_rest();

  Mapping may(std::uint64_t core, std::size_t page) const { return dispatchers_[core].may[page]; }
  std::size_t messages_of_limits = 0, limits_ended = 0, pages_arrived = 0, frames_late = 0;

 private:
  struct Message {
    enum class Kind { want, given, refused, limit, limited, failed, again };
    Kind kind;
    std::size_t page = 0;
    Mapping mapping = Mapping::none;
    std::uint64_t number = 0;  // of a limit
    std::string error{};       // of `refused`
  };
  // A page that a core has asked for.
  struct Fetch {
    std::size_t page;
    Mapping wanted;
    std::uint64_t limits;            // that it had heard of
    std::optional<Mapping> given{};  // by the answer
    bool is_frame_here = false;
    bool waits_for_end = false;  // of a limit
  };
  struct Dispatcher {
    bool has_ended = false, is_noticed = true, fails = false;
    std::deque<Message> in, out;  // on its channel with the home
    bool is_frame_on_its_way = false;
    std::optional<Fetch> fetch;
    std::array<Mapping, kPages> may{}, noted{};  // as it says; as the home should have noted
    std::array<bool, kPages> is_mapped{};
  };
  struct Limit {
    std::uint64_t number;
    Mapping mapping;
    std::uint64_t told, missing, limited = 0, failed = 0;
  };

  void ask(std::uint64_t core);
  void handle_at_home(std::uint64_t core, const Message& message);
  void handle_want(std::uint64_t core, std::size_t page);
  void handle(std::uint64_t core, const Message& message);
  void complete(std::uint64_t core);
  void notice_end(std::uint64_t core);
  void go_on(std::size_t page);
  void end_limit(std::size_t page);
  void look_at(std::uint64_t core, std::size_t page);
  std::uint64_t may_do_more(std::size_t page, Mapping mapping) const;

  Trial& trial_;
  PageQuestions questions_;
  std::vector<Dispatcher> dispatchers_;
  std::uint64_t home_;
  std::array<Mapping, kPages> most_;
  std::map<std::size_t, Limit> limits_;           // in progress, by page
  std::map<std::size_t, std::uint64_t> waiting_;  // cores, by page
  std::uint64_t last_limit_ = 0;
  bool is_measured_ = false;
};

}  // namespace lab
