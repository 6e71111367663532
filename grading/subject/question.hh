// question.hh — one question to the code under test: a line of words. Answers are lines too.

#pragma once

#include <cstdint>
#include <sstream>
#include <string>

namespace subject {

class Question {
 public:
  explicit Question(const std::string& line) : words_(line) {}

  std::string word();
  std::uint64_t number();  // hexadecimal
  bool empty();

 private:
  std::istringstream words_;
};

// Sends a line to the test.
void say(const std::string& line);

// Waits for the next line from the test; ends the program when there is none.
std::string listen();

std::string hex(std::uint64_t number);

// Answers a question, of which `kind` was the first word. Every lab's subject has its own.
void answer(const std::string& kind, Question& question);

}  // namespace subject
