// main.cc — questions to rings and to ends that wait for them. Before the answer come the accesses (remote_memory.hh). All
// numbers are hexadecimal.
//
//   frame W                         a frame of W lines in each direction; all ends are forgotten            -> done
//   end NAME KIND SIDE              an end of it. KIND: epoch, used-bit, sleepy-epoch, sleepy-used-bit      -> done
//   send NAME HEADER WORD...        a message of 0, 1, 2 or 7 words               -> ok  or  error NAME
//   receive NAME WORDS              such a message               -> ok HEADER WORD...  or  error NAME; if it touched the message all the same: error NAME and a message
//                                   `room` is the access by which an end that does not sleep tells that it has made room
//   state NAME                      -> has_line has_room
//   settle NAME        gone NAME -> 0 or 1
//   wait WISH POLL_CYCLES NAME...   WISH: 0 message, 1 message or room            -> done
//   laps W COUNT SECRET             many messages in both directions (schedules.hh)
//   schedules KIND FIRST COUNT SECRET   conversations in many orders (schedules.hh)
//   cut …      assembly …      add …    messages of several lines (fragments.hh)
//   loop …                              coroutines at both ends of channels (coroutines.hh)

#include <algorithm>
#include <map>
#include <memory>
#include <variant>
#include <vector>

#include "coroutines.hh"
#include "fragments.hh"
#include "remote_memory.hh"
#include "schedules.hh"
#include "urpc/epoch.hh"
#include "urpc/sleep.hh"
#include "urpc/used_bit.hh"

namespace subject {
namespace {

using namespace sprat;
using namespace sprat::urpc;

struct Signal {
  std::string name;
  void operator()() const { tell("signal " + name); }
};

struct TheMachine {
  std::uint64_t now() { return tell("now"); }
  void relax() { tell("relax"); }
  void sleep() { tell("sleep"); }
};

struct Room {
  void operator()() const { tell("room"); }
};

using AnyEnd = std::variant<Epoch, UsedBit, SleepyEnd<Epoch, Signal>, SleepyEnd<UsedBit, Signal>>;

std::vector<Line> frame;
std::map<std::string, std::unique_ptr<AnyEnd>> ends;

void say_result(const Result<void>& result, const std::string& more = "") {
  say(result ? "ok" + more : std::string("error ") + sprat::name_of(result.error()));
}

void make_end(Question& question) {
  const std::string name = question.word(), kind = question.word();
  const auto view = view_of(frame, question.number() == 0 ? Side::first : Side::second);
  if (!view) return say_result(view.error());
  auto& end = ends[name];
  if (kind == "epoch") end = std::make_unique<AnyEnd>(std::in_place_index<0>, view.value());
  if (kind == "used-bit") end = std::make_unique<AnyEnd>(std::in_place_index<1>, view.value());
  if (kind == "sleepy-epoch")
    end = std::make_unique<AnyEnd>(std::in_place_index<2>, view.value(), Signal{name});
  if (kind == "sleepy-used-bit")
    end = std::make_unique<AnyEnd>(std::in_place_index<3>, view.value(), Signal{name});
  say("done");
}

template <class End, std::size_t kWords>
Result<void> receive(End& end, Message<kWords>& message) {
  if constexpr (requires { end.receive(message, Room()); }) {
    return end.receive(message, Room());
  } else {
    return end.receive(message);
  }
}

template <std::size_t kWords>
void send(AnyEnd& end, std::uint32_t header, const std::vector<std::uint64_t>& words) {
  Message<kWords> message{header, {}};
  std::copy_n(words.begin(), kWords, message.words.begin());
  say_result(std::visit([&](auto& an_end) { return an_end.send(message); }, end));
}

template <std::size_t kWords>
void receive(AnyEnd& end) {
  Message<kWords> message;
  const auto received = std::visit([&](auto& an_end) { return receive(an_end, message); }, end);
  if (!received && message != Message<kWords>())
    return say(std::string("error ") + sprat::name_of(received.error()) + " and a message");
  std::string text = " " + hex(message.header);
  for (const std::uint64_t word : message.words) text += " " + hex(word);
  say_result(received, text);
}

void ask_send(AnyEnd& end, Question& question) {
  const auto header = static_cast<std::uint32_t>(question.number());
  std::vector<std::uint64_t> words;
  while (!question.empty()) words.push_back(question.number());
  switch (words.size()) {
    case 0: return send<0>(end, header, words);
    case 1: return send<1>(end, header, words);
    case 2: return send<2>(end, header, words);
    default: words.resize(kPayloadWords); return send<kPayloadWords>(end, header, words);
  }
}

void ask_receive(AnyEnd& end, Question& question) {
  switch (question.number()) {
    case 0: return receive<0>(end);
    case 1: return receive<1>(end);
    case 2: return receive<2>(end);
    default: return receive<kPayloadWords>(end);
  }
}

void state(AnyEnd& end) {
  const auto [line, room] =
      std::visit([](auto& an_end) { return std::pair(an_end.has_line(), an_end.has_room()); }, end);
  say(std::to_string(line) + " " + std::to_string(room));
}

// One of the ends that are waited for.
struct Waiting {
  AnyEnd* end;

  template <class Do>
  auto with(Do what) const {
    return std::visit(
        [&](auto& an_end) {
          if constexpr (requires { an_end.withdraw(); }) {
            return what(an_end);
          } else {
            return decltype(what(std::get<2>(*end)))();
          }
        },
        *end);
  }
  bool look(Wish wish) const {
    return with([&](auto& an_end) { return an_end.look(wish); });
  }
  void announce(Wish wish) const {
    with([&](auto& an_end) { an_end.announce(wish); });
  }
  void withdraw() const {
    with([&](auto& an_end) { an_end.withdraw(); });
  }
  void settle() const {
    with([](auto& an_end) { an_end.settle(); });
  }
  bool peer_is_gone() const {
    return with([](auto& an_end) { return an_end.peer_is_gone(); });
  }
};

void wait(Question& question) {
  const Wish wish = question.number() == 0 ? Wish::message : Wish::message_or_room;
  const std::uint64_t poll_cycles = question.number();
  std::vector<Waiting> all;
  while (!question.empty()) all.push_back({ends.at(question.word()).get()});
  TheMachine machine;
  wait_for_any(all, wish, poll_cycles, machine);
  say("done");
}

}  // namespace

void answer(const std::string& kind, Question& question) {
  if (kind == "frame") {
    ends.clear();
    frame = std::vector<Line>(frame_lines(question.number()));
    set_frame(frame.data());
    return say("done");
  }
  if (kind == "end") return make_end(question);
  if (kind == "wait") return wait(question);
  if (kind == "schedules") return ask_schedules(question);
  if (kind == "laps") return ask_laps(question);
  if (kind == "loop") return ask_loop(question);
  if (kind == "cut") return ask_cut(question);
  if (kind == "assembly") return ask_assembly(question);
  if (kind == "add") return ask_add(question);

  const auto found = ends.find(question.word());
  if (found == ends.end()) return say("error there-is-no-such-end");
  AnyEnd& end = *found->second;
  if (kind == "send") return ask_send(end, question);
  if (kind == "receive") return ask_receive(end, question);
  if (kind == "state") return state(end);
  if (kind == "settle") {
    Waiting{&end}.settle();
    return say("done");
  }
  if (kind == "gone") return say(std::to_string(Waiting{&end}.peer_is_gone()));
  say("error unknown-question");
}

}  // namespace subject
