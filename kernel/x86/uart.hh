// uart.hh — the serial port: a 16550 UART, polled.
//
// Source: National Semiconductor PC16550D data sheet (1995), section 8, "Registers".

#pragma once

#include "sprat/fields.hh"

namespace sprat::x86 {

// The fields of the registers. The registers' offsets from the UART's first port are in `UartPort`.
namespace line_control {
inline constexpr Field word_length{"word-length", 0, 2};  // 0..3: words of 5..8 bits
inline constexpr Field two_stop_bits{"two-stop-bits", 2, 1};
inline constexpr Field parity{"parity", 3, 3};  // 0: none
inline constexpr Field break_signal{"break", 6, 1};
inline constexpr Field divisor_latch{"divisor-latch", 7, 1};  // 1: ports 0 and 1 are the divisor
inline constexpr Layout<std::uint8_t, 5> layout{
    "line control", {word_length, two_stop_bits, parity, break_signal, divisor_latch}};
}  // namespace line_control

namespace line_status {
inline constexpr Field data_ready{"data-ready", 0, 1, Access::read_only};
inline constexpr Field errors{"errors", 1, 4, Access::read_only};
inline constexpr Field holding_empty{"holding-empty", 5, 1, Access::read_only};
inline constexpr Field transmitter_empty{"transmitter-empty", 6, 1, Access::read_only};
inline constexpr Field fifo_error{"fifo-error", 7, 1, Access::read_only};
inline constexpr Layout<std::uint8_t, 5> layout{
    "line status", {data_ready, errors, holding_empty, transmitter_empty, fifo_error}};
}  // namespace line_status

namespace fifo_control {
inline constexpr Field enable{"enable", 0, 1, Access::write_only};
inline constexpr Field clear_receiver{"clear-receiver", 1, 1, Access::write_only};
inline constexpr Field clear_transmitter{"clear-transmitter", 2, 1, Access::write_only};
inline constexpr Field trigger{"trigger", 6, 2, Access::write_only};
inline constexpr Layout<std::uint8_t, 4> layout{
    "FIFO control", {enable, clear_receiver, clear_transmitter, trigger}};
}  // namespace fifo_control

namespace modem_control {
inline constexpr Field terminal_ready{"terminal-ready", 0, 1};
inline constexpr Field request_to_send{"request-to-send", 1, 1};
inline constexpr Field out1{"out1", 2, 1};
inline constexpr Field interrupts{"interrupts", 3, 1};
inline constexpr Field loopback{"loopback", 4, 1};
inline constexpr Layout<std::uint8_t, 5> layout{
    "modem control", {terminal_ready, request_to_send, out1, interrupts, loopback}};
}  // namespace modem_control

using LineControl = Bits<line_control::layout>;
using LineStatus = Bits<line_status::layout>;
using FifoControl = Bits<fifo_control::layout>;
using ModemControl = Bits<modem_control::layout>;

// Offsets from the UART's first port. Data and interrupt enable are the divisor's low and high byte while
// LineControl's divisor-latch bit is set.
enum class UartPort : std::uint16_t {
  data = 0,
  interrupt_enable = 1,
  fifo_control = 2,
  line_control = 3,
  modem_control = 4,
  line_status = 5,
  //@ since cpu-driver
  scratch = 7,
  //@ end
};

inline constexpr std::uint16_t kCom1 = 0x3f8;

class Uart {
 public:
  // `first_port` is the UART's first I/O port; nothing is touched yet.
  constexpr explicit Uart(std::uint16_t first_port) : first_port_(first_port) {}

  // Makes the line 115,200 baud, 8 data bits, no parity, 1 stop bit, FIFOs on, no interrupts, terminal ready.
  // Assumes nothing about the state the UART was left in.
  void initialise() const;

  // Sends one byte. Waits until the holding register is empty, so that no byte is lost however slow the line.
  void send(std::uint8_t byte) const;

  // Waits until the last bit has left the line.
  void drain() const;

  //@ since cpu-driver
  // Whether the FIFO is empty: then it takes 16 bytes.
  bool is_empty() const {
    return LineStatus(read(UartPort::line_status)).get<line_status::holding_empty>() != 0;
  }

  // Sends one byte without looking whether there is room for it.
  void put(std::uint8_t byte) const { write(UartPort::data, byte); }

  // Returns the scratch register: a byte that the UART keeps, and that means nothing to it.
  std::uint8_t scratch() const { return read(UartPort::scratch); }
  void set_scratch(std::uint8_t value) const { write(UartPort::scratch, value); }
  //@ end

 private:
  std::uint8_t read(UartPort port) const;
  void write(UartPort port, std::uint8_t value) const;

  std::uint16_t first_port_;
};

}  // namespace sprat::x86
