// guest_machine.hh — a QEMU with the scope and a hand-made guest, for tests of the scope.

#pragma once

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "score/scope_report.hh"

namespace sprat::scope_test {

namespace fs = std::filesystem;
using sprat::grading::ScopeReport;
using Counts = ScopeReport::Counts;
using Words = std::vector<std::string>;

inline constexpr int kDone = 33;  // what guests write to isa-debug-exit becomes this status
inline constexpr int kLimitReached = 99;
inline constexpr auto kPatience = std::chrono::seconds(60);

inline const Words kBareMachine = {"qemu-system-x86_64",
                                   "-nodefaults",
                                   "-no-reboot",
                                   "-display",
                                   "none",
                                   "-device",
                                   "isa-debug-exit,iobase=0xf4,iosize=4",
                                   "-qmp",
                                   "stdio"};
inline const Words kOneByOne = {"-icount", "shift=0,sleep=off", "-rtc", "base=2000-01-01,clock=vm"};
inline const Words kAtOnce = {"-accel", "tcg,thread=multi"};

inline Words operator+(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// Leaves the test by an exception, which unlike cr_assert ends the machines on its way.
inline void require(bool met, const std::string& otherwise) {
  if (!met) throw std::runtime_error(otherwise);
}

// A QEMU with the scope in a folder of its own; killed and swept away when it is left.
class Machine {
 public:
  explicit Machine(const std::string& guest, const Words& more,
                   const std::string& scope_arguments = "", bool traces = false) {
    folder_ = (fs::temp_directory_path() / "scope-XXXXXX").string();
    require(mkdtemp(folder_.data()) != nullptr, "cannot make " + folder_);
    const fs::path built = fs::read_symlink("/proc/self/exe").parent_path().parent_path();
    const std::string kernel = built / "scope/guests" / (guest + ".elf");
    const std::string plugin = built / "host/scope.so";
    const std::string files =
        ",out=" + report_path() + ",live=" + live_path() + (traces ? ",trace=" + trace_path() : "");
    Words words =
        kBareMachine + more + Words{"-kernel", kernel, "-plugin", plugin + files + scope_arguments};
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);

    int pipe_ends[2];
    require(pipe2(pipe_ends, O_CLOEXEC) == 0, "cannot make a pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[0], 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, (folder_ + "/errors").c_str(), O_WRONLY | O_CREAT,
                                     0600);
    const int failure =
        posix_spawnp(&process_, pointers[0], &actions, nullptr, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(pipe_ends[0]);
    monitor_ = pipe_ends[1];
    require(failure == 0, "cannot start " + words[0]);
  }
  ~Machine() {
    if (process_ > 0) {
      kill(process_, SIGKILL);
      waitpid(process_, nullptr, 0);
    }
    close(monitor_);
    fs::remove_all(folder_);
  }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // Waits for the end: the status, or -1 when it ended by a signal or would not end.
  int status() {
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    int status = 0;
    while (waitpid(process_, &status, WNOHANG) == 0) {
      if (std::chrono::steady_clock::now() > give_up) return -1;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  // Waits until the guest has made so many steps.
  void wait_for(std::uint64_t steps) const {
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    while (live() < steps && std::chrono::steady_clock::now() < give_up) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    require(live() >= steps, "the guest does not get on; QEMU said: " + errors());
  }
  std::uint64_t live() const {
    std::uint64_t value = 0;
    std::ifstream(live_path(), std::ios::binary)
        .read(reinterpret_cast<char*>(&value), sizeof value);
    return value;
  }

  void terminate() const { kill(process_, SIGTERM); }
  void say(const std::string& text) const {
    require(write(monitor_, text.data(), text.size()) == ssize_t(text.size()), "cannot say it");
  }
  // The events that it noted, but for processors that halted.
  std::vector<unsigned> events() const {
    std::vector<unsigned> events;
    std::istringstream lines(read(trace_path()));
    std::uint64_t time = 0, address = 0;
    for (unsigned vcpu = 0, id = 0; lines >> time >> vcpu >> id >> address;)
      if (id != 0) events.push_back(id);
    return events;
  }
  std::string errors() const { return read(folder_ + "/errors"); }
  bool has_report() const { return fs::exists(report_path()); }
  ScopeReport report() const {
    require(has_report(), "no report; QEMU said: " + errors());
    const std::string text = read(report_path());
    const std::optional<ScopeReport> report = sprat::grading::parse_scope_report(text);
    require(report.has_value(), "this is no report: " + text);
    return *report;
  }

 private:
  std::string report_path() const { return folder_ + "/report.json"; }
  std::string trace_path() const { return folder_ + "/trace"; }
  std::string live_path() const { return folder_ + "/live"; }
  static std::string read(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string folder_;
  pid_t process_ = -1;
  int monitor_ = -1;
};

// The report of a guest that ends by itself, or at the limit if one is given and reached.
inline ScopeReport run(const std::string& guest, const Words& more,
                       const std::string& scope_arguments = "") {
  Machine machine(guest, more, scope_arguments);
  const int status = machine.status();
  require(status == kDone || status == kLimitReached,
          "QEMU ended with status " + std::to_string(status) + " and said: " + machine.errors());
  ScopeReport report = machine.report();
  cr_expect_eq(report.limit_reached, status == kLimitReached);
  return report;
}

// A guest's file.
inline std::string guest_file(const std::string& guest) {
  return fs::read_symlink("/proc/self/exe").parent_path().parent_path() /
         ("scope/guests/" + guest + ".elf");
}

inline Counts region(const ScopeReport& report, unsigned id, unsigned vcpu = 0) {
  for (const Counts& counts : report.regions)
    if (counts.at("id") == id && counts.at("vcpu") == vcpu) return counts;
  throw std::runtime_error("region " + std::to_string(id) + " of vCPU " + std::to_string(vcpu) +
                           " is missing in the report");
}

inline void expect(const Counts& row, const Counts& values) {
  for (const auto& [key, value] : values) {
    cr_expect_eq(row.at(key), value, "%s of region %lu should be %lu, not %lu", key.c_str(),
                 row.at("id"), value, row.at(key));
  }
}

}  // namespace sprat::scope_test
