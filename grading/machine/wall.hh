// wall.hh — the wall around a program that is not trusted: the files it sees, the resources it may use, and which of
// the walls stands on this computer.

#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "machine/reach.hh"

namespace sprat::grading {

enum class WallKind {
  namespaces,  // bubblewrap: a file system, processes and network of its own; and a user of its own, where we are root
  user,  // a user of its own for each run; the kernel's Landlock hides the file system, where there is Landlock
  landlock,  // Landlock alone, for a grader that is not root
  none,      // no wall, only limits
};

// As on command lines and in results: "namespaces", "user", "landlock", "none".
std::string_view name_of(WallKind kind);
std::optional<WallKind> wall_named(std::string_view name);

// Proof that a wall was chosen: nothing that is not trusted starts without a value of this type.
class Wall {
 public:
  // Returns the best wall that works here, found out by a trial of each (about 25 ms), once per process. Throws
  // MachineError, which says what to install or allow, where none does.
  static Wall found();

  // Returns the wall that a grading around this process has chosen (SPRAT_WALL in the environment), else found().
  static Wall standing();

  // Returns a wall of this kind, without a trial.
  static Wall of(WallKind kind) { return Wall(kind); }

  WallKind kind() const { return kind_; }

 private:
  explicit Wall(WallKind kind) : kind_(kind) {}

  WallKind kind_;
};

// The limits of a program behind the wall. The warden (warden.hh) watches memory, tasks and disk of all its processes
// together; the system enforces the others.
struct Limits {
  unsigned cpu_seconds = 0;                         // of each process; 0: any
  std::size_t memory_bytes = std::size_t{2} << 30;  // resident, all processes together
  unsigned tasks = 64;                              // processes and threads at a time
  std::size_t file_bytes = std::size_t{64} << 20;   // of each file
  std::size_t disk_bytes = std::size_t{256} << 20;  // of all that is in the writable folders
};

// One program's place behind the wall. Beside the system (/usr, the libraries, a minimal /dev) it sees `folder`, and
// nothing else of this computer: no other folder, no network, no process that is not its own. Its environment is PATH,
// LC_ALL, HOME and TMPDIR, and the variables that the command adds.
struct Confinement {
  Wall wall;
  std::filesystem::path folder;        // absolute; it sees this folder, and runs there
  std::filesystem::path runs_in = {};  // a folder below `folder`, relative to it
  std::vector<std::filesystem::path> writable =
      {};  // folders below `folder`, relative to it; made if they are missing
  std::vector<std::filesystem::path> devices =
      {};                // device files of this computer that it may use as well
  bool listens = false;  // it may have a socket that waits for connections, and none ever comes
  std::vector<std::string> tools =
      {};  // programs it needs beside its own, if they are installed outside of /usr
  Limits limits = {};
};

// Returns the arguments that run `command` behind a wall of namespaces. The descriptor `filter`, if it is not -1, holds
// a filter of system calls (filter.hh). Bubblewrap finds the folders at `places`; missing ones, at their own paths.
std::vector<std::string> bubblewrap_arguments(const Confinement& confinement,
                                              const std::vector<std::string>& command, int filter,
                                              const Places& places = {});

// Returns the most tasks that the system lets such a program have: some more than its limit, so that the warden sees
// the excess.
unsigned most_tasks(const Limits& limits);

// Returns the parts of the system that a wall shows, all of them read-only: folders and files that exist here.
std::vector<std::filesystem::path> visible_system();

// Returns the folders of `command` and of the confinement's tools, if they are installed outside of /usr.
std::vector<std::filesystem::path> folders_of_tools(const Confinement& confinement,
                                                    const std::vector<std::string>& command);

// HOME and TMPDIR behind the wall: a folder it may write to, if it has one.
std::string scratch_folder(const Confinement& confinement);

}  // namespace sprat::grading
