// console.cc — the serial port as a place to print.

#include "debug/console.hh"

#include "x86/uart.hh"

namespace sprat::debug {
namespace {

constexpr x86::Uart kUart(x86::kCom1);
constinit Verbosity current_verbosity = Verbosity::info;

}  // namespace

void initialise_console() { kUart.initialise(); }

void set_verbosity(Verbosity verbosity) { current_verbosity = verbosity; }

Verbosity verbosity() { return current_verbosity; }

void write_console(std::string_view text) {
  for (const char letter : text) {
    if (letter == '\n') kUart.send('\r');
    kUart.send(static_cast<std::uint8_t>(letter));
  }
}

void drain_console() { kUart.drain(); }

}  // namespace sprat::debug
