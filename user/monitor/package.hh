// package.hh — the contents of a new core's RAM: the header CorePackage, the monitor, and the programs that name this core.

#pragma once

#include "lib/caps.hh"
#include "sprat/first_process.hh"

namespace sprat::monitor {

// Writes the package for the core that `header` names, which has no files yet, to the beginning of `ram`, of which nothing is
// used, and leaves it unused. Gives the package's length in bytes, a multiple of 4 KiB.
//   not_found       the kernel did not hand a module over
//   out_of_memory   the files are longer than the RAM
Result<std::uint64_t> pack(const FirstProcess& process, CorePackage header, CapRef<Type::ram> ram);

}  // namespace sprat::monitor
