// uart_test.cc — exercise 1: the serial driver against a strict model, and on two emulators.

#include "grading/guest/sequence.hh"
#include "lab/trial.hh"
#include "uart_model.hh"

using namespace sprat::grading;

namespace {

constexpr std::uint64_t kCom1 = 0x3f8;
constexpr unsigned kMostAccesses = 100'000;  // of one call; no correct driver comes near

// Plays the UART for one call of the driver: each line of the subject is a port access until it is done.
void play(Trial& trial, lab::UartModel& model, const std::string& question) {
  std::string line = trial.ask(question);
  for (unsigned access = 0; line != "done"; ++access) {
    if (access == kMostAccesses) {
      trial.fail({Verdict::hang_silent, question + " returns",
                  "it is still accessing ports after " + std::to_string(access) + " accesses",
                  "the loop that waits never sees what it waits for"});
    }
    char* rest = line.data() + line.find(' ') + 1;
    const std::uint64_t port = std::strtoull(rest, &rest, 16);
    if (port < kCom1 || port > kCom1 + 7) {
      trial.wrong("accesses to the UART's eight ports, 0x3f8 to 0x3ff",
                  (line.starts_with("in ") ? "a read of port " : "a write to port ") + hex(port),
                  "Uart was constructed with its first port");
    }
    const auto offset = static_cast<unsigned>(port - kCom1);
    if (line.starts_with("in ")) {
      char reply[8];
      std::snprintf(reply, sizeof reply, "%x", model.read(offset));
      line = trial.ask(reply);
    } else {
      model.write(offset, static_cast<std::uint8_t>(std::strtoull(rest, nullptr, 16)));
      line = trial.ask("ok");
    }
  }
}

std::string send_question(std::uint8_t byte) {
  char text[16];
  std::snprintf(text, sizeof text, "uart send %x", byte);
  return text;
}

// "1 byte has left: 0x41", "3 bytes have left, the last is 0x41"
std::string what_was_sent(const std::string& bytes) {
  if (bytes.empty()) return "no byte has left";
  const std::string last = hex(static_cast<std::uint8_t>(bytes.back()));
  if (bytes.size() == 1) return "1 byte has left: " + last;
  return std::to_string(bytes.size()) + " bytes have left, the last is " + last;
}

// Compares the text between <<< and >>> with the text that the guest had to send.
void check_console(Trial& trial) {
  constexpr unsigned kBytes = 2000;
  const Booted booted = trial.boot({.test = "console"});
  std::string sent = "<<<";
  sprat::evidence::Sequence sequence(booted.seed);
  for (unsigned i = 0; i < kBytes; ++i) sent += static_cast<char>('!' + sequence.next() % 94);
  sent += ">>>";
  if (booted.run.console.find(sent) != std::string::npos) return;

  const std::size_t begin = booted.run.console.find("<<<");
  if (begin == std::string::npos) {
    trial.wrong("2,000 bytes between <<< and >>> on the console",
                booted.run.console.empty()
                    ? "nothing at all"
                    : "the console has no <<<: \"" + booted.run.console.substr(0, 60) + "\"",
                "nothing readable arrives when the line is not set up: word length, divisor");
  }
  const std::string came = booted.run.console.substr(begin, sent.size());
  const auto differs = std::ranges::mismatch(sent, came).in1 - sent.begin();
  trial.wrong("byte " + std::to_string(differs) + ": \"" + sent.substr(differs, 20) + "\"",
              "\"" + came.substr(differs, 20) + "\"",
              "a byte was lost or changed there: was the holding register empty?");
}

}  // namespace

LAB_TEST(uart, line_is_set_up_from_any_state, "host") {
  for (unsigned round = 0; round < 40; ++round) {
    lab::UartModel model(trial.random());
    play(trial, model, "uart initialise");
    if (const std::string complaint = model.complaint(); !complaint.empty()) {
      trial.wrong(
          "115,200 baud, 8 data bits, no parity, 1 stop bit, FIFOs on, no interrupts, terminal "
          "ready",
          complaint, "the UART may have been left in any state before");
    }
  }
}

LAB_TEST(uart, every_byte_waits_its_turn, "host") {
  lab::UartModel model(trial.random());
  // The line is set up by the test, so that this exercise's other half is not needed here.
  for (const auto& [offset, value] :
       {std::pair(3u, 0x83), {0u, 1}, {1u, 0}, {3u, 0x03}, {2u, 0x07}, {4u, 0x03}}) {
    model.write(offset, static_cast<std::uint8_t>(value));
  }
  std::string sent;
  for (unsigned i = 0; i < 300; ++i) {
    const auto byte = static_cast<std::uint8_t>(trial.below(256));
    play(trial, model, send_question(byte));
    sent += static_cast<char>(byte);
    if (model.lost() > 0) {
      trial.wrong("byte " + std::to_string(i) + " waits until the holding register is empty",
                  "it was written while the register was full, and is lost",
                  "read line status before the write, and again while bit 5 is clear");
    }
    if (model.received() == sent) continue;
    trial.wrong(what_was_sent(sent), what_was_sent(model.received()), "one byte in, one byte out");
  }
}

LAB_TEST(uart, long_text_arrives_on_qemu, "qemu-icount") { check_console(trial); }

LAB_TEST(uart, long_text_arrives_on_bochs, "bochs") { check_console(trial); }
