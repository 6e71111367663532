// control.hh — QEMU's control socket (QMP): questions to a machine that may be running, stopped or
// dead.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sprat::grading {

// Our end of a socket pair; the other end goes to QEMU. Every question waits for its answer, at
// most kAnswerSeconds.
class Control {
 public:
  static constexpr int kAnswerSeconds = 20;

  Control();  // throws MachineError when there are no more sockets
  ~Control();
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  int descriptor() const { return ours_; }
  int child_end() const { return childs_; }
  void close_child_end();

  // Reads what has come without waiting.
  void pump();

  // QEMU has answered a command, which it does only once its machine is built: until then, the reason for its end is no
  // fault of the guest.
  bool ready() const { return ready_; }

  // QEMU has announced that the guest reset the machine (or that a triple fault did), or powered it
  // off. The guest's earlier output on its other channels is in them by then. The machine is paused; from QEMU 9
  // on, a write to isa-debug-exit powers it off as well.
  bool guest_reset() const { return guest_reset_; }
  bool guest_powered_off() const { return guest_powered_off_; }
  bool open() const { return ours_ >= 0; }

  // Asks QEMU to end. A guest that powered the machine off has chosen the exit status already.
  void quit();

  // These return false or nothing when QEMU is gone or does not answer.
  bool stop();
  std::optional<std::string> registers();  // as the monitor prints them, of all processors
  // Copies `bytes` from the physical address to `file`, a plain path seen from the folder QEMU runs
  // in. The machine should be stopped.
  bool save_memory(std::uint64_t physical, std::uint64_t bytes, const std::string& file);

 private:
  // QEMU's answer, one line of JSON, to the fields of a command; nothing when it is an error.
  std::optional<std::string> ask(const std::string& command);
  void take_line(const std::string& line);
  bool wait_for_input(int milliseconds);

  int ours_ = -1;
  int childs_ = -1;
  std::string partial_;
  std::vector<std::string> answers_;
  bool ready_ = false;
  bool guest_reset_ = false;
  bool guest_powered_off_ = false;
};

}  // namespace sprat::grading
