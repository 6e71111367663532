// servers.hh — memory servers of several cores, which are the code under test. The test is the network between them, the loans, and all
// clients; it delivers one message at a time, in an order that the seed of the grading decides, and observes.
//
// A loan is one message if its home sends the piece to the borrower, or the borrower sends it home. A borrower that gives a piece to a
// third core sends it home, and its home sends it on.
//
// After each move the observer checks:
//   each piece is at one server, at one client or in one message
//   a server that is asked has sent a piece for the first ticket, after those for other tickets, or None
//   a server asks no peer twice for one request, and one at a time

#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lab/trial.hh"

namespace lab {

using sprat::grading::bare;
using sprat::grading::Trial;
using Core = std::uint64_t;
using Piece = std::uint64_t;
using Ticket = std::uint64_t;

struct Limits {
  std::uint64_t reserve = 1, low = 1, high = 3;
};

// A call that a server made: its name, numbers, and a result if it has one.
struct Call {
  std::string kind;
  std::vector<std::uint64_t> numbers;
  std::string result;

  bool is(std::string_view its_kind) const { return kind == its_kind; }
  bool has_failed() const { return !result.empty() && result != "ok"; }
};

struct Answer {
  std::string question, text;
  std::vector<Call> calls;
  bool is_asking = false;
  std::uint64_t free = 0;

  std::vector<Call> all(std::string_view kind) const;
};

// One question to one server: the test is everything else.
Answer ask_server(Trial& trial, const std::string& question);

// One server alone, on core `self` of `cores`.
class OneServer {
 public:
  OneServer(Trial& trial, Core self, Core cores, Limits limits = {});

  Answer ask(const std::string& kind, const std::string& more = "");
  Answer steal(Core from, std::uint64_t free, const std::vector<Ticket>& tickets);
  Answer none(Core from, Ticket ticket, std::uint64_t free);
  Answer answered(Ticket ticket, bool is_ok);
  void enters(Piece piece, Core home) { ask("enters", bare(piece) + " " + bare(home)); }
  void leaves(Piece piece) { ask("leaves", bare(piece)); }

  // The one question in `answer`; fails unless there is one.
  Call only_steal(const Answer& answer);
  [[noreturn]] void wrong(const std::string& expected, const Answer& answer);
  void expect(bool is_right, const std::string& expected, const Answer& answer) {
    if (!is_right) wrong(expected, answer);
  }
  // `answer` ends the request with that result, or does not end it if the result is empty.
  void expect_ended(const Answer& answer, const std::string& result);

  Trial& trial;
  const Core self;
};

class Servers {
 public:
  // Piece n is at home on core `homes[n]`.
  Servers(Trial& trial, Core cores, const std::vector<Core>& homes, Limits limits = {});

  // A client of `core` wants a piece: it has one at once, or when it comes, or never.
  void allocate(Core core);
  // A client of `core` has no use for one of its pieces any more.
  void release(Core core);

  bool step();  // delivers one message, any; false: there is none
  void run();   // until there is none
  void expect_rest();

  Core cores() const { return static_cast<Core>(servers_.size()); }
  std::size_t used(Core core) const { return servers_[core].used.size(); }
  std::size_t free(Core core) const { return servers_[core].free.size(); }
  bool is_asking(Core core) const { return servers_[core].is_asking; }
  std::size_t waiting(Core core) const { return servers_[core].waiting; }

  std::size_t messages = 0, allocated = 0, out_of_memory = 0, given_back = 0;

 private:
  struct Message {
    enum class Kind : std::uint8_t { steal, none, lend, give_back } kind;
    std::vector<std::uint64_t> numbers;  // of steal and none, as in the call, without the receiver
    Piece piece = 0;
    Core to = 0;  // that shall have the piece
    Ticket ticket = 0;
  };
  struct Server {
    std::set<Piece> free, used;
    std::set<Ticket> expected;
    std::optional<Ticket> awaited;
    std::set<Core> asked;  // in this request
    bool is_asking = false;
    std::size_t waiting = 0;  // clients
  };

  void ask(Core core, const std::string& question, const Message* steal = nullptr, Core from = 0);
  void follow(Core core, const Call& call);
  void serve(Core core);
  void post(Core from, Core to, Message message);
  void give(Core from, Piece piece, Core to, Ticket ticket);
  void deliver(Core from, Core to, const Message& message);
  void arrives(Core core, Piece piece, Ticket ticket);
  void enters(Core core, Piece piece);
  [[noreturn]] void wrong(const std::string& expected, const std::string& came);

  Trial& trial_;
  std::vector<Core> homes_;
  std::vector<Server> servers_;
  std::map<std::pair<Core, Core>, std::deque<Message>> links_;
  std::vector<std::pair<Core, Ticket>>
      refused_;            // waits that have ended, of which the server is not told yet
  std::set<Piece> taken_;  // by the call that is followed
  std::string log_;
};

}  // namespace lab
