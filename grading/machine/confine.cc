// confine.cc — see confine.hh.

#include "machine/confine.hh"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "machine/config.hh"
#include "machine/filter.hh"
#include "machine/identity.hh"
#include "machine/landlock.hh"
#include "machine/reach.hh"

namespace sprat::grading {

namespace fs = std::filesystem;

namespace {

constexpr rlim_t kOpenFiles = 256;
constexpr rlim_t kOthers = 256;  // tasks that the same person's other programs may begin

void set_limit(decltype(RLIMIT_CPU) which, rlim_t soft, rlim_t hard) {
  const rlimit limit = {soft, hard};
  setrlimit(which, &limit);
}

// The processes and threads of a user that can be seen from here.
rlim_t tasks_of(uid_t user) {
  rlim_t tasks = 0;
  std::error_code ignored;
  for (auto process = fs::directory_iterator("/proc", ignored); process != fs::directory_iterator();
       process.increment(ignored)) {
    struct stat status = {};
    if (stat((process->path() / "task").c_str(), &status) == 0 && status.st_uid == user)
      tasks += status.st_nlink - 2;  // each task is a folder
  }
  return tasks;
}

void set_limits(const Confinement& confinement, bool own_user) {
  const Limits& limits = confinement.limits;
  if (limits.cpu_seconds != 0) set_limit(RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 1);
  set_limit(RLIMIT_FSIZE, limits.file_bytes, limits.file_bytes);
  set_limit(RLIMIT_NOFILE, kOpenFiles, kOpenFiles);
  // Of a user of its own, all tasks are the program's.
  const rlim_t tasks = most_tasks(limits) + (own_user ? 0 : kOthers + tasks_of(getuid()));
  if (own_user || confinement.wall.kind() != WallKind::namespaces)
    set_limit(RLIMIT_NPROC, tasks, tasks);
}

std::vector<fs::path> folders_to_show(const Confinement& confinement,
                                      const std::vector<std::string>& command) {
  std::vector<fs::path> folders = folders_of_tools(confinement, command);
  folders.push_back(confinement.folder);
  return folders;
}

// Makes the calling process bubblewrap, as `user` if it has one.
void enter_namespaces(const std::vector<std::string>& command, const Confinement& confinement,
                      std::optional<uid_t> user, const std::vector<char*>& environment) {
  const int filter = filter_file(call_filter({.listening = confinement.listens}));
  Places places;
  if (user) {
    const auto reachable = make_reachable(folders_to_show(confinement, command));
    if (!reachable || chdir("/") != 0) return;
    places = *reachable;
  }
  const std::vector<std::string> arguments =
      bubblewrap_arguments(confinement, command, filter, places);
  set_limits(confinement, user.has_value());
  if (user && !Identity::become(*user)) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // which a change of the user has cleared
  execvpe(arguments[0].c_str(), pointers_to(arguments).data(), environment.data());
}

// The files that a command can see behind a wall without namespaces.
LandlockRules rules_for(const Confinement& confinement, const std::vector<std::string>& command) {
  LandlockRules rules;
  rules.readable = visible_system();
  for (const fs::path& folder : folders_of_tools(confinement, command))
    rules.readable.push_back(folder);
  rules.readable.push_back(confinement.folder);
  rules.readable.emplace_back("/proc/self");  // sanitizers look there
  for (const fs::path& folder : confinement.writable)
    rules.writable.push_back(confinement.folder / folder);
  for (const char* device : {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"})
    rules.writable.emplace_back(device);
  for (const fs::path& device : confinement.devices) rules.writable.push_back(device);
  return rules;
}

// Lets any user read the files of a folder of ours, whatever our umask made of them.
void show_to_others(const fs::path& folder) {
  constexpr fs::perms kReadable = fs::perms::group_read | fs::perms::others_read;
  constexpr fs::perms kExecutable = fs::perms::group_exec | fs::perms::others_exec;
  std::error_code ignored;
  fs::permissions(folder, kReadable | kExecutable, fs::perm_options::add, ignored);
  for (auto entry = fs::recursive_directory_iterator(folder, ignored);
       entry != fs::recursive_directory_iterator(); entry.increment(ignored)) {
    if (entry->is_symlink(ignored)) continue;
    fs::permissions(*entry, entry->is_directory(ignored) ? kReadable | kExecutable : kReadable,
                    fs::perm_options::add, ignored);
  }
}

}  // namespace

std::vector<char*> pointers_to(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

std::optional<uid_t> prepare(const Command& command, const Confinement& confinement,
                             RunDirectory& directory) {
  std::optional<uid_t> user;
  const WallKind kind = confinement.wall.kind();
  if (kind == WallKind::user || (kind == WallKind::namespaces && Identity::available())) {
    user = directory.identity();
    show_to_others(confinement.folder);
    // A program that opens /dev/fd/N needs more of a pipe than to have it.
    for (const auto& [ours, childs] : command.descriptors) fchown(ours, *user, *user);
    for (const fs::path& device : confinement.devices) chown(device.c_str(), *user, *user);
  }
  for (const fs::path& relative : confinement.writable) {
    const fs::path folder = confinement.folder / relative;
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) throw MachineError("cannot make " + folder.string() + ": " + error.message());
    if (!user) continue;
    lchown(folder.c_str(), *user, *user);
    for (auto entry = fs::recursive_directory_iterator(folder, error);
         entry != fs::recursive_directory_iterator(); entry.increment(error))
      lchown(entry->path().c_str(), *user, *user);
  }
  return user;
}

std::vector<std::string> environment_behind(const Confinement& confinement) {
  const char* const path = std::getenv("PATH");
  const std::string scratch = scratch_folder(confinement);
  return {"LC_ALL=C.UTF-8", std::string("PATH=") + (path != nullptr ? path : "/usr/bin:/bin"),
          "HOME=" + scratch, "TMPDIR=" + scratch};
}

void enter(const std::vector<std::string>& command, const Confinement& confinement,
           std::optional<uid_t> user, const std::vector<char*>& environment) {
  const WallKind kind = confinement.wall.kind();
  if (kind == WallKind::namespaces)
    return enter_namespaces(command, confinement, user, environment);
  // Before it gives up its rights: folders above may be shut to the new user.
  if (chdir((confinement.folder / confinement.runs_in).c_str()) != 0) return;
  const Landlock landlock(kind == WallKind::none ? LandlockRules()
                                                 : rules_for(confinement, command));
  set_limits(confinement, user.has_value());
  if (kind != WallKind::none) {
    if (user && !Identity::become(*user)) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // which a change of the user has cleared
    if (landlock_version() != 0 && !landlock.enforce()) return;
    if (!enforce(
            call_filter({.signals = kind == WallKind::user, .listening = confinement.listens})))
      return;
  }
  execvpe(command[0].c_str(), pointers_to(command).data(), environment.data());
}

}  // namespace sprat::grading
