// process.cc — starting, watching and ending one child and all it starts.

#include "machine/process.hh"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "machine/config.hh"

namespace sprat::grading {
namespace {

// Runs in the child between fork and exec; on failure, returns with errno set.
void become(const Command& command, const std::vector<char*>& arguments,
            const std::vector<char*>& environment, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // it died before it could be heard

  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  std::signal(SIGPIPE, SIG_DFL);

  // First out of the way of each other, then to where they belong.
  int highest = 2;
  for (auto [ours, childs] : command.descriptors) highest = std::max({highest, ours, childs});
  std::vector<std::pair<int, int>> parked;
  for (auto [ours, childs] : command.descriptors) {
    parked.emplace_back(fcntl(ours, F_DUPFD_CLOEXEC, highest + 1), childs);
  }
  int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int standard : {0, 1, 2}) dup2(nowhere, standard);
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  for (auto [from, to] : parked) {
    if (dup2(from, to) < 0) return;
  }
  if (!command.folder.empty() && chdir(command.folder.c_str()) != 0) return;
  if (command.cpu_seconds != 0) {
    rlimit limit = {command.cpu_seconds, command.cpu_seconds + 1};
    setrlimit(RLIMIT_CPU, &limit);
  }
  rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  execvpe(arguments[0], arguments.data(), environment.data());
}

std::vector<char*> pointers_to(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (const std::string& text : strings) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_with(const std::vector<std::string>& additions) {
  std::vector<std::string> all = inherited_environment();
  for (const std::string& addition : additions) {
    const std::string name = addition.substr(0, addition.find('=') + 1);
    std::erase_if(all, [&](const std::string& entry) { return entry.starts_with(name); });
    all.push_back(addition);
  }
  return all;
}

// Fields of /proc/PID/stat after the name in parentheses, which may hold anything.
std::istringstream fields_after_name(const std::filesystem::path& stat) {
  std::ifstream file(stat);
  std::string line;
  std::getline(file, line);
  std::size_t name_ends = line.rfind(')');
  return std::istringstream(name_ends == std::string::npos ? "" : line.substr(name_ends + 1));
}

void add_activity(pid_t pid, Activity& sum) {
  const std::filesystem::path process = "/proc/" + std::to_string(pid);
  std::istringstream fields = fields_after_name(process / "stat");
  std::string word;
  for (int field = 3; field <= 24 && fields >> word; ++field) {
    if (field == 14 || field == 15) sum.cpu_seconds += std::stod(word) / sysconf(_SC_CLK_TCK);
    if (field == 24) sum.resident_bytes += std::stol(word) * sysconf(_SC_PAGESIZE);
  }
  std::error_code error;
  for (const auto& task : std::filesystem::directory_iterator(process / "task", error)) {
    char state = 0;
    if (fields_after_name(task.path() / "stat") >> state && state == 'R') sum.runnable = true;
    std::ifstream children(task.path() / "children");
    for (pid_t child = 0; children >> child;) add_activity(child, sum);
  }
}

ExitStatus status_from(int raw) {
  if (WIFSIGNALED(raw)) return {.code = 0, .signal = WTERMSIG(raw)};
  return {.code = WEXITSTATUS(raw), .signal = 0};
}

}  // namespace

std::vector<std::string> inherited_environment() {
  std::vector<std::string> all = {"LC_ALL=C.UTF-8"};
  for (const char* name : {"PATH", "HOME", "TERM", "USER", "LOGNAME"})
    if (const char* value = std::getenv(name)) all.push_back(std::string(name) + "=" + value);
  // A child may run in another folder.
  if (const char* value = std::getenv("TMPDIR"); value != nullptr && *value != 0)
    all.push_back("TMPDIR=" + std::filesystem::absolute(value).string());
  return all;
}

Process::Process(const Command& command, RunDirectory& directory) : directory_(directory) {
  const std::vector<char*> arguments = pointers_to(command.arguments);
  const std::vector<std::string> strings = environment_with(command.environment);
  const std::vector<char*> environment = pointers_to(strings);
  int failure[2];  // the child's errno, when it does not get as far as exec
  if (pipe2(failure, O_CLOEXEC) != 0) throw MachineError("no more pipes; raise ulimit -n");
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) {
    int report = fcntl(failure[1], F_DUPFD_CLOEXEC, 100);
    become(command, arguments, environment, parent);
    int reason = errno;
    [[maybe_unused]] ssize_t sent = write(report, &reason, sizeof reason);
    _exit(127);
  }
  close(failure[1]);
  int reason = 0;
  const bool failed = pid_ > 0 && read(failure[0], &reason, sizeof reason) == sizeof reason;
  close(failure[0]);
  if (pid_ < 0) throw MachineError("no more processes; end some programs or raise ulimit -u");
  if (failed) {
    waitpid(pid_, nullptr, 0);
    throw MachineError("cannot start " + command.arguments[0] + ": " + std::strerror(reason) +
                       "; `make doctor` says which tools are missing");
  }
  directory_.entrust(pid_);
  pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
}

Process::~Process() {
  kill_group();
  if (pidfd_ >= 0) close(pidfd_);
}

std::optional<ExitStatus> Process::ended() {
  if (!status_) {
    int raw = 0;
    // The group is killed while its leader is still a zombie, so that the number cannot be
    // another's by then.
    siginfo_t information = {};
    if (waitid(P_PID, static_cast<id_t>(pid_), &information, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        information.si_pid == 0) {
      return std::nullopt;
    }
    kill(-pid_, SIGKILL);
    waitpid(pid_, &raw, 0);
    directory_.release(pid_);
    status_ = status_from(raw);
  }
  return status_;
}

void Process::kill_group() {
  if (status_) return;
  kill(-pid_, SIGKILL);
  siginfo_t information = {};
  while (waitid(P_PID, static_cast<id_t>(pid_), &information, WEXITED | WNOWAIT) != 0 &&
         errno == EINTR) {
  }
  ended();
}

Activity Process::activity() const {
  Activity sum;
  if (!status_) add_activity(pid_, sum);
  return sum;
}

}  // namespace sprat::grading
