// process.hh — a child process that is never left behind: killed with us, with all it started, and measured while it runs.

#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "machine/run_directory.hh"
#include "machine/wall.hh"

namespace sprat::grading {

struct Command {
  std::vector<std::string> arguments;  // the program first, found through PATH
  // The child's file descriptors: {ours, child's}. Everything else is closed;
  // standard input, output and error are /dev/null where they are not given.
  std::vector<std::pair<int, int>> descriptors = {};
  std::filesystem::path folder = {};  // where a trusted program runs; empty: here
  // "NAME=VALUE", beside the few variables that every child gets (see inherited_environment).
  std::vector<std::string> environment = {};
  unsigned cpu_seconds = 0;  // most processor time of a trusted program; 0: any
};

// Returns the environment of every trusted child: PATH, HOME, TMPDIR, TERM, USER and LOGNAME as they are here, and
// LC_ALL=C.UTF-8. Nothing else that is set here may change what a child says or does: no MAKEFLAGS, no CPATH, no
// LD_PRELOAD, no language.
std::vector<std::string> inherited_environment();

// Which of its Limits a child behind the wall exceeded.
enum class Excess : int { none, memory, tasks, disk };

// How a process ended: its exit status, or the signal that ended it. Behind a wall of namespaces a signal is seen as the
// status 128 + signal.
struct ExitStatus {
  int code = 0;
  int signal = 0;
  Excess excess = Excess::none;  // the warden ended it for that
};

// Whether a process moves: the numbers that this computer's kernel has about it and its children.
struct Activity {
  double cpu_seconds = 0;
  bool runnable = false;    // some thread runs or waits for a processor
  long resident_bytes = 0;  // memory in use
  unsigned tasks = 0;       // processes and threads
};

// That of a process and all its descendants; of all the descendants only, without `self`.
Activity activity_of(pid_t process, bool self);

// Says that a program is one of ours, or of the system's with nothing in its hands that a submission has written.
struct Trusted {};

class Process {
 public:
  // Starts a trusted command in a process group of its own, entrusted to the keeper of `directory`, which must outlive
  // this. Throws MachineError when the program cannot be started.
  Process(const Command& command, Trusted, RunDirectory& directory);
  // Starts a command behind a wall, under a warden (warden.hh). Its Limits hold; `folder` and `cpu_seconds` of the command do not. Throws MachineError when it
  // cannot be started.
  Process(const Command& command, const Confinement& confinement, RunDirectory& directory);
  ~Process();  // kills what is left of it
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Readable once the process has ended, for poll().
  int ended_descriptor() const { return pidfd_; }

  // How it ended; nothing while it runs. Once it has ended, nothing that it started is left: of a trusted process, nothing
  // in its group; behind a wall, nothing at all.
  std::optional<ExitStatus> ended();

  // Ends it, with all that `ended` speaks of.
  void kill_group();

  Activity activity() const;

 private:
  template <typename Start>
  void start(const Command& command, Start start);
  ExitStatus wait_for_it();

  RunDirectory& directory_;
  bool guarded_;
  pid_t pid_ = -1;  // of a guarded process, the warden
  int pidfd_ = -1;
  int report_ = -1;  // the warden's
  std::optional<ExitStatus> status_;
};

}  // namespace sprat::grading
