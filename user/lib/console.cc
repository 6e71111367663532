// console.cc — 40 bytes a system call.
//@ since monitor
// And 32 a request: a process prints by way of its monitor.
//@ end

#include "lib/console.hh"

#include <cstring>

//@ since monitor
#include "lib/console_requests.hh"
#include "lib/lrpc.hh"
#include "lib/processes.hh"
//@ end
#include "lib/startup.hh"
#include "lib/system_call.hh"

namespace sprat {
namespace {

constinit std::array<char, 160> line{};
constinit std::size_t length = 0;

// Lets others run, and comes again.
std::size_t wait_for_console() {
  yield(Yield::stay);
  __builtin_ia32_pause();
  return 0;
}

std::size_t write_to_kernel(std::string_view text) {
  const auto written = try_write_console(text);
  if (written) return written.value();
  return written.error() == Error::again ? wait_for_console() : text.size();
}

//@ since monitor
constinit TextReceiver* receiver = nullptr;
constinit bool has_monitor = true;  // as far as is known

// A line that is neither full nor at its end is written because it is to be seen now.
//   no_capability   there is no monitor, for this process is its core's first
Result<std::size_t> write_to_monitor(std::string_view text) {
  const bool is_shown = length < line.size() && text.size() <= TextPiece::kMostBytes;
  const auto piece = TextPiece::of(text, is_shown);
  const auto answer = ask(kMonitor, piece.words());
  if (answer) return answer.value().words[0];
  if (answer.error() == Error::no_capability) return Error::no_capability;
  return answer.error() == Error::again ? wait_for_console() : text.size();
}

//@ end
// Prints the beginning of `text`, and lets others run when that has to wait. Returns how many bytes need not come again: all,
// if this process may not print.
std::size_t write_some(std::string_view text) {
  //@ since monitor
  if (receiver != nullptr && receiver->take(text)) return text.size();
  if (has_monitor) {
    const auto written = write_to_monitor(text);
    if (written) return written.value();
    has_monitor = false;
  }
  //@ end
  return write_to_kernel(text);
}

}  // namespace

Result<std::size_t> try_write_console(std::string_view text) {
  Words words{};
  const std::size_t bytes = text.size() < sizeof(words) ? text.size() : sizeof(words);
  std::memcpy(words.data(), text.data(), bytes);
  constexpr std::uint64_t kConsole = task_slot(TaskSlot::kernel).raw();
  const auto result = system_call(SystemCall::debug_write, kConsole | bytes << 32, words);
  if (result.status != kStatusOk) return error_of(result.status);
  return result.words[0];
}

void flush_console() {
  for (std::size_t done = 0; done < length;)
    done += write_some({line.data() + done, length - done});
  length = 0;
}

void write_console(std::string_view text) {
  for (const char letter : text) {
    line[length++] = letter;
    if (letter == '\n' || length == line.size()) flush_console();
  }
}
//@ since monitor

void set_text_receiver(TextReceiver* text_receiver) { receiver = text_receiver; }

void drain_console() {
  flush_console();
  if (receiver != nullptr) receiver->drain();
  receiver = nullptr;
}
//@ end

}  // namespace sprat
