// emulation.hh — an emulator that runs, and all the channels to it.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "machine/bochs.hh"
#include "machine/channel.hh"
#include "machine/config.hh"
#include "machine/control.hh"
#include "machine/live_count.hh"
#include "machine/process.hh"
#include "machine/run_directory.hh"

namespace sprat::grading {

// When a channel brought something.
class OutputTimes {
 public:
  void note(Clock::time_point now) {
    if (!first_) first_ = now;
    last_ = now;
  }

  // Returns the last output's place between the first and `end`, 0 to 1. The time before the first belongs to the
  // loader.
  double share_until(Clock::time_point end) const {
    return first_ && end > *first_ ? seconds_between(*first_, last_) / seconds_between(*first_, end)
                                   : 0;
  }

 private:
  std::optional<Clock::time_point> first_;
  Clock::time_point last_;
};

class Emulation {
 public:
  // Starts the emulator of a valid configuration. `typed` says that the guest's console must take
  // keys. Throws MachineError.
  Emulation(const MachineConfig& config, bool typed);
  ~Emulation();
  Emulation(const Emulation&) = delete;
  Emulation& operator=(const Emulation&) = delete;

  // Waits until there is something to pump, the emulator has ended, `also` is readable (-1: none),
  // or so much time has passed.
  void wait(int also, int milliseconds) const;
  // Takes what has come on all channels; returns the console's part of it.
  std::string_view pump();
  // Returns false if its keyboard is full; try later.
  bool type(char key);
  // Nothing more will come.
  void end() { sieve_.end(); }

  bool on_bochs() const { return config_.emulator == Emulator::bochs; }
  Process& process() { return *process_; }
  Control* control() { return control_.get(); }  // QEMU only
  const Channel& console() const { return *console_; }
  bool output_flooded() const { return protocol_->flooded() || log_->flooded(); }
  const std::string& log() const { return log_->text(); }
  // The text that the guest said on the protocol channel.
  const std::string& protocol() const { return on_bochs() ? sieve_.text() : protocol_->text(); }
  const OutputTimes& console_times() const { return console_times_; }
  const OutputTimes& protocol_times() const { return protocol_times_; }
  Clock::time_point started() const { return started_; }

  // Returns the scope's count so far, and its report at the end; nothing and "" without it.
  std::optional<std::uint64_t> instructions();
  std::string scope_report() const;
  std::string scope_trace() const;

  // Of a stopped QEMU; nothing when it does not answer.
  std::optional<std::string> memory(std::uint64_t physical, std::size_t bytes);

 private:
  using Descriptors = std::vector<std::pair<int, int>>;

  // Returns all that the emulator sees, and where it runs.
  std::filesystem::path view() const { return directory_.path() / "view"; }
  std::filesystem::path boot_folder() const { return view() / "boot"; }
  void start_qemu(bool typed);
  void start_bochs(bool typed);
  void launch(std::vector<std::string> arguments, Descriptors descriptors,
              std::vector<std::filesystem::path> devices = {});

  MachineConfig config_;
  RunDirectory directory_;
  std::unique_ptr<Channel> console_, protocol_, log_;
  std::unique_ptr<Control> control_;
  std::unique_ptr<Process> process_;
  std::unique_ptr<LiveCount> live_;
  BochsSieve sieve_;
  OutputTimes console_times_, protocol_times_;
  Clock::time_point started_;
  // A pipe or terminal whose far end the guest's console reads. We keep that end of a pipe open as well: writing must
  // not be deadly when the emulator has just ended.
  int keys_to_guest_ = -1;
  int keys_of_guest_ = -1;
};

}  // namespace sprat::grading
