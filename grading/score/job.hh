// job.hh — running one command to its end, or to its limits, with all it prints in a log.

#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "machine/process.hh"

namespace sprat::grading {

struct Job {
  Command command;  // its standard output and error become the log
  // The wall around it. Nothing: it is a program of ours, and a submission's files are data to it.
  std::optional<Confinement> confinement = {};
  bool adds_to_log = false;   // `log` continues after an earlier job's output
  std::filesystem::path log;  // replaced; cut at `most_log_bytes`, the rest is read and dropped
  std::size_t most_log_bytes = 8 << 20;
  double most_seconds = 300;   // on an idle computer; see machine/load.hh
  long most_bytes = 3L << 30;  // of memory, its processes together; behind a wall, its Limits hold
  std::function<void()> while_it_runs;  // called about ten times a second; may be empty
};

struct JobEnd {
  enum class How {
    exited,
    signalled,
    too_long,
    too_much_memory,
    too_many_tasks,
    too_much_disk,
    interrupted
  };

  How how;
  int number = 0;  // the exit status, or the signal that ended it

  bool ok() const { return how == How::exited && number == 0; }
};

// Runs the job and waits. On return no process of its group is left, and behind a wall none at all. Throws MachineError when the
// command cannot be started, or when the log cannot be written.
JobEnd run(const Job& job);

// "exited with status 2", "was stopped after 300 s".
std::string describe(const JobEnd& end, const Job& job);

// From now on SIGINT, SIGTERM and SIGHUP end running jobs instead of this program; interrupted() is
// then the signal, and 0 until then.
void catch_interrupts();
int interrupted();

}  // namespace sprat::grading
