// service_names.hh — names of services, which processes of all cores look up: requests of a process to its monitor, whose table has
// the names of all cores (agreement/names.hh).
//
//              words: request, then                       answer: status, then
// By the endpoint that stands for a process itself (processes.hh):
//   publish    16 bytes of a name                         —: the name is this process's on all cores; `again`: they vote,
//                                                         and my doorbell signals when they have
//   withdraw   16 bytes of a name                         —: soon, no core has it
//   look_up    16 bytes of a name                         core, process number
//   connect_to 16 bytes of a name                         channel, a number (channel_requests.hh)
//
// By the endpoint that stands for the core:
//   service    n, from 0                                  core, process number, 16 bytes of its name
//
// A name is gone with its process, and with its core.

#pragma once

#include "lib/channel_requests.hh"
#include "lib/task.hh"

namespace sprat {

enum class ServiceRequest : std::uint8_t {
  publish = first_request::services,
  withdraw,
  look_up,
  connect_to,
  service = first_request::over_services,
};
static_assert(is_before(ServiceRequest::connect_to, first_request::frames));

// A process that has published a name.
struct Publisher {
  std::uint64_t core = 0, process = 0;
  ProcessName name{};  // ends with zeros; one of 16 bytes does not
};

// Asks the monitor about `name`; gives the words after the status.  invalid_argument: it is no name (service_name)
Result<Words> ask_about(ServiceRequest request, std::string_view name);

// Returns the name in `text`.
//   invalid_argument   it is empty, has a zero, or is longer than 16 bytes
Result<ProcessName> service_name(std::string_view text);

// Makes `name` one of this process on all cores; it should listen (connection.hh). In a system of N cores the monitors send
// 4 (N - 1) messages.
//   in_use           a process has that name
//   busy             another core is registering it at this moment, or a link between monitors is full: try again
//   quota_exceeded   each name counts as a channel
//   out_of_memory    all cores together, or this one, have as many names as they can
Task<> publish(std::string_view name);

// Takes the name back.  not_found: this process has not published it
Result<void> withdraw(std::string_view name);

// Returns the process that has published `name`: no message to another core.
//   not_found   there is none, as far as this core knows
Result<Publisher> look_up(std::string_view name);

// The n-th name of all cores, from 0, for a process with authority over the core.  not_found: there are fewer
Result<Publisher> nth_service(std::uint64_t n);

}  // namespace sprat
