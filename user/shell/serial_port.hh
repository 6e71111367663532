// serial_port.hh — the receiving half of the serial line: the kernel writes, the shell reads, and sleeps while no key
// comes.

#pragma once

#include <optional>

#include "lib/caps.hh"

namespace sprat::shell {

class SerialPort {
 public:
  // `ports`: those of the UART, which is set up but for interrupts; `line`: its interrupt, and nothing else.
  SerialPort(CapRef<Type::io_ports> ports, CapRef<Type::irq> line) : ports_(ports), line_(line) {}

  // From now on `notification` is signalled when there is something to read.  The errors of Method::bind, in and out
  Result<void> start(CapRef<Type::notification> notification);

  // Says that the notification came. Then `read` must be called until it gives nothing.
  void acknowledge();

  // Returns the next byte that came, if one did.
  std::optional<char> read();

 private:
  Result<std::uint8_t> in(std::uint64_t port) const;
  Result<void> out(std::uint64_t port, std::uint8_t value) const;

  CapRef<Type::io_ports> ports_;
  CapRef<Type::irq> line_;
};

}  // namespace sprat::shell
