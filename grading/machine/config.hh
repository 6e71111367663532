// config.hh — the parts of a machine: emulator, kernel, modules, processors, memory, and its
// limits.

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "machine/wall.hh"

namespace sprat::grading {

// The grader's own trouble, never the guest's: a file that is missing, a tool that does not start.
// what() says what to do about it.
class MachineError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Emulator {
  qemu,         // every processor in a thread of its own: real races, no two runs alike
  qemu_icount,  // one thread, time counted in instructions: every run alike
  bochs,        // all processors in lockstep, strict devices: every run alike
};

// As on command lines and in records: "qemu", "qemu-icount", "bochs".
std::string_view name_of(Emulator emulator);
std::optional<Emulator> emulator_named(std::string_view name);

// A file the loader puts into memory beside the kernel; the guest finds it by the first word of its
// string.
struct BootModule {
  std::filesystem::path file;
  std::string string;  // "name arguments"
};

struct MachineConfig {
  Emulator emulator = Emulator::qemu_icount;
  std::filesystem::path kernel = {};
  std::vector<BootModule> modules = {};
  std::string command_line =
      {};  // without the kernel's name, which comes first in the guest on every emulator
  unsigned cpus = 1;
  unsigned memory_mib = 128;
  bool kvm = false;                    // qemu only
  unsigned instruction_time_bits = 0;  // qemu_icount: an instruction takes 2^n nanoseconds, n <= 10

  std::filesystem::path scope = {};  // the QEMU plugin; empty: nothing is counted
  std::string trust = {};            // tells the scope which program is trusted (scope/trust.hh)
  bool traces = false;               // the scope notes events as well (RunResult::trace)
  std::uint64_t guest_limit = 0;     // instructions on QEMU (needs scope), ticks on Bochs; 0: none
  double wall_seconds = 30;          // ceiling on an idle computer; grows with its load
  double silence_seconds = 1.5;      // nothing executed for so long means: halted for good
  std::size_t console_limit = 1 << 20;   // bytes
  std::size_t protocol_limit = 4 << 20;  // bytes
  Wall wall = Wall::standing();          // around the emulator

  // Throws MachineError, saying what to change, unless this machine can be started here.
  void validate() const;
};

}  // namespace sprat::grading
