// evidence.hh — how a test inside of the guest reports, on the debug port: answers to be compared with an oracle that
// the guest does not know, and expectations that failed. It never reports that it passed; that is for others to say.
// Tests in the kernel and tests in user space use it; each side brings its own way to the port.
//
//   SPRAT_GUEST_TEST(example) {
//     Session session(machine.command_line, "example");
//     EXPECT_EQ(session, 4u, two_and_two());       // goes on
//     ASSERT(session, pointer != nullptr);         // leaves the test
//     session.answer("sum", sum_of(machine.seed)); // the grader knows what it must be
//   }
//
// The lines are described in grading/README.md; each carries the nonce that this boot was given, and is seen to be said by
// this code.

#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "boot/command_line.hh"
#include "grading/guest/hex.hh"
#include "grading/guest/sequence.hh"
#include "sprat/text.hh"

namespace sprat::evidence {

// Writes to the debug port: kernel_port.cc, or what user space has.
void write(std::string_view text);

// Says text line by line, to the scope (speak.S) and on the debug port. A line of the protocol that came on the port and was
// not said is forged.
void say(std::string_view text);
void say(const Argument& value);

template <class... Values>
void say_all(const Values&... values) {
  (say(Argument(values)), ...);
}

// One test's report: begins when it is constructed and ends when it is destroyed.
class Session {
 public:
  // `words` are the words of the machine's or the program's command line; seed= and nonce= are among them.
  Session(const boot::CommandLine& words, std::string_view test);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Returns the number this boot was given to derive inputs from.
  std::uint64_t seed() const { return seed_; }

  // Answers the question `key` with a text made from `values`, separated by blanks; a key is answered once.
  template <class... Values>
  void answer(std::string_view key, const Values&... values) {
    begin_line("answer");
    say_all(key);
    (say_all(" ", values), ...);
    say_all("\n");
  }

  // Answers one line of a list: the key is `number`.
  template <class... Values>
  void answer_numbered(std::uint64_t number, const Values&... values) {
    begin_line("answer");
    say_all(number);
    (say_all(" ", values), ...);
    say_all("\n");
  }

  // Counts one expectation; if it does not hold, reports the place, the expected value and the actual one.
  template <class Expected, class Came>
  bool expect(bool holds, const char* file, unsigned line, const Expected& expected,
              const Came& came) {
    ++checks_;
    if (holds) return true;
    begin_line("fail");
    say_all(file, ":", line, " ", expected, " ~ ", came, "\n");
    return false;
  }

 private:
  void begin_line(std::string_view verb);

  std::array<char, 16> nonce_{};  // hexadecimal digits
  std::string_view test_;
  std::uint64_t seed_;
  std::uint64_t checks_ = 0;
};

}  // namespace sprat::evidence

#define EXPECT(session, condition) \
  (session).expect(static_cast<bool>(condition), __FILE__, __LINE__, #condition, "false")
#define EXPECT_EQ(session, expected, came) \
  (session).expect((expected) == (came), __FILE__, __LINE__, expected, came)
#define ASSERT(session, condition) \
  if (!EXPECT(session, condition)) return
#define ASSERT_EQ(session, expected, came) \
  if (!EXPECT_EQ(session, expected, came)) return
