// confine.hh — how a process gets behind its wall: the preparation, and the last steps until it is the program.

#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "machine/process.hh"
#include "machine/run_directory.hh"
#include "machine/wall.hh"

namespace sprat::grading {

// As exec() wants words, with a null pointer at the end; they live as long as `words`.
std::vector<char*> pointers_to(const std::vector<std::string>& words);

// Makes the writable folders. Where the command gets a user of its own, that user owns them and all that is in them,
// and the command's pipes, and is returned. Throws MachineError.
std::optional<uid_t> prepare(const Command& command, const Confinement& confinement,
                             RunDirectory& directory);

// Returns the variables of a program behind the wall, as "NAME=VALUE".
std::vector<std::string> environment_behind(const Confinement& confinement);

// Makes the calling process the program of `command`, behind the wall and with its limits. Returns, with errno set, when
// that fails. `environment` ends with a null pointer.
void enter(const std::vector<std::string>& command, const Confinement& confinement,
           std::optional<uid_t> user, const std::vector<char*>& environment);

}  // namespace sprat::grading
