// authority.hh — the requests that a caller of the monitor may make: the badge of its endpoint decides.
//
//      63    62 61                                            0
//     ┌────────┬───────────────────────────────────────────────┐
//     │ kind   │ number of a process                           │
//     └────────┴───────────────────────────────────────────────┘
//
// The monitor makes all of these endpoints from its own, and gives each badge once: no process can make one, or change one that it
// has (Method::mint). Numbers of processes are never used again, so that an endpoint that stands for a process which has
// ended stands for none.

#pragma once

#include "lib/processes.hh"

namespace sprat::monitor {

enum class Authority : std::uint8_t {
  of_process,    // over the process itself that has the endpoint
  over_process,  // over one process, for its parent
  over_core,     // over all of this core
};

struct Badge {
  Authority authority;
  std::uint64_t process;  // 0: none in particular

  static constexpr unsigned kNumberBits = 62;

  constexpr std::uint64_t raw() const {
    return static_cast<std::uint64_t>(authority) << kNumberBits | process;
  }
  static constexpr Badge of(std::uint64_t raw) {
    return {static_cast<Authority>(raw >> kNumberBits),
            raw & ((std::uint64_t{1} << kNumberBits) - 1)};
  }
};

// Returns the authority that a request needs; that of a part (part.hh) is made by a process for itself.
constexpr Authority needed_for(Request request) {
  //@ since monitor
  if (!is_before(request, first_request::over_core)) return Authority::over_core;
  //@ end
  switch (request) {
    case Request::wait:
    case Request::kill: return Authority::over_process;
    case Request::process:
    case Request::core:
    case Request::memory:
    case Request::census:
    case Request::power_off: return Authority::over_core;
    case Request::exit:
    case Request::text:
    case Request::run:
    case Request::quota:
    case Request::offer:
    case Request::find: break;
  }
  return Authority::of_process;
}

}  // namespace sprat::monitor
