// uart.cc — questions to the serial driver.
//
//   uart initialise        uart send 41        uart drain
//
// Each port access is a question back: `in 3fd`, answered by the value, or `out 3f8 41`, answered by anything.
// `done` ends the answer.

#include "x86/uart.hh"

#include "questions.hh"
#include "x86/io.hh"

namespace sprat::x86 {

std::uint8_t in8(std::uint16_t port) {
  subject::say("in " + subject::hex(port));
  return static_cast<std::uint8_t>(subject::Question(subject::listen()).number());
}

void out8(std::uint16_t port, std::uint8_t value) {
  subject::say("out " + subject::hex(port) + " " + subject::hex(value));
  subject::listen();
}

}  // namespace sprat::x86

void subject::ask_uart(Question& question) {
  constexpr sprat::x86::Uart kUart(sprat::x86::kCom1);
  const std::string what = question.word();
  if (what == "initialise") kUart.initialise();
  if (what == "send") kUart.send(static_cast<std::uint8_t>(question.number()));
  if (what == "drain") kUart.drain();
  say("done");
}
