// main.cc — which question is which.

#include "questions.hh"

void subject::answer(const std::string& kind, Question& question) {
  if (kind == "uart") {
    ask_uart(question);
  } else if (kind == "memory") {
    ask_memory_map(question);
  } else if (kind == "space") {
    ask_address_space(question);
  } else if (kind == "backtrace") {
    ask_backtrace(question);
  } else if (kind == "symbol") {
    ask_symbol(question);
  } else {
    say("error unknown-question");
  }
}
