// command_line.hh — how our programs read their command lines: by CLI11, whose header only options.cc files include.

#pragma once

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <string>

namespace sprat::grading {

constexpr int kStatusOfWrongUsage = 2;

// Prints help, or what is wrong, as `error` says, and exits with status 0 or 2.
[[noreturn]] inline void leave(const CLI::App& app, const CLI::Error& error) {
  std::exit(app.exit(error) == 0 ? 0 : kStatusOfWrongUsage);
}

// Says what is wrong with the command line, and exits with status 2.
[[noreturn]] inline void refuse(const CLI::App& app, const std::string& message) {
  leave(app, CLI::ValidationError(message));
}

// Reads a command line into the variables of the options that were added to `app`, or leaves.
inline void parse(CLI::App& app, int count, char** words) {
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& error) {
    leave(app, error);
  }
}

}  // namespace sprat::grading
