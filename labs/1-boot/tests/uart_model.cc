// uart_model.cc — registers as the data sheet lists them (PC16550D, table II).

#include "uart_model.hh"

namespace lab {
namespace {

constexpr std::uint8_t kHoldingEmpty = 0x20;
constexpr std::uint8_t kTransmitterEmpty = 0x40;
constexpr unsigned kLongestWait = 12;  // looks at the line status until a byte has left

}  // namespace

UartModel::UartModel(std::mt19937_64& random)
    : random_(random),
      divisor_(static_cast<std::uint16_t>(random())),
      interrupt_enable_(random() & 0x0f),
      line_control_(static_cast<std::uint8_t>(random())),
      modem_control_(random() & 0x1f) {}

std::uint8_t UartModel::read(unsigned offset) {
  switch (offset) {
    case 0: return divisor_latch() ? divisor_ & 0xff : 0;
    case 1: return divisor_latch() ? divisor_ >> 8 : interrupt_enable_;
    case 2: return fifos_enabled_ ? 0xc1 : 0x01;
    case 3: return line_control_;
    case 4: return modem_control_;
    case 5:
      if (busy_looks_ == 0) return kHoldingEmpty | kTransmitterEmpty;
      --busy_looks_;
      return 0;
    default: return 0;
  }
}

void UartModel::write(unsigned offset, std::uint8_t value) {
  if (offset == 0 && divisor_latch()) {
    divisor_ = static_cast<std::uint16_t>((divisor_ & 0xff00) | value);
  } else if (offset == 0) {
    if (busy_looks_ > 0) {
      ++lost_;
      return;
    }
    busy_looks_ = static_cast<unsigned>(random_() % kLongestWait);
    const unsigned word_bits = 5 + (line_control_ & 3);
    const bool understood = divisor_ == 1 && (line_control_ & 0x7c) == 0;
    const auto sent = static_cast<char>(value & ((1u << word_bits) - 1));
    received_ += understood ? sent : '\xff';
  } else if (offset == 1 && divisor_latch()) {
    divisor_ = static_cast<std::uint16_t>((divisor_ & 0x00ff) | value << 8);
  } else if (offset == 1) {
    interrupt_enable_ = value & 0x0f;
  } else if (offset == 2) {
    fifos_enabled_ = (value & 1) != 0;
  } else if (offset == 3) {
    line_control_ = value;
  } else if (offset == 4) {
    modem_control_ = value & 0x1f;
  }
}

std::string UartModel::complaint() const {
  if (divisor_latch()) return "the divisor latch is still open (line control, bit 7)";
  if (divisor_ != 1) return "the divisor is " + std::to_string(divisor_);
  if ((line_control_ & 3) != 3)
    return "words have " + std::to_string(5 + (line_control_ & 3)) + " bits";
  if ((line_control_ & 0x04) != 0) return "there are two stop bits";
  if ((line_control_ & 0x38) != 0) return "parity is on";
  if ((line_control_ & 0x40) != 0) return "the break signal is on";
  if (interrupt_enable_ != 0) return "interrupts are enabled";
  if (!fifos_enabled_) return "the FIFOs are off";
  if ((modem_control_ & 0x01) == 0) return "the terminal is not ready (modem control, bit 0)";
  if ((modem_control_ & 0x10) != 0) return "the UART talks to itself (modem control, loopback)";
  return "";
}

}  // namespace lab
