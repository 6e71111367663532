// neighbour.hh — another dispatcher of this process: the tasks that this one has there, and the tasks that that one has here.

#pragma once

#include <array>
#include <memory>
#include <optional>

#include "interfaces/peer.hh"
#include "interfaces/together.hh"
#include "lib/connection.hh"
#include "span/home_while_blocked.hh"
#include "span/messages.hh"
#include "span/span.hh"
#include "sprat/first_process.hh"

namespace sprat {

class Neighbour {
 public:
  // Tasks of either side at the same time; more wait for their turn.
  static constexpr std::size_t kMostTasks = span_messages::interface.calls;

  Neighbour();
  ~Neighbour();
  Neighbour(const Neighbour&) = delete;
  Neighbour& operator=(const Neighbour&) = delete;

  Connection& connection() { return connection_; }

  // The connection is open: handles calls from there, and may be called from now on. Its end is noticed by the next call.
  void begin();

  // The other side has gone, or broken the rules.
  bool has_ended() const { return has_ended_; }

  // Has `task` run there.
  Task<Words> run(CoreTask task, Words arguments);

  // Asks the home for the number of the dispatcher on `core`.
  Task<std::uint64_t> where(std::uint64_t core);

  // Asks the home for a shared page.
  Task<span_messages::Given> want(span_messages::Want want);

  // The same for a task that stands in the middle of an instruction; of the home, after the first. Null: there is no memory
  HomeWhileBlocked* while_blocked() const { return while_blocked_.get(); }
  void allow_blocking();

  // Tells the other side that a limit has ended. False: there is no memory
  bool say_again();

  // Has the other side map a shared page no more than so, as one of `limits`.
  using Limits = Together<span_messages::limit, Channel, kMaxCores>;
  SPRAT_INLINE void limit(Limits& limits, const span_messages::Limit& limit) {
    limits.call(*peer_, limit);
  }

 private:
  // Handlers of its calls.
  struct OnRun {
    Neighbour& neighbour;
    Task<span_messages::Ran> operator()(const span_messages::Run& run) const {
      return neighbour.handle(run);
    }
  };
  struct OnCancel {
    Neighbour& neighbour;
    void operator()(const span_messages::Cancel& cancel) const { neighbour.handle(cancel); }
  };
  struct OnWhere {
    Result<span_messages::There> operator()(const span_messages::Where& where) const;
  };
  // By shared_pages.cc.
  struct OnWant {
    Neighbour& neighbour;
    Result<span_messages::Given> operator()(const span_messages::Want& want) const;
  };
  struct OnLimit {
    Result<Nothing> operator()(const span_messages::Limit& limit) const;
  };
  // A task that waits for shared_page has turns to ask again.
  struct OnAgain {
    void operator()(const Nothing&) const {}
  };
  using AnyPeer =
      Peer<span_messages::interface, Channel, Handler<span_messages::run, OnRun>,
           Handler<span_messages::cancel, OnCancel>, Handler<span_messages::where, OnWhere>,
           Handler<span_messages::want, OnWant>, Handler<span_messages::limit, OnLimit>,
           Handler<span_messages::again, OnAgain>>;

  // A task that runs here for the other side, in the coroutine that answers.
  struct Running {
    std::uint16_t number = 0;
    Task<> task;
    Result<Words> result = Error::peer_gone;
    bool is_over = false;
    Waiter answering;
  };
  class Over;     // co_await Over(running)
  class Request;  // a task that runs there, until its result has come

  Task<span_messages::Ran> handle(span_messages::Run run);
  void handle(const span_messages::Cancel& cancel);
  static Task<> run_here(Running& running, CoreTask task, Words arguments);
  static void end(Running& running, const Result<Words>& result);

  void cancel(std::uint16_t number);
  Task<> send_cancels();
  Task<> send_again();
  Task<> watch();

  Connection connection_;
  std::optional<AnyPeer> peer_;
  std::unique_ptr<HomeWhileBlocked> while_blocked_;
  bool has_ended_ = false;
  Task<> watching_;
  std::uint16_t last_number_ = 0;
  std::array<Running*, kMostTasks> running_{};

  // Of tasks there that are not wanted any more, until the other side has been told.
  std::array<std::uint16_t, kMostTasks> cancelled_{};
  std::size_t cancelled_count_ = 0;
  Task<> cancelling_;
  Task<> saying_again_;
};

}  // namespace sprat
