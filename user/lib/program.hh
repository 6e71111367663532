// program.hh — the declaration of a program's main.

#pragma once

#include "lib/startup.hh"

namespace sprat {

// Every program defines it; the monitor is the only one that does not begin this way. The result is the process's exit code.
int main(const Startup& startup);

}  // namespace sprat
