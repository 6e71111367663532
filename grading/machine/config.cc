// config.cc — refuses machines that cannot be, in words that say what to change.

#include "machine/config.hh"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <system_error>
#include <utility>

namespace sprat::grading {
namespace {

constexpr std::array kEmulatorNames = {
    std::pair{Emulator::qemu, std::string_view("qemu")},
    std::pair{Emulator::qemu_icount, std::string_view("qemu-icount")},
    std::pair{Emulator::bochs, std::string_view("bochs")},
};

constexpr unsigned kMostQemuCpus = 16;
constexpr unsigned kMostBochsCpus = 8;  // with 16, Bochs runs out of timers
constexpr unsigned kLeastMemoryMib = 32;
constexpr unsigned kMostQemuMemoryMib = 8192;
constexpr unsigned kMostBochsMemoryMib = 2048;  // all below the hole for devices (quick_disc.cc)

void demand(bool condition, const std::string& complaint) {
  if (!condition) throw MachineError(complaint);
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// GRUB's shell, its re-quoting of arguments, and QEMU's option parser each treat some characters as
// their own. With these alone, a guest reads the same line under every loader.
bool is_plain(char c) {
  return is_letter_or_digit(c) ||
         std::string_view(" =._:/+-@%,~^").find(c) != std::string_view::npos;
}

void demand_plain(const std::string& line, const std::string& what) {
  auto odd = std::find_if_not(line.begin(), line.end(), is_plain);
  demand(odd == line.end(),
         what + " contains the character '" + (odd == line.end() ? ' ' : *odd) +
             "', which the loaders do not hand over alike; use letters, digits, spaces and "
             "=._:/+-@%,~^ only");
}

void demand_file(const std::filesystem::path& file, const std::string& what) {
  std::error_code ignored;
  demand(std::filesystem::is_regular_file(file, ignored),
         what + " " + file.string() + " is not a file; build it first or correct its path");
}

}  // namespace

std::string_view name_of(Emulator emulator) {
  for (auto [value, name] : kEmulatorNames) {
    if (value == emulator) return name;
  }
  return "unknown";
}

std::optional<Emulator> emulator_named(std::string_view wanted) {
  for (auto [value, name] : kEmulatorNames) {
    if (name == wanted) return value;
  }
  return std::nullopt;
}

void MachineConfig::validate() const {
  const bool on_bochs = emulator == Emulator::bochs;
  const unsigned most_cpus = on_bochs ? kMostBochsCpus : kMostQemuCpus;
  demand(cpus >= 1 && cpus <= most_cpus, "cpus is " + std::to_string(cpus) + "; " +
                                             std::string(name_of(emulator)) + " takes 1 to " +
                                             std::to_string(most_cpus));
  const unsigned most_memory_mib = on_bochs ? kMostBochsMemoryMib : kMostQemuMemoryMib;
  demand(memory_mib >= kLeastMemoryMib && memory_mib <= most_memory_mib,
         "memory is " + std::to_string(memory_mib) + " MiB; " + std::string(name_of(emulator)) +
             " takes " + std::to_string(kLeastMemoryMib) + " to " +
             std::to_string(most_memory_mib));
  demand(wall_seconds > 0, "the ceiling of wall time must be more than 0 seconds");
  demand(!kvm || emulator == Emulator::qemu,
         "KVM works with the emulator qemu only; leave ACCEL=kvm away");
  demand(!kvm || scope.empty(),
         "KVM executes on the processor itself, where nothing can be counted; leave either "
         "ACCEL=kvm or the scope away");
  const int trouble = kvm && access("/dev/kvm", R_OK | W_OK) != 0 ? errno : 0;
  demand(trouble == 0, "/dev/kvm cannot be opened: " + std::generic_category().message(trouble) +
                           "; leave ACCEL=kvm away, or see that this computer has virtualisation "
                           "and that you are in its group kvm");
  demand(!on_bochs || scope.empty(),
         "the scope is a plugin of QEMU; leave it away or take another emulator");
  demand(!traces || !scope.empty(), "a trace needs the scope, which notes events; give its path");
  demand(on_bochs || guest_limit == 0 || !scope.empty(),
         "a limit in instructions needs the scope, which counts them; give its path");

  demand_file(kernel, "the kernel");
  demand_plain(kernel.filename().string(), "the name of the kernel");
  demand_plain(command_line, "the command line");
  if (!scope.empty()) demand_file(scope, "the scope");

  std::map<std::string, std::filesystem::path> named = {{kernel.filename().string(), kernel}};
  for (const BootModule& module : modules) {
    demand_file(module.file, "the module");
    demand_plain(module.string, "the string of module " + module.file.string());
    const std::string name = module.string.substr(0, module.string.find(' '));
    demand(!name.empty() && name.find_first_of("/,=") == std::string::npos && name[0] != '.',
           "module " + module.file.string() + " is called '" + name +
               "'; its string must begin with a name of letters, digits, - and _");
    auto [place, is_new] = named.emplace(name, module.file);
    demand(is_new || place->second == module.file,
           "two boot files are called '" + name + "'; rename one");
  }
}

}  // namespace sprat::grading
