// versions.hh — which compiler and emulators a result was made with.

#pragma once

#include <map>
#include <string>

namespace sprat::grading {

// "compiler", "qemu" and "bochs", each with the version it gives itself; without those that are not
// installed. Asked once per program run, about 0.1 s.
const std::map<std::string, std::string>& tool_versions();

}  // namespace sprat::grading
