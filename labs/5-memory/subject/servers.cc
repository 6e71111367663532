// servers.cc — questions to the servers of several cores that lend each other pieces. The test is the network, the loans and all clients.
//
//   server forget                                        all servers are gone                            -> done
//   server start CORE PEERS RESERVE LOW HIGH             peers: a set, one bit for each core
//   server enters CORE PIECE HOME                        a piece is free there
//   server leaves CORE PIECE                             a client takes it
//   server want CORE      server released CORE           the server has nothing left; blocks were released
//   server steal CORE FROM FREE TICKET TICKET TICKET TICKET      server none CORE FROM TICKET FREE
//   server answered CORE TICKET OK                       the wait for the ticket has ended
//   server died CORE OTHER                               OTHER is dead
//   server refuse CORE N                                 the give number N from now on fails
//   server tickets CORE N                                N more tickets can be made
//
// All but the first are answered by the calls that the server made, in their order, and its state:
//
//   steal TO FREE TICKET TICKET TICKET TICKET   none TO TICKET FREE   ended RESULT
//   expect TICKET CORE   abandon TICKET   await TICKET CORE   refused TICKET CORE
//   take IS-BORROWED PIECE-OR-MINUS   put-back PIECE   give PIECE TO TICKET RESULT   give-back PIECE RESULT
//   state IS-ASKING FREE

#include <map>
#include <memory>
#include <set>

#include "memory/stealing.hh"
#include "subjects.hh"

namespace subject {
namespace {

using namespace sprat::memory;
using sprat::Error, sprat::Result, sprat::agreement::CoreSet;

class Server final : private Pieces, private Lender {
 public:
  Server(CoreNumber self, std::uint64_t peers, Stealing::Limits limits)
      : self_(self), stealing_(self, *this, *this, limits) {
    for (CoreNumber core = 0; core < 64; ++core)
      if ((peers >> core & 1) != 0) peers_.add(core);
  }

  void enter(PieceNumber piece, CoreNumber home) {
    homes_[piece] = home;
    put_back(piece);
  }
  void leave(PieceNumber piece) {
    own_.erase(piece);
    loans_.erase(piece);
  }
  void refuse(std::uint64_t n) { until_refusal_ = n; }
  void limit_tickets(std::uint64_t count) { tickets_left_ = count; }

  void do_as(const std::string& kind, Question& question) {
    if (kind == "want") return stealing_.want();
    if (kind == "released") return stealing_.released();
    const std::uint64_t first = question.number(), second = question.number();
    const auto core = static_cast<CoreNumber>(first);
    if (kind == "died") {
      peers_.remove(core);
      stealing_.peer_died(core);
    } else if (kind == "answered") {
      stealing_.answered(static_cast<TicketNumber>(first),
                         second != 0 ? Result<void>() : Error::not_found);
    } else if (kind == "steal") {
      const auto ticket = [&] { return static_cast<TicketNumber>(question.number()); };
      stealing_.handle(core, Steal{.free = static_cast<std::uint32_t>(second),
                                   .ticket_0 = ticket(),
                                   .ticket_1 = ticket(),
                                   .ticket_2 = ticket(),
                                   .ticket_3 = ticket()});
    } else if (kind == "none") {
      stealing_.handle(core, None{.ticket = static_cast<TicketNumber>(second),
                                  .free = static_cast<std::uint32_t>(question.number())});
    }
  }

  std::string answer() {
    return std::exchange(calls_, {}) + "state " + (stealing_.is_asking() ? "1 " : "0 ") +
           hex(free());
  }

 private:
  template <class... Numbers>
  void note(const char* call, Numbers... numbers) {
    calls_ += call;
    ((calls_ += " " + hex(numbers)), ...);
    calls_ += " ";
  }
  Result<void> ended(Result<void> done) {
    calls_ += done ? "ok " : std::string(name_of(done.error())) + " ";
    return done;
  }
  bool is_refused() { return until_refusal_ != 0 && --until_refusal_ == 0; }

  // ---- pieces
  std::uint32_t free() const override {
    return static_cast<std::uint32_t>(own_.size() + loans_.size());
  }
  std::optional<PieceNumber> take(bool is_borrowed) override {
    std::set<PieceNumber>& pieces = is_borrowed ? loans_ : own_;
    note("take", is_borrowed ? 1u : 0u);
    if (pieces.empty()) {
      calls_ += "- ";
      return std::nullopt;
    }
    const PieceNumber piece = *pieces.begin();
    pieces.erase(piece);
    calls_ += hex(piece) + " ";
    return piece;
  }
  void put_back(PieceNumber piece) override {
    note("put-back", piece);
    (homes_[piece] == self_ ? own_ : loans_).insert(piece);
  }
  void request_ended(Result<void> result) override {
    calls_ += "ended ";
    static_cast<void>(ended(result));
  }

  // ---- ways to other servers
  const CoreSet& peers() const override { return peers_; }
  void send(CoreNumber core, Steal message) override {
    note("steal", core, message.free, message.ticket_0, message.ticket_1, message.ticket_2,
         message.ticket_3);
  }
  void send(CoreNumber core, None message) override {
    note("none", core, message.ticket, message.free);
  }
  Result<TicketNumber> expect(CoreNumber core) override {
    if (tickets_left_ == 0) return Error::out_of_memory;
    --tickets_left_;
    note("expect", ++last_ticket_, core);
    return last_ticket_;
  }
  void abandon(TicketNumber ticket) override { note("abandon", ticket); }
  void await(TicketNumber ticket, CoreNumber core) override { note("await", ticket, core); }
  void refused(TicketNumber ticket, CoreNumber core) override { note("refused", ticket, core); }
  Result<void> give(PieceNumber piece, CoreNumber to, TicketNumber ticket) override {
    note("give", piece, to, ticket);
    return ended(is_refused() ? Result<void>(Error::in_use) : Result<void>());
  }
  Result<void> give_back(PieceNumber piece) override {
    note("give-back", piece);
    return ended(is_refused() ? Result<void>(Error::in_use) : Result<void>());
  }
  CoreNumber source_of(PieceNumber piece, CoreNumber to) const override {
    const CoreNumber home = homes_.at(piece);
    return home == to ? self_ : home;
  }

  const CoreNumber self_;
  Stealing stealing_;
  CoreSet peers_;
  std::map<PieceNumber, CoreNumber> homes_;
  std::set<PieceNumber> own_, loans_;  // that are free
  TicketNumber last_ticket_ = 0;
  std::uint64_t until_refusal_ = 0, tickets_left_ = ~std::uint64_t{0};
  std::string calls_;
};

std::map<std::uint64_t, std::unique_ptr<Server>> servers;

}  // namespace

void answer_by_servers(Question& question) {
  const std::string kind = question.word();
  if (kind == "forget") {
    servers.clear();
    return say("done");
  }
  const std::uint64_t core = question.number();
  if (kind == "start") {
    const std::uint64_t peers = question.number();
    Stealing::Limits limits;
    for (std::uint32_t* const limit : {&limits.reserve, &limits.low, &limits.high})
      *limit = static_cast<std::uint32_t>(question.number());
    servers[core] = std::make_unique<Server>(static_cast<CoreNumber>(core), peers, limits);
  }
  const auto found = servers.find(core);
  if (found == servers.end()) return say("error there-is-no-such-server");
  Server& server = *found->second;
  if (kind == "enters") {
    const auto piece = static_cast<PieceNumber>(question.number());
    server.enter(piece, static_cast<CoreNumber>(question.number()));
  } else if (kind == "leaves") {
    server.leave(static_cast<PieceNumber>(question.number()));
  } else if (kind == "refuse") {
    server.refuse(question.number());
  } else if (kind == "tickets") {
    server.limit_tickets(question.number());
  } else {
    server.do_as(kind, question);
  }
  say(server.answer());
}

}  // namespace subject
