// remote_processes.hh — processes on other cores: requests to the monitor of this core, which asks theirs.
//
//              words: request, then                       answer: status, then
// By the endpoint that stands for a process itself (processes.hh):
//   run_on     core, in bits 32 to 63 of the request;     a number; `quota_exceeded`: the caller and its other
//              Quota, of that core, as in `run`; the      descendants there have the caller's share of that core
//              command line came by `text`
//   span       as run_on                                  as run_on; the new process is one of the caller's dispatchers: when
//                                                         either ends, the other is ended too, unless a core has stopped
//   ran        that number; a notification goes along     process number; an endpoint, which stands for it, comes along
//
// By the endpoint that stands for the core:
//   process_of core, n, from 0; a notification goes along number, DispatcherState, 16 bytes of its name
//   kill_of    core, number of a process; the same        —
//
// The notification is signalled when the other core has answered; until then the answer is `again` (late_answers.hh).
//   peer_gone   that core has stopped
//   not_found   there is no such core, program or process

#pragma once

#include "lib/late_answers.hh"

namespace sprat {

enum class RemoteRequest : std::uint8_t {
  run_on = first_request::remote_processes,
  ran,
  span,
  process_of = first_request::over_remote_processes,
  kill_of,
};
static_assert(is_before(RemoteRequest::span, first_request::services));
static_assert(is_before(RemoteRequest::kill_of, first_request::over_services));

// The same as run_program, on core `core`: the process is made of that core's RAM.
Task<Child> run_program_on(std::uint64_t core, std::string_view command_line,
                           Quota quota = kParentsQuota);

// Adds a dispatcher on core `core` to this process: the same program, with this process's command line, of that core's RAM
// (span/span.hh).  The errors of run_program_on
Task<Child> add_dispatcher(std::uint64_t core, std::string_view command_line);

// The n-th process of core `core`, from 0, without an endpoint.  not_found: there are fewer, or there is no such core
Task<ProcessInfo> nth_process_of(std::uint64_t core, std::uint64_t n);

// Ends a process of core `core`.
Task<> kill_process_of(std::uint64_t core, std::uint64_t number);

}  // namespace sprat
