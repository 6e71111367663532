// warden.hh — the process between us and one behind the wall: it watches what that uses, and ends all of it.
//
//      grader ──── warden ──── the command ──── whatever it starts
//                    ▲                               │
//                    └───── orphans become its ──────┘
//
// The warden is trusted: a fork of the grader. The kernel gives it every descendant whose parent has died, in whatever
// session or group, so that none is lost to it. It ends when the command has ended, when a limit is exceeded, when the
// grader asks (SIGTERM), and when the grader dies; each time only after all descendants are gone.

#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>

#include "machine/wall.hh"

namespace sprat::grading {

// A warden's report, written before it ends.
struct WardenReport {
  int raw_status;  // as waitpid() gives it; that of SIGKILL when the warden ended the command
  int excess;      // an Excess
};

// Runs in a fork of the grader whose process is `grader`, and does not return. `command` is called in the process that
// becomes the command; it returns only when it fails, having said so. The user of the command is `user`, if it has one of
// its own.
[[noreturn]] void guard(const Confinement& confinement, pid_t grader, std::optional<uid_t> user,
                        int report, const std::function<void()>& command);

}  // namespace sprat::grading
