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

#include "machine/config.hh"
#include "machine/confine.hh"
#include "machine/warden.hh"

namespace sprat::grading {

namespace {

// Gives the calling process the descriptors of the command, and no others but descriptors that close when it becomes a
// program.
bool take_descriptors(const Command& command) {
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
    if (dup2(from, to) < 0) return false;
  }
  return true;
}

// The first steps of both kinds of children.
void begin_child(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // it died before it could be heard
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int signal : {SIGPIPE, SIGINT, SIGHUP}) std::signal(signal, SIG_DFL);
  rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
}

std::vector<std::string> environment_with(std::vector<std::string> all,
                                          const std::vector<std::string>& additions) {
  for (const std::string& addition : additions) {
    const std::string name = addition.substr(0, addition.find('=') + 1);
    std::erase_if(all, [&](const std::string& entry) { return entry.starts_with(name); });
    all.push_back(addition);
  }
  return all;
}

// A small file of /proc. Read without streams, which take several times as long: a run is looked at 20 times a second.
class ProcFile {
 public:
  explicit ProcFile(const std::string& path) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    ssize_t got = 0;
    while (size_ < sizeof text_ - 1 &&
           (got = read(file, text_ + size_, sizeof text_ - 1 - size_)) > 0)
      size_ += static_cast<std::size_t>(got);
    close(file);
    text_[size_] = 0;
  }

  const char* text() const { return text_; }

 private:
  // Of children, room for more than any limit allows.
  char text_[1 << 14] = "";
  std::size_t size_ = 0;
};

// What /proc/PID/stat says; zeros when the process is gone.
struct ProcStat {
  char state = 0;
  long ticks = 0, threads = 0, resident_pages = 0;

  explicit ProcStat(const std::string& folder) {
    const ProcFile file(folder + "/stat");
    const char* at = std::strrchr(file.text(), ')');  // the name may hold anything
    if (at == nullptr || at[1] == 0) return;
    at += 2;
    state = *at++;
    char* behind = nullptr;
    for (int field = 4; field <= 24; ++field, at = behind) {
      const long number = static_cast<long>(std::strtoul(at, &behind, 10));
      if (behind == at) return;
      if (field == 14 || field == 15) ticks += number;
      if (field == 20) threads = number;
      if (field == 24) resident_pages = number;
    }
  }
};

void add_activity(pid_t pid, bool self, Activity& sum);

void add_children_of(const std::string& task, Activity& sum) {
  const ProcFile children(task + "/children");
  const char* at = children.text();
  char* behind = nullptr;
  while (const long child = std::strtol(at, &behind, 10)) {
    add_activity(static_cast<pid_t>(child), true, sum);
    at = behind;
  }
}

void add_activity(pid_t pid, bool self, Activity& sum) {
  const std::string process = "/proc/" + std::to_string(pid);
  const ProcStat stat(process);
  if (self) {
    sum.cpu_seconds += static_cast<double>(stat.ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
    sum.resident_bytes += stat.resident_pages * sysconf(_SC_PAGESIZE);
  }
  if (stat.threads == 1) {
    if (self) ++sum.tasks;
    if (self && stat.state == 'R') sum.runnable = true;
    return add_children_of(process + "/task/" + std::to_string(pid), sum);
  }
  std::error_code error;
  for (auto task = std::filesystem::directory_iterator(process + "/task", error);
       task != std::filesystem::directory_iterator(); task.increment(error)) {
    const std::string folder = task->path().string();
    if (self) ++sum.tasks;
    if (self && ProcStat(folder).state == 'R') sum.runnable = true;
    add_children_of(folder, sum);
  }
}

ExitStatus status_from(int raw) {
  if (WIFSIGNALED(raw)) return {.code = 0, .signal = WTERMSIG(raw)};
  return {.code = WEXITSTATUS(raw), .signal = 0};
}

void report_failure(int failure) {
  const int reason = errno;
  [[maybe_unused]] const ssize_t sent = write(failure, &reason, sizeof reason);
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

Activity activity_of(pid_t process, bool self) {
  Activity sum;
  add_activity(process, self, sum);
  return sum;
}

// Forks a child that calls `start` with a descriptor; an errno written there, before the descriptor closes, tells that the
// child did not get as far as to become the program.
template <typename Start>
void Process::start(const Command& command, Start start) {
  int failure[2];
  if (pipe2(failure, O_CLOEXEC) != 0) throw MachineError("no more pipes; raise ulimit -n");
  pid_ = fork();
  if (pid_ == 0) {
    start(fcntl(failure[1], F_DUPFD_CLOEXEC, 100));
    _exit(127);
  }
  close(failure[1]);
  int reason = 0;
  const bool failed = pid_ > 0 && read(failure[0], &reason, sizeof reason) == sizeof reason;
  close(failure[0]);
  if (pid_ < 0) throw MachineError("no more processes; end some programs or raise ulimit -u");
  if (failed) {
    waitpid(pid_, nullptr, 0);
    if (report_ >= 0) close(report_);
    throw MachineError("cannot start " + command.arguments[0] + ": " + std::strerror(reason) +
                       "; `make doctor` says which tools are missing");
  }
  directory_.entrust(pid_);
  pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
}

Process::Process(const Command& command, Trusted, RunDirectory& directory)
    : directory_(directory), guarded_(false) {
  const std::vector<char*> arguments = pointers_to(command.arguments);
  const std::vector<std::string> strings =
      environment_with(inherited_environment(), command.environment);
  const std::vector<char*> environment = pointers_to(strings);
  const pid_t parent = getpid();
  start(command, [&](int failure) {
    setpgid(0, 0);
    begin_child(parent);
    if (command.cpu_seconds != 0) {
      const rlimit limit = {command.cpu_seconds, command.cpu_seconds + 1};
      setrlimit(RLIMIT_CPU, &limit);
    }
    if (take_descriptors(command) && (command.folder.empty() || chdir(command.folder.c_str()) == 0))
      execvpe(arguments[0], arguments.data(), environment.data());
    report_failure(failure);
  });
}

Process::Process(const Command& command, const Confinement& confinement, RunDirectory& directory)
    : directory_(directory), guarded_(true) {
  const std::optional<uid_t> user = prepare(command, confinement, directory);
  const std::vector<std::string> strings =
      environment_with(environment_behind(confinement), command.environment);
  const std::vector<char*> environment = pointers_to(strings);
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) throw MachineError("no more pipes; raise ulimit -n");
  report_ = report[0];
  const pid_t grader = getpid();
  start(command, [&](int failure) {
    guard(confinement, grader, user, report[1], [&] {
      setsid();
      begin_child(getppid());
      if (take_descriptors(command)) enter(command.arguments, confinement, user, environment);
      report_failure(failure);
    });
  });
  close(report[1]);
}

Process::~Process() {
  kill_group();
  if (pidfd_ >= 0) close(pidfd_);
  if (report_ >= 0) close(report_);
}

// The process has ended and is a zombie still.
ExitStatus Process::wait_for_it() {
  int raw = 0;
  // The group is killed while its leader is still a zombie, so that the number cannot be another's by then.
  kill(-pid_, SIGKILL);
  waitpid(pid_, &raw, 0);
  directory_.release(pid_);
  if (!guarded_) return status_from(raw);
  WardenReport words = {};
  if (read(report_, &words, sizeof words) != sizeof words)
    throw MachineError("the warden of a program was killed; is there memory left?");
  ExitStatus status = status_from(words.raw_status);
  status.excess = static_cast<Excess>(words.excess);
  return status;
}

std::optional<ExitStatus> Process::ended() {
  if (!status_) {
    siginfo_t information = {};
    if (waitid(P_PID, static_cast<id_t>(pid_), &information, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        information.si_pid == 0) {
      return std::nullopt;
    }
    status_ = ExitStatus{.signal = SIGKILL};
    status_ = wait_for_it();
  }
  return status_;
}

void Process::kill_group() {
  if (status_) return;
  // A warden ends all the others first.
  kill(guarded_ ? pid_ : -pid_, guarded_ ? SIGTERM : SIGKILL);
  siginfo_t information = {};
  while (waitid(P_PID, static_cast<id_t>(pid_), &information, WEXITED | WNOWAIT) != 0 &&
         errno == EINTR) {
  }
  try {
    ended();
  } catch (const MachineError&) {
    // That the warden is gone is all that matters here.
  }
}

Activity Process::activity() const { return status_ ? Activity() : activity_of(pid_, !guarded_); }

}  // namespace sprat::grading
