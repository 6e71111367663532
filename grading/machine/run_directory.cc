// run_directory.cc — a folder that leaves no trace, even after SIGKILL.
//
//      this process                      keeper (a forked child in a session of its own)
//      ------------                      -----------------------------------------------
//      entrust(group)   ── group  ──▶    remembers it
//      release(group)   ── group  ──▶    forgets it
//      identity()       ── user   ──▶    remembers it
//      dies, or leaves  ──  EOF   ──▶    kills what it remembers, removes the folder, ends

#include "machine/run_directory.hh"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <set>
#include <string>

#include "machine/config.hh"

namespace sprat::grading {
namespace {

// Asks the leader to end its group, which a warden does in order; then ends what is left.
void end_groups(const std::set<pid_t>& groups) {
  for (pid_t group : groups) kill(group, SIGTERM);
  const auto one_is_left = [&] {
    return std::any_of(groups.begin(), groups.end(),
                       [](pid_t group) { return kill(group, 0) == 0; });
  };
  for (int tries = 0; tries != 100 && one_is_left(); ++tries) usleep(20'000);
  for (pid_t group : groups) kill(-group, SIGKILL);
}

}  // namespace

void RunDirectory::keep(const std::filesystem::path& path, int from_owner) {
  setsid();  // Ctrl-C is for our owner, not for us
  prctl(PR_SET_NAME, "sprat-keeper");
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) std::signal(signal, SIG_IGN);
  // Whatever else was open here must not be held open by us: above all, other keepers' pipes.
  dup2(from_owner, 3);
  close_range(4, ~0U, 0);
  int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int standard : {0, 1, 2}) dup2(nowhere, standard);

  std::set<pid_t> groups;
  std::set<uid_t> users;
  Message message = {};
  while (true) {
    ssize_t got = read(3, &message, sizeof message);
    if (got < 0 && errno == EINTR) continue;
    if (got != sizeof message) break;
    switch (message.what) {
      case Message::What::entrust: groups.insert(static_cast<pid_t>(message.number)); break;
      case Message::What::release: groups.erase(static_cast<pid_t>(message.number)); break;
      case Message::What::identity: users.insert(message.number); break;
    }
  }
  end_groups(groups);
  for (uid_t user : users) Identity::end_all_of(user);
  // A process that is just dying may still be making files.
  for (int tries = 0; tries != 20; ++tries) {
    std::error_code error;
    std::filesystem::remove_all(path, error);
    if (!error) break;
    usleep(50'000);
  }
  _exit(0);
}

RunDirectory::RunDirectory() {
  const char* base = std::getenv("TMPDIR");
  std::string name =
      std::filesystem::absolute(base != nullptr && *base != 0 ? base : "/tmp") / "sprat-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) {
    throw MachineError("cannot make a folder like " + name +
                       "; point TMPDIR at a place that can be written");
  }
  path_ = name;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0 || (keeper_ = fork()) < 0) {
    std::filesystem::remove_all(path_);
    throw MachineError("no more pipes or processes; end some programs or raise ulimit -n and -u");
  }
  if (keeper_ == 0) keep(path_, ends[0]);
  close(ends[0]);
  to_keeper_ = ends[1];
}

RunDirectory::~RunDirectory() {
  close(to_keeper_);
  while (waitpid(keeper_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void RunDirectory::entrust(pid_t group) {
  tell_keeper({Message::What::entrust, static_cast<unsigned>(group)});
}

void RunDirectory::release(pid_t group) {
  tell_keeper({Message::What::release, static_cast<unsigned>(group)});
}

uid_t RunDirectory::identity() {
  if (!identity_) {
    identity_ = std::make_unique<Identity>();
    tell_keeper({Message::What::identity, identity_->id()});
    // Its names may be walked through by that user, and not listed.
    std::filesystem::permissions(path_, std::filesystem::perms::others_exec,
                                 std::filesystem::perm_options::add);
  }
  return identity_->id();
}

void RunDirectory::tell_keeper(Message message) const {
  // The keeper reads until we close the pipe, so it never breaks while this object lives.
  while (write(to_keeper_, &message, sizeof message) < 0 && errno == EINTR) {
  }
}

}  // namespace sprat::grading
