// filter.hh — system calls that no compiler, emulator or program under test needs, refused by the kernel's filter.

#pragma once

#include <linux/filter.h>

#include <vector>

namespace sprat::grading {

struct Allowance {
  // Signals to any process but the calling one. A program with the uid of the grader must not have them.
  bool signals = true;
  // A socket of TCP that listens on a port of the system's choice: Bochs' display needs one to start. The thread that would accept a
  // connection ends there.
  bool listening = false;
};

// Refuses (with EPERM) sockets, process groups and sessions, namespaces and mounts, debugging of other processes, memory that outlives its processes,
// limits and priorities of others, and actions that are not allowed.
std::vector<sock_filter> call_filter(const Allowance& allowance);

// Returns a descriptor of a file that holds the filter, as bubblewrap reads it; -1 when it cannot be made.
int filter_file(const std::vector<sock_filter>& filter);

// Puts the filter over this process and its children. Sets no_new_privs. False when the kernel refuses.
bool enforce(const std::vector<sock_filter>& filter);

}  // namespace sprat::grading
