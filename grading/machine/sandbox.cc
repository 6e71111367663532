// sandbox.cc — bubblewrap's options, and finding out whether it works here.

#include "machine/sandbox.hh"

#include <poll.h>

#include "machine/channel.hh"
#include "machine/config.hh"
#include "machine/process.hh"
#include "machine/run_directory.hh"

namespace sprat::grading {
namespace {

constexpr std::size_t kWordsLimit = 4096;

std::string find_obstacle() {
  static constexpr char kAdvice[] =
      "; untrusted programs run without a sandbox here (install bubblewrap, and allow "
      "unprivileged user namespaces)";
  try {
    RunDirectory directory;
    Channel words(kWordsLimit);
    Process trial({.arguments = Sandbox({directory.path()}).wrap({"true"}),
                   .descriptors = {{words.child_end(), 2}}},
                  directory);
    words.close_child_end();
    std::optional<ExitStatus> status;
    while (!(status = trial.ended())) {
      pollfd one = {trial.ended_descriptor(), POLLIN, 0};
      poll(&one, 1, -1);
    }
    words.pump();
    if (status->code == 0 && status->signal == 0) return "";
    return words.text().substr(0, words.text().find('\n')) + kAdvice;
  } catch (const MachineError& error) {
    return std::string(error.what()) + kAdvice;
  }
}

}  // namespace

const std::string& Sandbox::obstacle() {
  static const std::string obstacle = find_obstacle();
  return obstacle;
}

std::vector<std::string> Sandbox::wrap(const std::vector<std::string>& command) const {
  std::vector<std::string> all = {"bwrap",
                                  "--die-with-parent",
                                  "--unshare-net",
                                  "--unshare-pid",
                                  "--unshare-ipc",
                                  "--new-session",
                                  "--ro-bind",
                                  "/",
                                  "/",
                                  "--dev",
                                  "/dev",
                                  "--proc",
                                  "/proc",
                                  "--tmpfs",
                                  "/tmp"};
  auto show = [&](const char* how, const Paths& paths) {
    for (const std::filesystem::path& path : paths)
      all.insert(all.end(), {how, path.string(), path.string()});
  };
  show("--ro-bind", readable_);
  show("--bind", writable_);
  all.push_back("--");
  all.insert(all.end(), command.begin(), command.end());
  return all;
}

std::vector<std::string> without_network(const std::vector<std::string>& command) {
  std::vector<std::string> all = {
      "bwrap", "--die-with-parent", "--unshare-net", "--dev-bind", "/", "/", "--"};
  all.insert(all.end(), command.begin(), command.end());
  return all;
}

}  // namespace sprat::grading
