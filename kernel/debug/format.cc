// format.cc — numbers to digits, digits to columns.

#include "sprat/text.hh"

namespace sprat {
namespace {

constexpr unsigned kAddressDigits = 16;

// Digits of one number, made from the last to the first.
class Digits {
 public:
  Digits(std::uint64_t number, unsigned base, unsigned at_least) {
    while (number != 0 || at_least > buffer_.size() - begin_ || begin_ == buffer_.size()) {
      push("0123456789abcdef"[number % base]);
      number /= base;
    }
  }

  void push(char letter) { buffer_[--begin_] = letter; }

  std::string_view text() const { return {buffer_.data() + begin_, buffer_.size() - begin_}; }

 private:
  std::array<char, 24> buffer_;
  std::size_t begin_ = buffer_.size();
};

void pad(Write write, std::size_t columns) {
  for (; columns > 0; --columns) write(" ");
}

void write_aligned(Write write, Placeholder placeholder, std::string_view text) {
  const std::size_t missing = placeholder.width > text.size() ? placeholder.width - text.size() : 0;
  if (!placeholder.left) pad(write, missing);
  write(text);
  if (placeholder.left) pad(write, missing);
}

void write_number(Write write, Placeholder placeholder, const Argument& argument) {
  const bool is_address = argument.kind() == Argument::Kind::address;
  const bool hexadecimal = placeholder.hexadecimal || is_address;
  const bool negative = !hexadecimal && argument.kind() == Argument::Kind::signed_number &&
                        static_cast<std::int64_t>(argument.number()) < 0;
  const std::uint64_t magnitude = negative ? 0 - argument.number() : argument.number();
  Digits digits(magnitude, hexadecimal ? 16 : 10, is_address ? kAddressDigits : 1);
  if (hexadecimal) {
    digits.push('x');
    digits.push('0');
  }
  if (negative) digits.push('-');
  write_aligned(write, placeholder, digits.text());
}

void write_argument(Write write, Placeholder placeholder, const Argument& argument) {
  switch (argument.kind()) {
    case Argument::Kind::text: return write_aligned(write, placeholder, argument.text());
    case Argument::Kind::truth:
      return write_aligned(write, placeholder, argument.number() != 0 ? "true" : "false");
    case Argument::Kind::unsigned_number:
    case Argument::Kind::signed_number:
    case Argument::Kind::address: return write_number(write, placeholder, argument);
  }
}

}  // namespace

void format_arguments(Write write, std::string_view text, std::span<const Argument> arguments) {
  parse_format(text, write, [&](Placeholder placeholder) {
    write_argument(write, placeholder, arguments.front());
    arguments = arguments.subspan(1);
  });
}

}  // namespace sprat
