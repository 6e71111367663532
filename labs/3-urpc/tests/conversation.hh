// conversation.hh — the memory, the machine and the time of the code under test: it asks for each access, and this class
// decides the result.
//
//   Conversation talk(trial, 8);                 a frame of 8 lines in each direction, all zeros
//   talk.add_end("a", "epoch", Side::first);
//   talk.ask("send a 5 17");                     answers accesses until the answer is there; they are in `accesses`
//
// No end may touch a word that is not its to touch: that fails the test, whatever the test is about.

#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "lab/trial.hh"

namespace lab {

using sprat::grading::Trial;

enum class Side : unsigned { first, second };
constexpr Side other(Side side) { return side == Side::first ? Side::second : Side::first; }

struct Access {
  enum class Kind { load, store, fence, room, signal, now, relax, sleep };
  Kind kind{};
  std::size_t word = 0;  // of the frame
  std::uint64_t value = 0;
  std::string order;
  std::string end;         // the end that makes the access; of a wait, empty
  std::uint64_t time = 0;  // when it was made

  bool is_ordered() const { return order != "relaxed"; }
};

// Sizes of rings that tests try.
inline constexpr std::size_t kAllSlots[] = {4, 8, 16, 32, 64};

inline constexpr std::size_t kWordsOfLine = 8;
inline constexpr std::size_t kControl = 7;

class Conversation {
 public:
  Conversation(Trial& trial, std::size_t slots);

  void add_end(const std::string& name, const std::string& kind, Side side);

  // Asks a question, whose first word after the verb names the end, and answers its accesses until it is answered.
  std::string ask(const std::string& question);

  // Fails the test unless the answer is this one.
  void expect(const std::string& question, const std::string& answer);

  // ---- numbers of words

  std::size_t slots() const { return slots_; }
  std::size_t announcement_of(Side side) const {
    return static_cast<std::size_t>(side) * kWordsOfLine + kControl;
  }
  // The first word of a side's status line, in which it reports; its announcement is the last.
  std::size_t report_of(Side side) const { return static_cast<std::size_t>(side) * kWordsOfLine; }
  // The first word of line `line` of the ring that `writer` writes.
  std::size_t line_of(Side writer, std::uint64_t line) const {
    return (2 + static_cast<std::size_t>(writer) * slots_ + line % slots_) * kWordsOfLine;
  }

  // ---- memory and accesses of the code under test

  std::vector<std::uint64_t> memory;  // as all others see it

  std::vector<Access> accesses;  // of the last question
  std::size_t count(Access::Kind kind) const;

  // Is called before an access has its effect.
  std::function<void(const Access&)> before = [](const Access&) {};
  // Returns the value that a load finds, in place of the one in memory.
  std::function<std::uint64_t(std::size_t word, std::uint64_t value)> sees;

  // Stores wait in a buffer, which the others do not see, until a fence, a signal, or drain.
  bool has_store_buffer = false;
  void drain();

  std::uint64_t time = 0;
  std::function<void()> on_sleep = [] {};

  // Fails the test, with the accesses so far.
  [[noreturn]] void wrong(const std::string& expected, const std::string& came,
                          const std::string& explain = "");

 private:
  struct End {
    std::string kind;
    Side side;
  };

  std::string answer_to(const Access& access);
  void check_allowed(const Access& access);
  std::string name_of(std::size_t word) const;

  Trial& trial_;
  std::size_t slots_;
  std::map<std::string, End> ends_;
  std::vector<std::pair<std::size_t, std::uint64_t>> buffer_;
  std::string log_;
};

// "ok HEADER WORD…", as the code under test says it.
std::string text_of(std::uint32_t header, const std::vector<std::uint64_t>& words);

// "send NAME HEADER WORD…"
std::string send_question(const std::string& name, std::uint32_t header,
                          const std::vector<std::uint64_t>& words);

// A number that a seed decides, as the code under test chooses its own (splitmix64).
constexpr std::uint64_t mixed(std::uint64_t seed) {
  std::uint64_t word = seed + 0x9e3779b97f4a7c15;
  word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9;
  word = (word ^ word >> 27) * 0x94d049bb133111eb;
  return word ^ word >> 31;
}

}  // namespace lab
