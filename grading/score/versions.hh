// versions.hh — which compiler and emulators a result was made with.

#pragma once

#include <map>
#include <string>
#include <vector>

namespace sprat::grading {

// Returns a compiler as people name it, "g++" or "ccache g++ -m64", as the words of a command: split at blanks. Throws
// SetupError when there is none, or when make or a shell would see more in it than words.
std::vector<std::string> words_of_compiler(const std::string& compiler);

// "compiler", "qemu" and "bochs", each with the version it gives itself; without programs that are not installed. Asks
// once per program run, which takes about 0.2 s.
std::map<std::string, std::string> tool_versions(const std::vector<std::string>& compiler);

}  // namespace sprat::grading
