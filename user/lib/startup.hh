// startup.hh — the resources of a new process: a page of information in its memory, and capabilities in its CSpace.
//
//   CSpace    node 1   kTaskNode: slots as in sprat/first_process.hh (those of devices are empty unless the monitor gave them),
//                      and the ProgramSlots below
//             node 2   kProgramFreeNode: empty
//   memory    its segments; a small stack for the beginning; the dispatcher's frame; Startup, in the page behind it

#pragma once

#include <array>
#include <cstdint>

#include "sprat/first_process.hh"

namespace sprat {

inline constexpr std::size_t kProgramFreeNode = 2;

// Further slots of the task CNode.
enum class ProgramSlot : std::uint8_t {
  ram = 16,  // 2^kProgramRamBits bytes, for whatever the process needs
  monitor,  // endpoint of the monitor that made it, for requests about the process itself (processes.hh)
  core,  // endpoint of that monitor for requests about the core; empty but for the shell
  //@ since memory
  memory,  // endpoint of the memory server, for requests about the process itself (memory_requests.hh)
  //@ end
  objects,  // from here on: the objects of its memory
};
inline constexpr unsigned kProgramRamBits = 19;

constexpr CapAddress task_slot(TaskSlot slot) {
  return CapAddress(kTaskNode, static_cast<std::size_t>(slot));
}
constexpr CapAddress task_slot(ProgramSlot slot) {
  return CapAddress(kTaskNode, static_cast<std::size_t>(slot));
}

inline constexpr VirtualAddress kStartupAddress = kFirstProcessAddress;

struct Startup {
  std::uint32_t core_id;
  std::uint32_t process_id;
  std::uint64_t tsc_hz;
  std::array<char, 120> command_line;  // "hello one two"; ends with a zero
  //@ since monitor
  // Of a process on several cores: its first dispatcher, if this is another one (span/span.hh). home_process is 0 if it is not.
  std::uint32_t home_core = 0, home_process = 0;
  //@ end
};
static_assert(sizeof(Startup) <= kPageSize);

}  // namespace sprat
