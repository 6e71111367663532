// serial_port.cc — three registers of a 16550 UART (PC16550D data sheet, section 8).

#include "shell/serial_port.hh"

#include "sprat/fields.hh"

namespace sprat::shell {
namespace {

enum Port : std::uint64_t { data = 0, interrupt_enable = 1, modem_control = 4, line_status = 5 };

namespace interrupt_fields {
inline constexpr Field data_ready{"data-ready", 0, 1};
inline constexpr Layout<std::uint8_t, 1> layout{"interrupt enable", {data_ready}};
}  // namespace interrupt_fields

namespace modem_fields {
inline constexpr Field terminal_ready{"terminal-ready", 0, 1};
inline constexpr Field request_to_send{"request-to-send", 1, 1};
inline constexpr Field interrupts{"interrupts", 3, 1};
inline constexpr Layout<std::uint8_t, 3> layout{"modem control",
                                                {terminal_ready, request_to_send, interrupts}};
}  // namespace modem_fields

namespace status_fields {
inline constexpr Field data_ready{"data-ready", 0, 1, Access::read_only};
inline constexpr Layout<std::uint8_t, 1> layout{"line status", {data_ready}};
}  // namespace status_fields

}  // namespace

Result<std::uint8_t> SerialPort::in(std::uint64_t port) const {
  const auto value = TRY(invoke(ports_.address(), Method::in, port, 1));
  return static_cast<std::uint8_t>(value[0]);
}

Result<void> SerialPort::out(std::uint64_t port, std::uint8_t value) const {
  TRY(invoke(ports_.address(), Method::out, port, 1, value));
  return {};
}

Result<void> SerialPort::start(CapRef<Type::notification> notification) {
  TRY(invoke(line_.address(), Method::bind, 0, notification.address().raw()));
  const auto modem = Bits<modem_fields::layout>()
                         .with<modem_fields::terminal_ready>(1)
                         .with<modem_fields::request_to_send>(1)
                         .with<modem_fields::interrupts>(1);
  TRY(out(Port::modem_control, modem.raw()));
  const auto enable = Bits<interrupt_fields::layout>().with<interrupt_fields::data_ready>(1);
  return out(Port::interrupt_enable, enable.raw());
}

// First this, then reading: a byte that comes in between is read, and one that comes later interrupts.
void SerialPort::acknowledge() {
  static_cast<void>(invoke(line_.address(), Method::acknowledge, 0));
}

std::optional<char> SerialPort::read() {
  const auto status = in(Port::line_status);
  if (!status) return {};
  if (Bits<status_fields::layout>(status.value()).get<status_fields::data_ready>() == 0) return {};
  const auto byte = in(Port::data);
  if (!byte) return {};
  return static_cast<char>(byte.value());
}

}  // namespace sprat::shell
