// evidence.cc — the lines of a report: each is spoken to the scope as a whole, and only then written letter by letter.

#include "grading/guest/evidence.hh"

#include <algorithm>

#include "sprat/text.hh"

extern "C" {
// speak.S
void speak(std::uint64_t offset, std::uint64_t letters);
extern char spoken_line[], spoken_line_end[];
}

namespace sprat::evidence {
namespace {

constinit std::size_t in_line = 0;  // letters of spoken_line

// An attempt to say a piece takes some 400 instructions, which is much less than a turn.
void speak_line() {
  constexpr std::size_t kPiece = 16;
  for (std::size_t said = 0; said < in_line; said += kPiece)
    speak(said, std::min(kPiece, in_line - said));
  write({spoken_line, in_line});
  in_line = 0;
}

}  // namespace

void say(std::string_view text) {
  for (const char letter : text) {
    spoken_line[in_line++] = letter;
    if (letter == '\n' || spoken_line + in_line == spoken_line_end) speak_line();
  }
}

// As format writes it. But format is the kernel's, and would call this code back: a kernel's tests are entered where they
// were left, and nowhere else.
void say(const Argument& value) {
  using Kind = Argument::Kind;
  constexpr unsigned kAddressDigits = 16;
  if (value.kind() == Kind::text) return say(value.text());
  if (value.kind() == Kind::truth)
    return say(std::string_view(value.number() != 0 ? "true" : "false"));
  const bool is_address = value.kind() == Kind::address;
  const bool is_negative = value.kind() == Kind::signed_number && (value.number() >> 63) != 0;
  std::uint64_t rest = is_negative ? 0 - value.number() : value.number();
  const unsigned base = is_address ? 16 : 10;
  std::array<char, 24> digits;
  std::size_t begin = digits.size();
  do {
    digits[--begin] = "0123456789abcdef"[rest % base];
    rest /= base;
  } while (rest != 0 || (is_address && digits.size() - begin < kAddressDigits));
  if (is_address) say(std::string_view("0x"));
  if (is_negative) say(std::string_view("-"));
  say(std::string_view(digits.data() + begin, digits.size() - begin));
}

Session::Session(const boot::CommandLine& words, std::string_view test)
    : test_(test), seed_(hex(words, "seed")) {
  // Copied, so that a report can be finished even if the command line is overwritten meanwhile.
  const auto nonce = words.get("nonce").value_or("");
  std::ranges::copy(slice(nonce, 0, nonce_.size()), nonce_.begin());
  begin_line("begin");
  say_all(test_, "\n");
}

Session::~Session() {
  begin_line("end");
  say_all(test_, " ", checks_, "\n");
}

void Session::begin_line(std::string_view verb) {
  say_all("@", std::string_view(nonce_.data(), nonce_.size()), " ", verb, " ");
}

}  // namespace sprat::evidence
