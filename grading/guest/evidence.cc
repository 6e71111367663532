// evidence.cc — the lines of a report.

#include "evidence.hh"

#include "x86/debug_port.hh"

namespace sprat::evidence {

void write(std::string_view text) { x86::debug_write(text); }

Session::Session(const debug::Machine& machine, std::string_view test)
    : nonce_(machine.command_line.get("nonce").value_or("0000000000000000")),
      test_(test),
      seed_(machine.command_line.get_hex("seed").value_or(0)) {
  begin_line("begin");
  debug::format(write, "{}\n", test_);
}

Session::~Session() {
  begin_line("end");
  debug::format(write, "{} {}\n", test_, checks_);
}

void Session::begin_line(std::string_view verb) { debug::format(write, "@{} {} ", nonce_, verb); }

}  // namespace sprat::evidence
