// bochs.hh — a machine as Bochs' configuration.

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "machine/config.hh"

namespace sprat::grading {

// The name of the disc in the folder where Bochs runs (quick_disc.hh).
inline constexpr char kBochsDisc[] = "disc";

// Writes what Bochs reads into `folder`, where it must run. The serial port goes to `serial`: a
// terminal device, or a path that is only written to.
void write_bochs_files(const MachineConfig& config, const std::filesystem::path& folder,
                       const std::string& serial, bool serial_is_terminal);

// Bochs' arguments, to be run in that folder. Its standard output is the protocol channel, with
// Bochs' own words around it; its standard error is its log. Asks Bochs once per process which version's arguments it
// takes (0.1 s). Throws MachineError when there is no Bochs.
std::vector<std::string> bochs_arguments();

// Bochs' standard output without Bochs' own words: the guest's output on port 0xe9, line by line.
class BochsSieve {
 public:
  void take(std::string_view output);  // the next piece of Bochs' output
  void end();                          // there is no more, so an unfinished line is a line

  const std::string& text() const { return text_; }

 private:
  void take_line(std::string_view line);

  std::string unfinished_;
  bool begun_ = false;  // Bochs has said that it is at the first tick
  std::string text_;
};

// The messages of the log.
struct BochsLog {
  std::uint64_t ticks = 0;  // of its last line
  bool triple_fault = false;
  bool reset = false;  // by the guest
  std::string panic;   // why Bochs gave up, if the guest did not ask for that: its last such line
};
BochsLog read_bochs_log(std::string_view log);

}  // namespace sprat::grading
