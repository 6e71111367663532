// terminal.cc — raw mode in, raw mode out, whatever happens between; and files that are typed.

#include "machine/terminal.hh"

#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace sprat::grading {
namespace {

constexpr char kEscape = 'a' & 0x1f;    // Ctrl-A
constexpr char kEndOfInput[] = "\x04";  // ^D
constexpr std::array kFatalSignals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGSEGV, SIGPIPE};

// For the signal handler, which can take no argument.
termios as_it_was;
int raw_descriptor = -1;

void restore() { tcsetattr(raw_descriptor, TCSAFLUSH, &as_it_was); }

void restore_and_die(int signal) {
  restore();
  std::signal(signal, SIG_DFL);
  raise(signal);
}

}  // namespace

RawTerminal::RawTerminal(int descriptor) : descriptor_(descriptor) {
  tcgetattr(descriptor, &as_it_was);
  raw_descriptor = descriptor;
  for (int signal : kFatalSignals) std::signal(signal, restore_and_die);
  termios raw = as_it_was;
  cfmakeraw(&raw);
  raw.c_oflag = as_it_was.c_oflag;  // a line feed still returns the carriage
  tcsetattr(descriptor, TCSAFLUSH, &raw);
}

RawTerminal::~RawTerminal() {
  restore();
  for (int signal : kFatalSignals) std::signal(signal, SIG_DFL);
}

Person RawTerminal::person() {
  return {.keyboard = descriptor_, .keys = [this] { return keys(); }};
}

std::optional<Keys> RawTerminal::keys() {
  std::array<char, 256> buffer;
  ssize_t got = read(descriptor_, buffer.data(), buffer.size());
  if (got <= 0) return std::nullopt;
  std::string typed;
  for (char key : std::string_view(buffer.data(), static_cast<std::size_t>(got))) {
    if (after_escape_ && (key == 'x' || key == 'X')) return std::nullopt;
    if (key == kEscape && !after_escape_) {
      after_escape_ = true;
      continue;
    }
    after_escape_ = false;
    typed += key;
  }
  return Keys{typed};
}

Person typist(int descriptor, const std::string& prompt) {
  return {.keyboard = descriptor,
          .keys = [descriptor, last = '\n']() mutable -> std::optional<Keys> {
            std::array<char, 256> buffer;
            const ssize_t got = read(descriptor, buffer.data(), buffer.size());
            if (got <= 0 && last == '\n') return std::nullopt;
            const std::string typed =
                got > 0 ? std::string(buffer.data(), static_cast<std::size_t>(got)) : "\n";
            last = typed.back();
            return Keys{typed};
          },
          .last_keys = kEndOfInput,
          .prompt = prompt};
}

}  // namespace sprat::grading
