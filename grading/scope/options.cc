// options.cc — key=value.
#include "scope/options.hh"

#include <charconv>
#include <string_view>

namespace sprat::scope {
namespace {

std::optional<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped_at, failure] = std::from_chars(text.data(), end, value);
  if (failure != std::errc{} || stopped_at != end || value == 0) return std::nullopt;
  return value;
}

}  // namespace

std::optional<Options> parse_options(std::span<char* const> arguments, std::string& error) {
  Options options;
  for (const std::string_view argument : arguments) {
    const std::size_t equals = argument.find('=');
    const std::string_view key = argument.substr(0, equals);
    const std::string_view value = equals == argument.npos ? "" : argument.substr(equals + 1);
    if (key == "out" && !value.empty()) {
      options.out = value;
    } else if (key == "live" && !value.empty()) {
      options.live = value;
    } else if (key == "trace" && !value.empty()) {
      options.trace = value;
    } else if (key == "trust" && !value.empty()) {
      options.trust = value;
    } else if (key == "limit" && parse_count(value)) {
      options.limit = parse_count(value);
    } else {
      error = "cannot use the argument '" + std::string(argument) +
              "'; give out=FILE, live=FILE, trace=FILE, trust=FILE or limit=N with N > 0";
      return std::nullopt;
    }
  }
  if (options.out.empty()) {
    error = "the argument out=FILE is missing; it says where the report goes";
    return std::nullopt;
  }
  return options;
}

}  // namespace sprat::scope
