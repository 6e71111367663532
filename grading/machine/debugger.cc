// debugger.cc — one QEMU, a GDB of ours or an editor's, and a socket between them that has no number.

#include "machine/debugger.hh"

#include <fcntl.h>
#include <poll.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <memory>
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

// A machine that has executed nothing yet, and the socket on which it waits for GDB.
class HaltedMachine {
 public:
  // Starts QEMU; the guest's console goes to the descriptor `console`. Throws MachineError.
  HaltedMachine(const MachineConfig& config, RunDirectory& directory, int console)
      : socket_(directory.path() / "gdb") {
    if (socket_.string().size() >= sizeof(sockaddr_un::sun_path)) {
      throw MachineError("the path " + socket_.string() +
                         " is too long for a socket; point TMPDIR at a shorter one");
    }
    const std::filesystem::path boot_folder = directory.path() / "boot";
    copy_boot_files(config, boot_folder);
    std::vector<std::string> arguments = qemu_arguments(config);
    arguments.insert(arguments.end(), {"-S", "-gdb", "unix:../gdb,server=on,wait=off"});
    const int log = open_log(directory.path() / "log");
    const int protocol = open_log(directory.path() / "protocol");
    qemu_ = std::make_unique<Process>(
        Command{.arguments = arguments,
                .descriptors = {{console, 1},
                                {log, 2},
                                {protocol, kProtocolDescriptor},
                                {control_.child_end(), kControlDescriptor}},
                .folder = boot_folder},
        Trusted(), directory);
    control_.close_child_end();
    close(log);
    close(protocol);
    for (int tries = 0; !std::filesystem::exists(socket_) && !qemu_->ended() && tries != 500;
         ++tries)
      usleep(10'000);
    if (qemu_->ended())
      throw MachineError("QEMU does not start; `machine run` with the same options shows why");
  }

  const std::filesystem::path& socket() const { return socket_; }

  // Blocks until QEMU has ended, which it does when the debugger kills its target.
  void wait_for_end() {
    while (!qemu_->ended()) {
      pollfd end = {qemu_->ended_descriptor(), POLLIN, 0};
      poll(&end, 1, -1);
    }
  }

 private:
  std::filesystem::path socket_;
  Control control_;
  std::unique_ptr<Process> qemu_;
};

// A name for a socket, as a symbolic link: GDB can connect by a short path, wherever the socket is.
class SocketName {
 public:
  // Replaces an earlier name of this kind. Throws MachineError when another file has the name.
  SocketName(const std::filesystem::path& name, const std::filesystem::path& socket) : name_(name) {
    std::error_code error;
    if (std::filesystem::is_symlink(name_)) std::filesystem::remove(name_, error);
    std::filesystem::create_symlink(socket, name_, error);
    if (error) {
      throw MachineError("cannot make the socket " + name_.string() + ": " + error.message() +
                         "; name a file that does not exist, in a folder that does");
    }
  }
  ~SocketName() {
    std::error_code error;
    std::filesystem::remove(name_, error);
  }
  SocketName(const SocketName&) = delete;
  SocketName& operator=(const SocketName&) = delete;

 private:
  std::filesystem::path name_;
};

}  // namespace

int debug(const MachineConfig& config, const std::filesystem::path& script) {
  config.validate();
  RunDirectory directory;
  const std::filesystem::path console = directory.path() / "console";
  const int console_log = open_log(console);
  const HaltedMachine machine(config, directory, console_log);
  close(console_log);

  std::printf("The guest's console: %s\n", console.c_str());
  std::fflush(stdout);
  std::vector<std::string> gdb = {"gdb", "-q", config.kernel.string(), "-ex",
                                  "target remote " + machine.socket().string()};
  if (!script.empty()) gdb.insert(gdb.end(), {"-x", script.string()});
  return run_in_foreground(gdb);
}

int wait_for_debugger(const MachineConfig& config, const std::filesystem::path& name) {
  config.validate();
  RunDirectory directory;
  HaltedMachine machine(config, directory, STDOUT_FILENO);
  const SocketName socket(name, machine.socket());
  std::printf("Halted before its first instruction. In GDB: target remote %s\n", name.c_str());
  std::fflush(stdout);
  machine.wait_for_end();
  return 0;
}

}  // namespace sprat::grading
