// bochs.cc — Bochs without a display, without fixed ports, and with a limit in guest time.

#include "machine/bochs.hh"

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "machine/tool.hh"

namespace sprat::grading {
namespace {

constexpr char kModel[] = "corei7_haswell_4770";
constexpr char kVideoBios[] = "video-bios";
// Ticks in a second of the guest's clocks. More would make its BIOS wait longer in wall time.
constexpr unsigned kTicksPerSecond = 4'000'000;

void write_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out(file);
  out << text;
  if (!out.flush()) throw MachineError("cannot write " + file.string() + "; is the disk full?");
}

// Bochs 2.7 starts its debugger whenever it has one. Bochs 3.0 starts it only when it is asked to, and otherwise
// ignores the debugger's commands, and with them the limit in guest time. The help text tells which of the two this is.
bool debugger_must_be_asked_for() {
  static const bool must = [] {
    RunDirectory directory;
    const ToolEnd help =
        run_tool({.arguments = {"bochs", "--help"}, .folder = directory.path()}, directory);
    return help.words.find("-debugger ") != std::string::npos;
  }();
  return must;
}

// Runs the machine, if need be no longer than its limit. A time breakpoint (`sb`) never strikes
// with more than one processor in Bochs 2.7, but stepping ends; stepping `all` with one processor
// crashes it.
std::string debugger_commands(const MachineConfig& config) {
  if (config.guest_limit == 0) return "c\n";
  return std::string("s ") + (config.cpus == 1 ? "" : "all ") + std::to_string(config.guest_limit) +
         "\nq\n";
}

// Where the Bochs that PATH leads to has its files: share/bochs beside the folder of the program.
std::filesystem::path share_of_bochs() {
  std::error_code ignored;
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (!std::filesystem::exists(std::filesystem::path(folder) / "bochs", ignored)) continue;
    const auto share = std::filesystem::path(folder).parent_path() / "share/bochs";
    if (std::filesystem::is_directory(share, ignored)) return share;
    break;
  }
  return "/usr/share/bochs";
}

// Links the video BIOS, which Bochs does not boot without, into the folder where Bochs runs, and returns the line that
// names it. Bochs 2.7 looks for VGABIOS-lgpl-latest by itself, Bochs 3.0 for the same name with .bin; Debian's package of
// either has the name without. Empty when no file of these names is there: then Bochs looks where it was built to look.
std::string link_video_bios(const std::filesystem::path& folder) {
  const std::filesystem::path share = share_of_bochs();
  for (const std::filesystem::path& file :
       {share / "VGABIOS-lgpl-latest", share / "VGABIOS-lgpl-latest.bin",
        std::filesystem::path("/usr/share/vgabios/vgabios.bin")}) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored)) continue;
    std::filesystem::remove(folder / kVideoBios, ignored);
    std::filesystem::create_symlink(file, folder / kVideoBios);
    return std::string("vgaromimage: file=") + kVideoBios + "\n";
  }
  return "";
}

// Calls `visit` with each line, without its end.
template <typename Visit>
void for_each_line(std::string_view text, Visit visit) {
  while (!text.empty()) {
    std::size_t end = text.find('\n');
    visit(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "(3) [0x" or "(3).[": where a processor stands, in the debugger's words.
bool tells_a_place(std::string_view line) {
  return line.size() > 6 && line[0] == '(' && is_digit(line[1]) && line[2] == ')' &&
         (line.substr(3, 4) == " [0x" || line.substr(3, 2) == ".[");
}

}  // namespace

void write_bochs_files(const MachineConfig& config, const std::filesystem::path& folder,
                       const std::string& serial, bool serial_is_terminal) {
  const std::string megs = std::to_string(config.memory_mib);
  write_file(folder / "bochsrc",
             "cpu: count=" + std::to_string(config.cpus) + ", model=" + kModel +
                 ", ips=" + std::to_string(kTicksPerSecond) +
                 ", reset_on_triple_fault=0\n"
                 "memory: guest=" +
                 megs + ", host=" + megs +
                 "\n"
                 // A BIOS that does not wait for a key.
                 "romimage: options=fastboot\n" +
                 link_video_bios(folder) +
                 "ata0-master: type=cdrom, path=" + std::string(kBochsDisc) +
                 ", status=inserted\n"
                 // An empty drive: the BIOS would wait a second for one that is not there.
                 "ata0-slave: type=cdrom, path=none, status=ejected\n"
                 "boot: cdrom\n"
                 // Guest time and nothing else: no wall clock anywhere.
                 "clock: sync=none, time0=1767225600\n"
                 // A display without a viewer, and no sound, for
                 // which Bochs would look on the host.
                 "display_library: rfb, options=\"timeout=0\"\n"
                 "speaker: enabled=1, mode=none\n"
                 "sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy\n"
                 "com1: enabled=1, mode=" +
                 (serial_is_terminal ? "term" : "file") + ", dev=" + serial +
                 "\n"
                 "port_e9_hack: enabled=1\n"
                 "log: -\n"
                 "info: action=report\n"
                 "error: action=report\n"
                 "panic: action=fatal\n");
  write_file(folder / "commands", debugger_commands(config));
}

std::vector<std::string> bochs_arguments() {
  std::vector<std::string> arguments = {"bochs", "-q", "-f", "bochsrc"};
  if (debugger_must_be_asked_for()) arguments.push_back("-debugger");
  arguments.insert(arguments.end(), {"-rc", "commands"});
  return arguments;
}

void BochsSieve::take(std::string_view output) {
  unfinished_.append(output);
  const std::size_t end = unfinished_.rfind('\n');
  if (end == std::string::npos) return;
  for_each_line(std::string_view(unfinished_).substr(0, end + 1),
                [&](std::string_view line) { take_line(line); });
  unfinished_.erase(0, end + 1);
}

void BochsSieve::end() {
  if (begun_ && !tells_a_place(unfinished_)) text_ += unfinished_;
  unfinished_.clear();
}

void BochsSieve::take_line(std::string_view line) {
  begun_ |= line == "Next at t=0";
  if (begun_ && !line.starts_with("Next at t=") && !tells_a_place(line))
    text_.append(line).append(1, '\n');
}

BochsLog read_bochs_log(std::string_view log) {
  constexpr std::size_t kStampDigits = 11;
  BochsLog found;
  for_each_line(log, [&](std::string_view line) {
    std::uint64_t ticks = 0;
    auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), ticks);
    // "00012345678i[CPU0  ] …"
    if (error != std::errc() || end < line.data() + kStampDigits ||
        end + 1 >= line.data() + line.size() || end[1] != '[') {
      return;
    }
    found.ticks = ticks;
    if (line.find("bx_pc_system_c::Reset(") != line.npos && ticks != 0) found.reset = true;
    const std::size_t panic = line.find(">>PANIC<< ");
    if (panic != line.npos && line.find("shutdown requested", panic) == line.npos)
      found.panic = line.substr(panic + 10);
    if (line.find("exception(): 3rd") != line.npos) found.triple_fault = !found.reset;
  });
  return found;
}

}  // namespace sprat::grading
