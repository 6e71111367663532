// warden.cc — see warden.hh.

#include "machine/warden.hh"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <fstream>
#include <string>

#include "machine/identity.hh"
#include "machine/process.hh"

namespace sprat::grading {

namespace fs = std::filesystem;

namespace {

constexpr long kWatchMilliseconds = 50;
constexpr unsigned kLooksPerDisk = 5;
constexpr int kPriority = -10;  // against a crowd of processes; where that is allowed

std::size_t bytes_below(const fs::path& folder) {
  std::size_t bytes = 0;
  std::error_code ignored;
  for (auto entry = fs::recursive_directory_iterator(
           folder, fs::directory_options::skip_permission_denied, ignored);
       entry != fs::recursive_directory_iterator(); entry.increment(ignored)) {
    struct stat status = {};
    if (lstat(entry->path().c_str(), &status) == 0)
      bytes += static_cast<std::size_t>(status.st_blocks) * 512;
  }
  return bytes;
}

class Warden {
 public:
  Warden(const Confinement& confinement, std::optional<uid_t> user)
      : confinement_(confinement), user_(user) {}

  void start(const std::function<void()>& command) {
    child_ = fork();
    if (child_ == 0) {
      command();
      _exit(127);
    }
  }

  // Returns when the command is over, or must be.
  void watch() {
    sigset_t signals;
    sigemptyset(&signals);
    for (int signal : {SIGCHLD, SIGTERM}) sigaddset(&signals, signal);
    for (unsigned looks = 1; child_ > 0 && excess_ == Excess::none; ++looks) {
      const timespec pause = {0, kWatchMilliseconds * 1'000'000};
      const int signal = sigtimedwait(&signals, nullptr, &pause);
      if (signal == SIGTERM) return;
      reap(WNOHANG);
      if (over_) return;
      if (signal != SIGCHLD) look(looks);
    }
  }

  // Ends every descendant. The kernel hands us the children of each that we kill.
  void end_all() {
    if (user_) Identity::end_all_of(*user_);
    if (!over_) end_group();
    do {
      std::ifstream children("/proc/thread-self/children");
      for (pid_t child = 0; children >> child;) kill(child, SIGKILL);
    } while (reap(0));
  }

  WardenReport report() const {
    return {over_ && excess_ == Excess::none ? raw_status_ : SIGKILL, static_cast<int>(excess_)};
  }

 private:
  // The command leads a group that its children cannot leave (filter.hh): one kill reaches all of them.
  void end_group() const {
    if (child_ > 0) kill(-child_, SIGKILL);
  }

  // Waits for one child (with WNOHANG: takes all that have ended). False when there are no children any more.
  bool reap(int how) {
    while (true) {
      siginfo_t information = {};
      const int found = waitid(P_ALL, 0, &information, WEXITED | WNOWAIT | how);
      if (found < 0 && errno == EINTR) continue;
      if (found < 0) return false;
      const pid_t ended = information.si_pid;
      if (ended == 0) return true;
      // While it is a zombie, the number of its group cannot be another's.
      if (ended == child_) end_group();
      int raw = 0;
      waitpid(ended, &raw, 0);
      if (ended == child_) {
        over_ = true;
        raw_status_ = raw;
      }
      if (how == 0) return true;
    }
  }

  void look(unsigned looks) {
    const Limits& limits = confinement_.limits;
    const Activity activity = activity_of(getpid(), false);
    if (activity.resident_bytes > static_cast<long>(limits.memory_bytes)) excess_ = Excess::memory;
    if (activity.tasks > limits.tasks) excess_ = Excess::tasks;
    if (looks % kLooksPerDisk != 0) return;
    std::size_t bytes = 0;
    for (const fs::path& folder : confinement_.writable)
      bytes += bytes_below(confinement_.folder / folder);
    if (bytes > limits.disk_bytes) excess_ = Excess::disk;
  }

  const Confinement& confinement_;
  const std::optional<uid_t> user_;
  pid_t child_ = -1;
  bool over_ = false;
  int raw_status_ = 0;
  Excess excess_ = Excess::none;
};

}  // namespace

void guard(const Confinement& confinement, pid_t grader, std::optional<uid_t> user, int report,
           const std::function<void()>& command) {
  setsid();  // Ctrl-C is for the grader, which then asks us
  sigset_t signals;
  sigemptyset(&signals);
  for (int signal : {SIGCHLD, SIGTERM}) sigaddset(&signals, signal);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  for (int signal : {SIGINT, SIGHUP, SIGPIPE}) std::signal(signal, SIG_IGN);
  std::signal(SIGCHLD, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  prctl(PR_SET_NAME, "sprat-warden");
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != grader) _exit(127);  // it died before it could be heard

  Warden warden(confinement, user);
  warden.start(command);
  // Ends of pipes that we held open would keep their readers waiting.
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int standard : {0, 1, 2}) dup2(nowhere, standard);
  dup2(report, 3);
  close_range(4, ~0U, 0);
  setpriority(PRIO_PROCESS, 0, kPriority);

  warden.watch();
  warden.end_all();
  const WardenReport words = warden.report();
  [[maybe_unused]] const ssize_t written = write(3, &words, sizeof words);
  _exit(0);
}

}  // namespace sprat::grading
