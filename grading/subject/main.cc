// main.cc — the code under test as a program: reads questions, one a line, and answers each.
//
// It is compiled with sanitizers and runs in a process of its own, because it is not trusted. The test that asks knows
// the right answers; this program does not.

#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "question.hh"

namespace subject {

std::string Question::word() {
  std::string word;
  words_ >> word;
  return word;
}

std::uint64_t Question::number() { return std::strtoull(word().c_str(), nullptr, 16); }

bool Question::empty() { return (words_ >> std::ws).eof(); }

void say(const std::string& line) { std::cout << line << std::endl; }

std::string listen() {
  std::string line;
  if (!std::getline(std::cin, line)) std::exit(0);
  return line;
}

std::string hex(std::uint64_t number) {
  char text[17];
  std::snprintf(text, sizeof text, "%lx", static_cast<unsigned long>(number));
  return text;
}

}  // namespace subject

int main() {
  for (;;) {
    subject::Question question(subject::listen());
    const std::string kind = question.word();
    subject::answer(kind, question);
  }
}
