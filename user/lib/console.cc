// console.cc — 40 bytes a system call.

#include "lib/console.hh"

#include <cstring>

#include "lib/startup.hh"
#include "lib/system_call.hh"

namespace sprat {
namespace {

constinit std::array<char, 160> line{};
constinit std::size_t length = 0;

// Prints the beginning of `text`, and lets others run when that has to wait. Returns how many bytes need not come again: all,
// if this process may not print.
std::size_t write_some(std::string_view text) {
  Words words{};
  const std::size_t bytes = text.size() < sizeof(words) ? text.size() : sizeof(words);
  std::memcpy(words.data(), text.data(), bytes);
  constexpr std::uint64_t kConsole = task_slot(TaskSlot::kernel).raw();
  const auto result = system_call(SystemCall::debug_write, kConsole | bytes << 32, words);
  if (result.status == kStatusOk) return result.words[0];
  if (result.status != status_of(Error::again)) return text.size();
  yield(Yield::stay);
  __builtin_ia32_pause();
  return 0;
}

}  // namespace

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

}  // namespace sprat
