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

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "coroutines.hh"
#include "fragments.hh"
#include "question.hh"
#include "rings.hh"
#include "schedules.hh"

namespace subject {
namespace {

std::map<std::string, std::unique_ptr<AnyEnd>> ends;

void say_result(const char* error, const std::string& more = "") {
  say(error == nullptr ? "ok" + more : std::string("error ") + error);
}

void ask_end(Question& question) {
  const std::string name = question.word(), kind = question.word();
  const bool is_first_side = question.number() == 0;
  const char* error = nullptr;
  std::unique_ptr<AnyEnd> end = make_end(kind, is_first_side, name, error);
  if (error != nullptr) return say_result(error);
  ends[name] = std::move(end);
  say("done");
}

// So many words has the message of a question about `words`.
std::size_t message_words(std::size_t words) { return words < 3 ? words : kMostWords; }

void ask_send(AnyEnd& end, Question& question) {
  AnyMessage message{static_cast<std::uint32_t>(question.number()), {}};
  std::size_t words = 0;
  for (; !question.empty(); ++words) {
    const std::uint64_t word = question.number();
    if (words < kMostWords) message.words[words] = word;
  }
  say_result(end.send(message, message_words(words)));
}

void ask_receive(AnyEnd& end, Question& question) {
  const std::size_t words = message_words(question.number());
  AnyMessage message;
  const char* const error = end.receive(message, words);
  if (error != nullptr && message != AnyMessage())
    return say(std::string("error ") + error + " and a message");
  std::string text = " " + hex(message.header);
  for (std::size_t i = 0; i < words; ++i) text += " " + hex(message.words[i]);
  say_result(error, text);
}

void ask_wait(Question& question) {
  const bool or_room = question.number() != 0;
  const std::uint64_t poll_cycles = question.number();
  std::vector<AnyEnd*> all;
  while (!question.empty()) all.push_back(ends.at(question.word()).get());
  wait_for_ends(all, or_room, poll_cycles);
  say("done");
}

}  // namespace

void answer(const std::string& kind, Question& question) {
  if (kind == "frame") {
    ends.clear();
    make_frame(question.number());
    return say("done");
  }
  if (kind == "end") return ask_end(question);
  if (kind == "wait") return ask_wait(question);
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
  if (kind == "state")
    return say(std::to_string(end.has_line()) + " " + std::to_string(end.has_room()));
  if (kind == "settle") {
    end.settle();
    return say("done");
  }
  if (kind == "gone") return say(std::to_string(end.peer_is_gone()));
  say("error unknown-question");
}

}  // namespace subject
