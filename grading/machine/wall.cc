// wall.cc — bubblewrap's options, and finding out which wall works here.

#include "machine/wall.hh"

#include <poll.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "machine/channel.hh"
#include "machine/config.hh"
#include "machine/landlock.hh"
#include "machine/process.hh"
#include "machine/run_directory.hh"

namespace sprat::grading {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kWordsLimit = 4096;
constexpr char kInside[] = "/sprat";  // where a wall of namespaces shows the folder
constexpr const char* kSystemFolders[] = {"bin", "sbin", "lib", "lib32", "lib64", "libx32"};
constexpr const char* kSystemFiles[] = {"/etc/ld.so.cache", "/etc/alternatives"};

// Runs `true` behind a wall of this kind. Empty when that works, else why not.
std::string trial(WallKind kind) {
  try {
    RunDirectory directory;
    const fs::path folder = directory.path() / "trial";
    fs::create_directories(folder);
    Channel words(kWordsLimit);
    Process process(
        {.arguments = {"true"}, .descriptors = {{words.child_end(), 1}, {words.child_end(), 2}}},
        Confinement{.wall = Wall::of(kind), .folder = folder, .writable = {"scratch"}}, directory);
    words.close_child_end();
    std::optional<ExitStatus> status;
    while (!(status = process.ended())) {
      pollfd one = {process.ended_descriptor(), POLLIN, 0};
      poll(&one, 1, -1);
    }
    words.pump();
    if (status->code == 0 && status->signal == 0) return "";
    const std::string line = words.text().substr(0, words.text().find('\n'));
    return line.empty() ? "it ends with status " + std::to_string(status->code) : line;
  } catch (const MachineError& error) {
    return error.what();
  }
}

Wall find_wall() {
  const std::string refused = trial(WallKind::namespaces);
  if (refused.empty()) return Wall::of(WallKind::namespaces);
  const bool root = geteuid() == 0;
  const std::string refused_as_well = root                      ? trial(WallKind::user)
                                      : landlock_version() == 0 ? "the kernel has no Landlock"
                                                                : trial(WallKind::landlock);
  if (refused_as_well.empty()) return Wall::of(root ? WallKind::user : WallKind::landlock);
  throw MachineError(
      "no wall can be put around code that is not trusted: bubblewrap does not start (" + refused +
      "), and the wall in its place does not work (" + refused_as_well +
      "). Install bubblewrap and allow user namespaces (make doctor says how), or use a kernel "
      "with Landlock (5.13 or "
      "newer). WALL=none on make's line, --no-wall on grade's, goes without, and the result says "
      "so.");
}

// The folder of the program itself, or all of the folder above when it is in one called `bin`.
fs::path folder_of_tool(const fs::path& program) {
  const fs::path folder = program.parent_path();
  return folder.filename() == "bin" ? folder.parent_path() : folder;
}

fs::path found_through_path(const std::string& program) {
  std::error_code ignored;
  if (program.find('/') != std::string::npos) return program;
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const fs::path candidate = fs::path(folder) / program;
    if (!folder.empty() && access(candidate.c_str(), X_OK) == 0 &&
        fs::is_regular_file(candidate, ignored))
      return candidate;
  }
  return {};
}

// Before Linux 5.14 a user's tasks are counted all together.
bool counts_tasks_by_namespace() {
  utsname system = {};
  uname(&system);
  int version = 0, release = 0;
  return std::sscanf(system.release, "%d.%d", &version, &release) == 2 &&
         (version > 5 || (version == 5 && release >= 14));
}

}  // namespace

std::string_view name_of(WallKind kind) {
  switch (kind) {
    case WallKind::namespaces: return "namespaces";
    case WallKind::user: return "user";
    case WallKind::landlock: return "landlock";
    case WallKind::none: return "none";
  }
  return "";
}

std::optional<WallKind> wall_named(std::string_view name) {
  for (WallKind kind : {WallKind::namespaces, WallKind::user, WallKind::landlock, WallKind::none}) {
    if (name == name_of(kind)) return kind;
  }
  return std::nullopt;
}

Wall Wall::found() {
  static const Wall wall = find_wall();
  return wall;
}

Wall Wall::standing() {
  const char* const name = std::getenv("SPRAT_WALL");
  if (name == nullptr) return found();
  const auto kind = wall_named(name);
  if (!kind) throw MachineError("SPRAT_WALL=" + std::string(name) + " names no wall; unset it");
  return Wall(*kind);
}

std::vector<fs::path> visible_system() {
  std::vector<fs::path> paths = {"/usr"};
  std::error_code ignored;
  for (const char* name : kSystemFolders) {
    const fs::path folder = fs::path("/") / name;
    if (!fs::is_symlink(folder, ignored) && fs::is_directory(folder, ignored))
      paths.push_back(folder);
  }
  for (const char* file : kSystemFiles)
    if (fs::exists(file, ignored)) paths.emplace_back(file);
  return paths;
}

std::vector<fs::path> folders_of_tools(const Confinement& confinement,
                                       const std::vector<std::string>& command) {
  std::vector<std::string> programs = confinement.tools;
  programs.push_back(command.front());
  std::vector<fs::path> folders;
  for (const std::string& program : programs) {
    const fs::path place = found_through_path(program);
    if (!place.is_absolute() || place.string().starts_with("/usr/") ||
        place.string().starts_with("/bin/"))
      continue;
    const fs::path folder = folder_of_tool(place);
    if (folder != folder.root_path()) folders.push_back(folder);
  }
  return folders;
}

std::string scratch_folder(const Confinement& confinement) {
  if (confinement.wall.kind() == WallKind::namespaces) return "/tmp";
  if (confinement.writable.empty()) return "/";
  // Relative, for the folders above may be shut to its user.
  return confinement.writable.back().lexically_relative(
      confinement.runs_in.empty() ? "." : confinement.runs_in);
}

unsigned most_tasks(const Limits& limits) { return limits.tasks + limits.tasks / 4 + 8; }

std::vector<std::string> bubblewrap_arguments(const Confinement& confinement,
                                              const std::vector<std::string>& command, int filter,
                                              const Places& places) {
  const auto found = [&](const fs::path& folder) {
    const auto place = places.find(folder);
    return place == places.end() ? folder : place->second;
  };
  std::vector<std::string> all = {"bwrap",
                                  "--die-with-parent",
                                  "--new-session",
                                  "--unshare-user",
                                  "--uid",
                                  "65534",
                                  "--gid",
                                  "65534",
                                  "--unshare-pid",
                                  "--unshare-ipc",
                                  "--unshare-net",
                                  "--unshare-uts",
                                  "--unshare-cgroup-try"};
  const auto add = [&](std::initializer_list<std::string> words) { all.insert(all.end(), words); };
  if (filter >= 0) add({"--seccomp", std::to_string(filter)});
  for (const fs::path& path : visible_system()) add({"--ro-bind", path, path});
  std::error_code ignored;
  for (const char* name : kSystemFolders) {
    const fs::path folder = fs::path("/") / name;
    if (fs::is_symlink(folder, ignored)) add({"--symlink", fs::read_symlink(folder), folder});
  }
  add({"--proc", "/proc", "--dev", "/dev", "--size", std::to_string(confinement.limits.disk_bytes),
       "--tmpfs", "/tmp"});
  for (const fs::path& folder : folders_of_tools(confinement, command))
    add({"--ro-bind", found(folder), folder});
  const fs::path inside = kInside;
  add({"--ro-bind", found(confinement.folder), inside});
  for (const fs::path& folder : confinement.writable)
    add({"--bind", found(confinement.folder) / folder, inside / folder});
  for (const fs::path& device : confinement.devices) add({"--dev-bind", device, device});
  // Where root has no other user to give, its program is root to the kernel, whatever it is called behind the wall.
  add({"--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/", "--chdir",
       inside / confinement.runs_in, "--"});
  // The count begins in the new namespace: the person's other programs are not in it.
  if (counts_tasks_by_namespace())
    add({"prlimit", "--nproc=" + std::to_string(most_tasks(confinement.limits)), "--"});
  all.insert(all.end(), command.begin(), command.end());
  return all;
}

}  // namespace sprat::grading
