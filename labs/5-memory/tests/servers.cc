// servers.cc — see servers.hh.

#include "servers.hh"

#include <algorithm>
#include <sstream>

namespace lab {

namespace {

struct Form {
  std::string_view kind;
  std::size_t numbers;
  bool has_result;
};
constexpr Form kForms[] = {{"steal", 6, false},    {"none", 3, false},     {"expect", 2, false},
                           {"abandon", 1, false},  {"await", 2, false},    {"refused", 2, false},
                           {"take", 2, false},     {"put-back", 1, false}, {"give", 3, true},
                           {"give-back", 1, true}, {"ended", 0, true}};
constexpr Piece kNoPiece = ~Piece{0};

std::string text_of(const Call& call) {
  std::string text = call.kind;
  for (const std::uint64_t number : call.numbers)
    text += number == kNoPiece ? " -" : " " + bare(number);
  return text + (call.result.empty() ? "" : " " + call.result);
}

}  // namespace

std::vector<Call> Answer::all(std::string_view kind) const {
  std::vector<Call> found;
  for (const Call& call : calls)
    if (call.is(kind)) found.push_back(call);
  return found;
}

Answer ask_server(Trial& trial, const std::string& question) {
  Answer answer{"server " + question, trial.ask("server " + question), {}};
  std::istringstream words(answer.text);
  std::string word;
  while (words >> word && word != "state") {
    const auto form = std::ranges::find(kForms, word, &Form::kind);
    if (form == std::end(kForms)) trial.wrong("an answer of a server", answer.text);
    Call call{word, {}, {}};
    for (std::size_t i = 0; i < form->numbers && words >> word; ++i)
      call.numbers.push_back(word == "-" ? kNoPiece : std::strtoull(word.c_str(), nullptr, 16));
    if (form->has_result) words >> call.result;
    if (!words || call.numbers.size() != form->numbers)
      trial.wrong("an answer of a server", answer.text);
    answer.calls.push_back(call);
  }
  std::string asking, free;
  if (!(words >> asking >> free)) trial.wrong("an answer of a server", answer.text);
  answer.is_asking = asking == "1";
  answer.free = std::strtoull(free.c_str(), nullptr, 16);
  return answer;
}

// ---- one server

OneServer::OneServer(Trial& a_trial, Core its_self, Core cores, Limits limits)
    : trial(a_trial), self(its_self) {
  trial.expect_equal("forget", "done", trial.ask("server forget"));
  ask("start", bare((std::uint64_t{1} << cores) - 1) + " " + bare(limits.reserve) + " " +
                   bare(limits.low) + " " + bare(limits.high));
}

Answer OneServer::ask(const std::string& kind, const std::string& more) {
  return ask_server(trial, kind + " " + bare(self) + (more.empty() ? "" : " " + more));
}
Answer OneServer::steal(Core from, std::uint64_t free, const std::vector<Ticket>& tickets) {
  std::string more = bare(from) + " " + bare(free);
  for (std::size_t i = 0; i < 4; ++i) more += " " + bare(i < tickets.size() ? tickets[i] : 0);
  return ask("steal", more);
}
Answer OneServer::none(Core from, Ticket ticket, std::uint64_t free) {
  return ask("none", bare(from) + " " + bare(ticket) + " " + bare(free));
}
Answer OneServer::answered(Ticket ticket, bool is_ok) {
  return ask("answered", bare(ticket) + (is_ok ? " 1" : " 0"));
}

void OneServer::wrong(const std::string& expected, const Answer& answer) {
  trial.wrong(expected, answer.text, "After the question:  " + answer.question);
}

Call OneServer::only_steal(const Answer& answer) {
  const auto steals = answer.all("steal");
  if (steals.size() != 1) wrong("one question to a peer", answer);
  return steals[0];
}

void OneServer::expect_ended(const Answer& answer, const std::string& result) {
  const auto ends = answer.all("ended");
  if (result.empty()) return expect(ends.empty(), "a request that has not ended", answer);
  expect(ends.size() == 1 && ends[0].result == result && !answer.is_asking,
         "the end of the request: " + result, answer);
}

// ---- many

Servers::Servers(Trial& trial, Core cores, const std::vector<Core>& homes, Limits limits)
    : trial_(trial), homes_(homes), servers_(cores) {
  trial.expect_equal("forget", "done", trial.ask("server forget"));
  for (Core core = 0; core < cores; ++core)
    ask(core, "start " + bare(core) + " " + bare((std::uint64_t{1} << cores) - 1) + " " +
                  bare(limits.reserve) + " " + bare(limits.low) + " " + bare(limits.high));
  for (Piece piece = 0; piece < homes.size(); ++piece) enters(homes[piece], piece);
}

void Servers::wrong(const std::string& expected, const std::string& came) {
  trial_.keep_log("messages", log_);
  trial_.wrong(expected, came, "The log has all questions, calls and messages in their order.");
}

void Servers::allocate(Core core) {
  ++servers_[core].waiting;
  serve(core);
}

// Clients that wait have pieces that are there, own ones first; for others, the server asks its peers.
void Servers::serve(Core core) {
  Server& server = servers_[core];
  while (server.waiting != 0 && !server.free.empty()) {
    const auto own =
        std::ranges::find(server.free, core, [&](Piece piece) { return homes_[piece]; });
    const Piece piece = own != server.free.end() ? *own : *server.free.begin();
    server.free.erase(piece);
    server.used.insert(piece);
    --server.waiting;
    ++allocated;
    ask(core, "leaves " + bare(core) + " " + bare(piece));
  }
  if (server.waiting != 0 && !server.is_asking) {
    server.asked.clear();
    ask(core, "want " + bare(core));
  }
}

void Servers::release(Core core) {
  Server& server = servers_[core];
  if (server.used.empty()) wrong("a piece for each client of core " + bare(core), "none");
  const Piece piece = *server.used.rbegin();
  server.used.erase(piece);
  enters(core, piece);
  serve(core);
  ask(core, "released " + bare(core));
}

void Servers::enters(Core core, Piece piece) {
  servers_[core].free.insert(piece);
  ask(core, "enters " + bare(core) + " " + bare(piece) + " " + bare(homes_[piece]));
}

// Asks the server of `core`, and does what its calls say. `steal`: the message of `from` that it handles.
void Servers::ask(Core core, const std::string& question, const Message* steal, Core from) {
  const Answer answer = ask_server(trial_, question);
  log_ += "     " + question + "\n";
  taken_.clear();
  Server& server = servers_[core];
  std::size_t ends = 0, answers = 0;
  std::string result;
  for (const Call& call : answer.calls) {
    log_ += "       core " + bare(core) + ": " + text_of(call) + "\n";
    if (steal != nullptr) {
      const Ticket first = steal->numbers[1];
      const bool is_piece = call.is("give") && !call.has_failed();
      if (answers != 0 && (is_piece || call.is("none")))
        wrong("nothing after the piece for the first ticket, or None", text_of(call));
      if (is_piece && (call.numbers[1] != from || call.numbers[2] == 0 ||
                       std::ranges::find(steal->numbers.begin() + 1, steal->numbers.end(),
                                         call.numbers[2]) == steal->numbers.end()))
        wrong("a piece for one of the tickets in the question", text_of(call));
      answers += (is_piece && call.numbers[2] == first) ||
                 (call.is("none") && call.numbers[0] == from && call.numbers[1] == first);
    }
    if (steal == nullptr && call.is("give")) wrong("a gift to a server that asks", text_of(call));
    if (call.is("ended")) {
      ++ends;
      result = call.result;
    } else {
      follow(core, call);
    }
  }
  if (!taken_.empty())
    wrong("a piece that was taken is sent or put back",
          "piece " + bare(*taken_.begin()) + " is lost");
  if (steal != nullptr && answers != 1)
    wrong("a piece for the first ticket, or None, at once", "neither");
  if (answer.free != server.free.size())
    wrong(bare(server.free.size()) + " free pieces", bare(answer.free));
  if (ends > 1 || (ends == 1 && answer.is_asking)) wrong("one end of a request", answer.text);
  server.is_asking = answer.is_asking;
  if (ends == 0) return;
  if (result != "ok") {
    out_of_memory += server.waiting;
    server.waiting = 0;
  } else if (server.free.empty()) {
    wrong("a piece that has come, when the request has ended with ok", "no free piece");
  }
  server.asked.clear();
  serve(core);
}

void Servers::follow(Core core, const Call& call) {
  Server& server = servers_[core];
  const auto& numbers = call.numbers;
  if (call.is("steal")) {
    if (numbers[0] >= cores() || numbers[0] == core) wrong("a question to a peer", text_of(call));
    if (!server.asked.insert(numbers[0]).second)
      wrong("each peer is asked once for one request", text_of(call));
    if (numbers[1] != server.free.size())
      wrong(bare(server.free.size()) + " pieces are free", text_of(call));
    for (std::size_t i = 2; i < 6; ++i)
      if (numbers[i] != 0 && !server.expected.contains(numbers[i]))
        wrong("tickets that were made for this question", text_of(call));
    post(core, numbers[0], {Message::Kind::steal, {numbers.begin() + 1, numbers.end()}});
  } else if (call.is("none")) {
    if (numbers[0] >= cores() || numbers[0] == core) wrong("an answer to a peer", text_of(call));
    post(core, numbers[0], {Message::Kind::none, {numbers.begin() + 1, numbers.end()}});
  } else if (call.is("expect")) {
    server.expected.insert(numbers[0]);
  } else if (call.is("abandon")) {
    server.expected.erase(numbers[0]);
  } else if (call.is("await")) {
    if (server.awaited) wrong("one question at a time", text_of(call));
    server.awaited = numbers[0];
  } else if (call.is("refused")) {
    if (server.awaited == numbers[0] && server.expected.erase(numbers[0]) != 0) {
      server.awaited.reset();
      refused_.emplace_back(core, numbers[0]);
    }
  } else if (call.is("take")) {
    if (numbers[1] == kNoPiece) return;
    if (server.free.erase(numbers[1]) == 0) wrong("a piece that is free", text_of(call));
    taken_.insert(numbers[1]);
  } else if (call.is("put-back")) {
    // Also the test's own order that a piece enters.
    if (taken_.erase(numbers[0]) == 0 && !server.free.contains(numbers[0]))
      wrong("a piece that was taken out", text_of(call));
    server.free.insert(numbers[0]);
  } else if (call.is("give") || call.is("give-back")) {
    if (!taken_.contains(numbers[0]))
      wrong("a piece that was taken out of the free ones is sent, once", text_of(call));
    if (call.has_failed()) return;
    taken_.erase(numbers[0]);
    if (call.is("give")) return give(core, numbers[0], numbers[1], numbers[2]);
    if (homes_[numbers[0]] == core) wrong("a loan goes back, and no own piece", text_of(call));
    ++given_back;
    post(core, homes_[numbers[0]],
         {Message::Kind::give_back, {}, numbers[0], homes_[numbers[0]], 0});
  }
}

void Servers::give(Core from, Piece piece, Core to, Ticket ticket) {
  const Core home = homes_[piece];
  const auto kind = from == home ? Message::Kind::lend : Message::Kind::give_back;
  post(from, from == home ? to : home, {kind, {}, piece, to, ticket});
}

void Servers::post(Core from, Core to, Message message) {
  ++messages;
  links_[{from, to}].push_back(std::move(message));
}

bool Servers::step() {
  std::vector<std::pair<Core, Core>> busy;
  for (const auto& [ends, link] : links_)
    if (!link.empty()) busy.push_back(ends);
  const std::size_t choices = busy.size() + refused_.size();
  if (choices == 0) return false;
  const std::size_t choice = trial_.below(choices);
  if (choice >= busy.size()) {
    const auto place = refused_.begin() + static_cast<std::ptrdiff_t>(choice - busy.size());
    const auto [core, ticket] = *place;
    refused_.erase(place);
    ask(core, "answered " + bare(core) + " " + bare(ticket) + " 0");
    return true;
  }
  const auto [from, to] = busy[choice];
  const Message message = links_[{from, to}].front();
  links_[{from, to}].pop_front();
  deliver(from, to, message);
  return true;
}

void Servers::deliver(Core from, Core to, const Message& message) {
  log_ += bare(from) + " → " + bare(to) + "\n";
  const auto words = [&] {
    std::string text;
    for (const std::uint64_t number : message.numbers) text += " " + bare(number);
    return text;
  };
  switch (message.kind) {
    case Message::Kind::steal:
      return ask(to, "steal " + bare(to) + " " + bare(from) + words(), &message, from);
    case Message::Kind::none: return ask(to, "none " + bare(to) + " " + bare(from) + words());
    case Message::Kind::lend: return arrives(to, message.piece, message.ticket);
    case Message::Kind::give_back:
      if (message.to == to) return arrives(to, message.piece, message.ticket);
      return post(to, message.to,
                  {Message::Kind::lend, {}, message.piece, message.to, message.ticket});
  }
}

// A piece for a ticket of a question that has ended goes home, unless it is at home.
void Servers::arrives(Core core, Piece piece, Ticket ticket) {
  Server& server = servers_[core];
  const bool is_expected = server.expected.erase(ticket) != 0;
  if (!is_expected && homes_[piece] != core)
    return post(core, homes_[piece], {Message::Kind::give_back, {}, piece, homes_[piece], 0});
  enters(core, piece);
  if (is_expected && server.awaited == ticket) {
    server.awaited.reset();
    ask(core, "answered " + bare(core) + " " + bare(ticket) + " 1");
  }
  serve(core);
}

void Servers::run() {
  for (int steps = 0; step(); ++steps)
    if (steps == 100'000) wrong("rest, after a while", "messages without end");
}

void Servers::expect_rest() {
  run();
  std::vector<std::size_t> places(homes_.size());
  for (Core core = 0; core < cores(); ++core) {
    const Server& server = servers_[core];
    if (server.is_asking || server.waiting != 0)
      wrong("an end of each request", "core " + bare(core) + " waits for ever");
    for (const Piece piece : server.free) ++places[piece];
    for (const Piece piece : server.used) ++places[piece];
  }
  for (Piece piece = 0; piece < places.size(); ++piece)
    if (places[piece] != 1)
      wrong("each piece at one server", "piece " + bare(piece) + " at " + bare(places[piece]));
}

}  // namespace lab
