// console.cc — 40 bytes a system call.

#include "lib/console.hh"

#include <cstring>

#include "lib/system_call.hh"

namespace sprat {
namespace {

constinit std::array<char, 160> line{};
constinit std::size_t length = 0;

}  // namespace

void flush_console() {
  for (std::size_t done = 0; done < length;) {
    Words words{};
    const std::size_t bytes = length - done < sizeof(words) ? length - done : sizeof(words);
    std::memcpy(words.data(), line.data() + done, bytes);
    static_cast<void>(system_call(SystemCall::debug_write, bytes, words));
    done += bytes;
  }
  length = 0;
}

void write_console(std::string_view text) {
  for (const char letter : text) {
    line[length++] = letter;
    if (letter == '\n' || length == line.size()) flush_console();
  }
}

}  // namespace sprat
