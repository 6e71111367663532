// uart.cc — the serial port: set the line up once, then wait and send, byte by byte.

#include "x86/uart.hh"

#include "x86/cpu.hh"
#include "x86/io.hh"

namespace sprat::x86 {

std::uint8_t Uart::read(UartPort port) const {
  return in8(static_cast<std::uint16_t>(first_port_ + static_cast<std::uint16_t>(port)));
}

void Uart::write(UartPort port, std::uint8_t value) const {
  out8(static_cast<std::uint16_t>(first_port_ + static_cast<std::uint16_t>(port)), value);
}

void Uart::initialise() const {
  //@ lab boot.1a: // Set the line up: divisor, word length, FIFOs, modem lines.
  constexpr std::uint16_t kDivisor = 1;  // 115,200 baud
  constexpr auto kLine = LineControl().with<line_control::word_length>(3);

  write(UartPort::line_control, kLine.with<line_control::divisor_latch>().raw());
  write(UartPort::data, kDivisor & 0xff);
  write(UartPort::interrupt_enable, kDivisor >> 8);
  write(UartPort::line_control, kLine.raw());
  write(UartPort::interrupt_enable, 0);
  write(UartPort::fifo_control, FifoControl()
                                    .with<fifo_control::enable>()
                                    .with<fifo_control::clear_receiver>()
                                    .with<fifo_control::clear_transmitter>()
                                    .raw());
  write(UartPort::modem_control, ModemControl()
                                     .with<modem_control::terminal_ready>()
                                     .with<modem_control::request_to_send>()
                                     .raw());
  //@ end
}

void Uart::send(std::uint8_t byte) const {
  //@ lab boot.1b: // Wait until the holding register is empty, then write the byte.
  while (LineStatus(read(UartPort::line_status)).get<line_status::holding_empty>() == 0) pause();
  write(UartPort::data, byte);
  //@ end
}

void Uart::drain() const {
  while (LineStatus(read(UartPort::line_status)).get<line_status::transmitter_empty>() == 0)
    pause();
}

}  // namespace sprat::x86
