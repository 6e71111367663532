// machine.hh — one emulated computer, from start to end.

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "machine/config.hh"
#include "machine/registers.hh"
#include "machine/run_result.hh"
#include "machine/typing.hh"

namespace sprat::grading {

// A person at the console.
struct Person {
  int keyboard = -1;                          // readable when there are keys; -1: no keys come
  std::function<std::optional<Keys>()> keys;  // what was typed; nothing: the person leaves
  // The keys that are typed when the person leaves; the machine goes on alone. Silence counts from then on.
  // Empty: leaving stops the machine, and until then neither silence nor the wall ceiling ends the run.
  std::string last_keys = {};
  std::string prompt = {};  // what the console shows when the guest listens; keys wait for it
};

// A machine runs at most once. It and all it started are gone with this object.
class Machine {
 public:
  // Checks the configuration; starts nothing. Throws MachineError.
  explicit Machine(const MachineConfig& config);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // Called with every new piece of the console while the machine runs.
  void on_console(std::function<void(std::string_view)> show);

  // Runs to the end. Throws MachineError when the emulator cannot be started, never for the guest's actions.
  RunResult run();
  RunResult run(const Person& person);

  // Runs until a line that begins with `prefix` has come on the protocol channel and stops the
  // machine there; nothing has happened to the guest but that time stands still. Returns nothing
  // when the line came; otherwise the run is over and this is its result. QEMU only.
  std::optional<RunResult> run_until(std::string_view prefix);

  // Of the stopped machine: its registers, one entry per cpu, and `bytes` of its memory from a
  // physical address. They throw MachineError when QEMU does not answer or the machine is not
  // stopped.
  std::vector<Registers> registers();
  std::vector<std::uint8_t> memory(std::uint64_t physical, std::size_t bytes);

  // Ends a stopped machine; its output so far.
  RunResult abandon();

 private:
  class Run;
  std::unique_ptr<Run> run_;
};

}  // namespace sprat::grading
