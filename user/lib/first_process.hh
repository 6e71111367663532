// first_process.hh — the beginning and the end of a program that the kernel starts itself: the first process of a core.

#pragma once

#include "lib/runtime.hh"
#include "sprat/first_process.hh"

namespace sprat {

// Returns the kernel's information for this process. For first processes only.
inline const FirstProcess& first_process() {
  return *reinterpret_cast<const FirstProcess*>(kFirstProcessAddress.value());
}

// Starts the runtime with all RAM of the core, and lets `run` run. `free_nodes`: how many of the empty CNodes the runtime may
// use, from the first on, 1 to kFreeNodes; the others are the program's. Called by `start` (lib/start.S).
[[noreturn]] void start_first_process(DispatcherFrame& frame, void (*run)(),
                                      std::size_t free_nodes = kFreeNodes);

// Prints the text that the console still holds, and ends the machine, well or with failure.
[[noreturn]] void end_machine(bool well);

// Prints the failure and the core, and ends the machine with failure.
[[noreturn]] void end_with_error(const char* what, Error error);

// The value of `result`. Without one, the program ends with its error.
template <class T>
T must(Result<T> result, const char* what) {
  if (!result) end_with_error(what, result.error());
  if constexpr (!std::is_void_v<T>) return std::move(result.value());
}

}  // namespace sprat
