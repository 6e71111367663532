// console.hh — the kernel's text for people, on the serial port.

#pragma once

#include "sprat/text.hh"

namespace sprat::debug {

// How much the kernel says: results only, the steps of bringing a core up (the default), or everything.
enum class Verbosity : std::uint8_t { quiet, info, debug };
inline constinit Verbosity verbosity = Verbosity::info;

// Sets the serial port up. Nothing may be printed before.
void initialise_console();

// Writes `text` as it is but for line ends, which a terminal wants as two bytes. Returns when all of it is with
// the UART; costs two port accesses per byte or more.
//@ since cpu-driver
// It is then this core's turn to print until the line ends (console.cc); others wait, but not for ever.
//@ end
void write_console(std::string_view text);

//@ since cpu-driver
// From now on there may be several cores that print, told apart by their APIC ids, 0 to 254. The serial port is set up.
void join_console(std::uint32_t apic_id, std::uint64_t time_stamp_hz);

// Writes as much of the beginning of `text` as it can without waiting: nothing while another core's line is unfinished, and no
// more than the UART takes. Returns how many bytes of it were written; the caller comes again with the others.
std::size_t try_write_console(std::string_view text);

// Lets other cores print although the line has not ended, as after a prompt.
void end_turn();

//@ end
// Waits until the last byte has left the UART.
void drain_console();

template <class... Arguments>
void print(FormatText<std::type_identity_t<Arguments>...> text, const Arguments&... arguments) {
  format(write_console, text, arguments...);
}

// print, unless the command line says log=quiet.
template <class... Arguments>
void print_info(FormatText<std::type_identity_t<Arguments>...> text,
                const Arguments&... arguments) {
  if (verbosity >= Verbosity::info) format(write_console, text, arguments...);
}

}  // namespace sprat::debug
