// control.cc — talking QMP: one JSON value per line, answers in the order of the questions, events
// between them.

#include "machine/control.hh"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>

#include "machine/config.hh"

namespace sprat::grading {
namespace {

// The mark of our questions, which QEMU repeats in its answers.
constexpr char kMark[] = R"("id": 1)";

// JSON spells the end of a line out.
std::string with_line_ends(std::string text) {
  for (std::size_t at; (at = text.find(R"(\r\n)")) != std::string::npos;) text.replace(at, 4, "\n");
  return text;
}

}  // namespace

Control::Control() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw MachineError("no more sockets; raise ulimit -n");
  }
  ours_ = ends[0];
  childs_ = ends[1];
  fcntl(ours_, F_SETFL, O_NONBLOCK);
  const std::string_view hello = "{\"execute\":\"qmp_capabilities\"}\n";
  send(ours_, hello.data(), hello.size(), MSG_NOSIGNAL);
  answers_.clear();
}

Control::~Control() {
  close_child_end();
  if (ours_ >= 0) close(ours_);
}

void Control::close_child_end() {
  if (childs_ >= 0) close(childs_);
  childs_ = -1;
}

void Control::take_line(const std::string& line) {
  if (line.find(R"("event": "SHUTDOWN")") != std::string::npos) {
    guest_reset_ |= line.find(R"("reason": "guest-reset")") != std::string::npos;
    guest_powered_off_ |= line.find(R"("reason": "guest-shutdown")") != std::string::npos;
  }
  ready_ |= line.find(R"("return": )") != std::string::npos;
  // Only answers carry the mark that questions are given.
  if (line.find(kMark) != std::string::npos) answers_.push_back(line);
}

void Control::pump() {
  std::array<char, 16384> buffer;
  while (ours_ >= 0) {
    ssize_t got = read(ours_, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) break;
    if (got <= 0) {
      close(ours_);
      ours_ = -1;
      break;
    }
    partial_.append(buffer.data(), static_cast<std::size_t>(got));
    for (std::size_t end; (end = partial_.find('\n')) != std::string::npos;
         partial_.erase(0, end + 1)) {
      take_line(partial_.substr(0, end));
    }
  }
}

bool Control::wait_for_input(int milliseconds) {
  pollfd one = {ours_, POLLIN, 0};
  return ours_ >= 0 && poll(&one, 1, milliseconds) > 0;
}

std::optional<std::string> Control::ask(const std::string& command) {
  const std::string line = "{" + command + ", " + kMark + "}\n";
  answers_.clear();
  if (ours_ < 0 ||
      send(ours_, line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size())) {
    return std::nullopt;
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(kAnswerSeconds);
  while (answers_.empty() && ours_ >= 0 && std::chrono::steady_clock::now() < deadline) {
    if (wait_for_input(100)) pump();
  }
  if (answers_.empty() || answers_.front().find(R"("return": )") == std::string::npos) {
    return std::nullopt;
  }
  return answers_.front();
}

void Control::quit() {
  const std::string_view command = "{\"execute\":\"quit\"}\n";
  if (ours_ >= 0) send(ours_, command.data(), command.size(), MSG_NOSIGNAL);
}

bool Control::stop() { return ask(R"("execute": "stop")").has_value(); }

std::optional<std::string> Control::registers() {
  auto text = ask(R"("execute": "human-monitor-command",
                     "arguments": {"command-line": "info registers -a"})");
  if (!text) return std::nullopt;
  return with_line_ends(*text);
}

bool Control::save_memory(std::uint64_t physical, std::uint64_t bytes, const std::string& file) {
  return ask(R"("execute": "pmemsave", "arguments": {"val": )" + std::to_string(physical) +
             R"(, "size": )" + std::to_string(bytes) + R"(, "filename": ")" + file + R"("})")
      .has_value();
}

}  // namespace sprat::grading
