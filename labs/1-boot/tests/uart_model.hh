// uart_model.hh — a 16550 as strict as a data sheet: words of five bits until told otherwise, a byte written while the
// holding register is full is lost, and time passes only when the line status is read.

#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace lab {

class UartModel {
 public:
  // Starts in a state that `random` chooses: any divisor, any line control, whatever the firmware may have left.
  explicit UartModel(std::mt19937_64& random);

  // The driver reads or writes the register at `offset` (0..7) from the first port.
  std::uint8_t read(unsigned offset);
  void write(unsigned offset, std::uint8_t value);

  // Bytes that left the line, as a terminal at 115,200 baud, 8 data bits, no parity, 1 stop bit, receives them.
  const std::string& received() const { return received_; }

  // Bytes that were written while the holding register was full.
  unsigned lost() const { return lost_; }

  // Whether the holding register waits for its byte to leave.
  bool busy() const { return busy_looks_ > 0; }

  // Returns the error in the settings of the line; empty when there is none.
  std::string complaint() const;

 private:
  bool divisor_latch() const { return (line_control_ & 0x80) != 0; }

  std::mt19937_64& random_;
  std::uint16_t divisor_;
  std::uint8_t interrupt_enable_;
  std::uint8_t line_control_;
  std::uint8_t modem_control_;
  bool fifos_enabled_ = false;
  unsigned busy_looks_ =
      0;  // how often the line status will still say that the holding register is full
  unsigned lost_ = 0;
  std::string received_;
};

}  // namespace lab
