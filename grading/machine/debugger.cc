// debugger.cc — one QEMU, one GDB, and a socket between them that has no number.

#include "machine/debugger.hh"

#include <fcntl.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "machine/boot_files.hh"
#include "machine/control.hh"
#include "machine/process.hh"
#include "machine/qemu.hh"
#include "machine/run_directory.hh"

namespace sprat::grading {
namespace {

// Runs a program on our terminal, in our process group; Ctrl-C is its business meanwhile.
int run_in_foreground(std::vector<std::string> arguments) {
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  auto interrupt = std::signal(SIGINT, SIG_IGN);
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGINT, SIG_DFL);
    execvp(pointers[0], pointers.data());
    std::fprintf(stderr, "machine: cannot start %s; `make doctor` says which tools are missing\n",
                 pointers[0]);
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  std::signal(SIGINT, interrupt);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int open_log(const std::filesystem::path& file) {
  int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) throw MachineError("cannot write " + file.string() + "; is the disk full?");
  return descriptor;
}

}  // namespace

int debug(const MachineConfig& config, const std::filesystem::path& script) {
  config.validate();
  RunDirectory directory;
  const std::filesystem::path boot_folder = directory.path() / "boot";
  const std::filesystem::path socket = directory.path() / "gdb";
  if (socket.string().size() >= sizeof(sockaddr_un::sun_path)) {
    throw MachineError("the path " + socket.string() +
                       " is too long for a socket; point TMPDIR at a shorter one");
  }
  link_boot_files(config, boot_folder);

  std::vector<std::string> arguments = qemu_arguments(config);
  arguments.insert(arguments.end(), {"-S", "-gdb", "unix:../gdb,server=on,wait=off"});
  const int console = open_log(directory.path() / "console");
  const int protocol = open_log(directory.path() / "protocol");
  Control control;
  Process qemu({.arguments = arguments,
                .descriptors = {{console, 1},
                                {console, 2},
                                {protocol, kProtocolDescriptor},
                                {control.child_end(), kControlDescriptor}},
                .folder = boot_folder},
               directory);
  control.close_child_end();
  close(console);
  close(protocol);
  for (int tries = 0; !std::filesystem::exists(socket) && !qemu.ended() && tries != 500; ++tries)
    usleep(10'000);
  if (qemu.ended())
    throw MachineError("QEMU does not start; `machine run` with the same options shows why");

  std::printf("The guest's console: %s\n", (directory.path() / "console").c_str());
  std::fflush(stdout);
  std::vector<std::string> gdb = {"gdb", "-q", config.kernel.string(), "-ex",
                                  "target remote " + socket.string()};
  if (!script.empty()) gdb.insert(gdb.end(), {"-x", script.string()});
  return run_in_foreground(gdb);
}

}  // namespace sprat::grading
