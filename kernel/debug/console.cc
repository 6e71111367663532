// console.cc — the serial port as a place to print.

#include "debug/console.hh"

//@ since cpu-driver
#include "x86/cpu.hh"
//@ end
#include "x86/uart.hh"

namespace sprat::debug {
namespace {

constexpr x86::Uart kUart(x86::kCom1);
//@ since cpu-driver

// Taking turns. All cores print on one UART, and they share no memory in which a lock could be. They share the UART
// itself. Its scratch register says which core has the turn: 0, none, or 1 + an APIC id. Reading and writing it are two
// steps, so a core that has written reads again for a while (Fischer's algorithm; Lamport, A Fast Mutual Exclusion
// Algorithm, 1987):
//
//   core 1   sees 0  writes 2  doubts ...... sees 3: tries again when it sees 0
//   core 2       sees 0   writes 3  doubts ...... sees 3: has the turn, prints to the end of the line, writes 0
//
// A core that has seen 0 before core 2 wrote, and writes after core 2 has stopped doubting, would have the turn as well. On
// real processors, and on emulated ones that go in step, nothing comes between looking and writing, and the doubt takes
// longer than that. QEMU's processors are threads of the host, which may take one away just there: then the characters
// of two lines mix. No core waits longer than 50 ms for another one, which may have stopped.
//
// The kernel's own text, while it boots and when it panics, waits for the turn and for the UART. The text of a process
// does not: interrupts are off meanwhile. The process learns how much was written, and comes again.
//@ end
//@ since monitor
//
// When all cores run, only the monitor of core 0 prints here, for processes of all cores (user/monitor/console.hh): no lines of theirs
// mix. Other cores print here while they boot, and their last words when they panic.
//@ end
//@ since cpu-driver
constexpr unsigned kDoubtPolls = 64;
constexpr std::uint64_t kPatiencesInSecond = 20;  // one is 50 ms; a line takes 10

constinit std::uint8_t own_sign = 1;
constinit std::uint64_t patience_cycles = 0;

// Claims the turn. Returns true if no other core claims it during the next kDoubtPolls readings.
bool claim_turn() {
  kUart.set_scratch(own_sign);
  for (unsigned poll = 0; poll < kDoubtPolls; ++poll)
    if (kUart.scratch() != own_sign) return false;
  return true;
}

// Whether the core that shows `sign` has had the turn for too long. Called at each look at the sign.
bool is_stale(std::uint8_t sign) {
  static constinit std::uint8_t last = 0;
  static constinit std::uint64_t since = 0;
  const std::uint64_t now = x86::read_time_stamp();
  if (sign != last) since = now;
  last = sign;
  return now - since > patience_cycles;
}

// Takes the turn if no other core has it. Returns whether it is this core's now.
bool try_take_turn() {
  const std::uint8_t sign = kUart.scratch();
  const bool is_stopped = is_stale(sign);
  if (sign == own_sign) return true;
  return (sign == 0 || is_stopped) && claim_turn();
}

void take_turn() {
  while (!try_take_turn()) x86::pause();
}

// Bytes that the UART takes at once when it is empty.
constexpr std::size_t kFifoBytes = 16;
//@ end

}  // namespace

//@ since cpu-driver

void end_turn() {
  if (kUart.scratch() == own_sign) kUart.set_scratch(0);
}

void join_console(std::uint32_t apic_id, std::uint64_t time_stamp_hz) {
  own_sign = static_cast<std::uint8_t>(apic_id + 1);
  patience_cycles = time_stamp_hz / kPatiencesInSecond;
}

std::size_t try_write_console(std::string_view text) {
  if (text.empty() || !try_take_turn()) return 0;
  std::size_t written = 0;
  while (written < text.size() && kUart.is_empty()) {
    for (std::size_t room = kFifoBytes; written < text.size(); ++written) {
      const std::size_t bytes = text[written] == '\n' ? 2 : 1;
      if (bytes > room) break;
      room -= bytes;
      if (bytes == 2) kUart.put('\r');
      kUart.put(static_cast<std::uint8_t>(text[written]));
    }
  }
  if (slice(text, 0, written).ends_with('\n')) end_turn();
  return written;
}

//@ end
void initialise_console() {
  kUart.initialise();
  //@ since cpu-driver
  kUart.set_scratch(0);
  //@ end
}

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
