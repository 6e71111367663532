// session.hh — the whole system with its programs, and keys typed as from a file.

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "machine/machine.hh"

// Where everything was built.
std::filesystem::path build_folder();

struct Session {
  sprat::grading::Emulator emulator = sprat::grading::Emulator::qemu;
  std::string typed =
      {};  // then ^D. The lines behind a line "@TEXT" are typed when TEXT is on the console, behind the TEXT before
  unsigned cores = 1;
  std::vector<std::string> more = {};  // modules besides the shell and its programs: command lines
  std::filesystem::path kernel = build_folder() / "kernel/sprat.elf";
  bool watched = false;  // by the scope, which notes events as well
  double wall_seconds = 60;
};

// The machine of the session, without typed keys.
sprat::grading::MachineConfig machine_of(const Session& session);

// The same with typed keys, and a machine that `change` has changed.
sprat::grading::RunResult session(
    const Session& session,
    const std::function<void(sprat::grading::MachineConfig&)>& change = [](auto&) {});

// The number in that environment variable, or `otherwise` if there is none.
std::uint64_t from_environment(const char* name, std::uint64_t otherwise);

// It ended as it should, and these texts are on the console, in this order.
void expect_session(const sprat::grading::RunResult& result,
                    std::initializer_list<const char*> texts);

// The text that `command` has printed the n-th time, from 1; empty if it was typed less often.
std::string printed_by(const std::string& command, const std::string& console, int n);

// The n-th table that the command `census` has printed, from 1; empty if there are fewer.
std::string census(const std::string& console, int n);
