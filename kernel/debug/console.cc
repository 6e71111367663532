// console.cc — the serial port as a place to print.

#include "debug/console.hh"

//@ since cpu-driver
#include "x86/cpu.hh"
//@ end
#include "x86/uart.hh"

namespace sprat::debug {
namespace {

constexpr x86::Uart kUart(x86::kCom1);
constinit Verbosity current_verbosity = Verbosity::info;

//@ since cpu-driver
// Taking turns. All cores print on one UART, and they have no memory in common in which a lock could be. What they have in
// common is the UART. Its scratch register says whose turn it is: 0, nobody's, or 1 + an APIC id. There is no way to look
// and to write at once, so who has written must doubt (Fischer's algorithm; Lamport, A Fast Mutual Exclusion Algorithm, 1987):
//
//   core 1   sees 0  writes 2  doubts ...... sees 3: waits, till it sees 0
//   core 2       sees 0   writes 3  doubts ...... sees 3: has the turn, prints to the end of the line, writes 0
//
// A core that has seen 0 before core 2 wrote, and writes after core 2 has stopped doubting, would have the turn as well. On
// real processors, and on emulated ones that go in step, nothing comes between looking and writing, and the doubt takes
// longer than that. QEMU's processors are threads of the host, which may take one away just there: then the letters of two
// lines mix. And nobody waits longer than 50 ms for one core, which may have stopped. Both end when one core has the
// UART and the others send it messages, which comes with lab 3.
constexpr unsigned kDoubtPolls = 64;
constexpr std::uint64_t kPatiencesInSecond = 20;  // one is 50 ms; a line takes 10

constinit std::uint8_t own_number = 0;  // the APIC id
constinit std::uint64_t patience_cycles = 0;

std::uint8_t own_sign() { return static_cast<std::uint8_t>(own_number + 1); }

// Says that it is our turn; true when nobody says anything else for a while.
bool claim_turn() {
  kUart.set_scratch(own_sign());
  for (unsigned poll = 0; poll < kDoubtPolls; ++poll)
    if (kUart.scratch() != own_sign()) return false;
  return true;
}

// Waits until it is nobody's turn, or has been somebody's for too long.
void wait_for_turn() {
  std::uint64_t since = 0;
  std::uint8_t last = 0;
  for (std::uint8_t sign = kUart.scratch(); sign != 0; sign = kUart.scratch()) {
    const std::uint64_t now = x86::read_time_stamp();
    if (sign != last) since = now;
    if (now - since > patience_cycles) return;
    last = sign;
    x86::pause();
  }
}

void take_turn() {
  if (kUart.scratch() == own_sign()) return;
  do wait_for_turn();
  while (!claim_turn());
}
//@ end

}  // namespace

//@ since cpu-driver
void end_turn() {
  if (kUart.scratch() == own_sign()) kUart.set_scratch(0);
}

void join_console(std::uint32_t apic_id, std::uint64_t time_stamp_hz) {
  own_number = static_cast<std::uint8_t>(apic_id);
  patience_cycles = time_stamp_hz / kPatiencesInSecond;
}

//@ end
void initialise_console() {
  kUart.initialise();
  //@ since cpu-driver
  kUart.set_scratch(0);
  //@ end
}

void set_verbosity(Verbosity verbosity) { current_verbosity = verbosity; }

Verbosity verbosity() { return current_verbosity; }

void write_console(std::string_view text) {
  //@ since cpu-driver
  take_turn();
  //@ end
  for (const char letter : text) {
    if (letter == '\n') kUart.send('\r');
    kUart.send(static_cast<std::uint8_t>(letter));
  }
  //@ since cpu-driver
  if (text.ends_with('\n')) end_turn();
  //@ end
}

void drain_console() { kUart.drain(); }

}  // namespace sprat::debug
