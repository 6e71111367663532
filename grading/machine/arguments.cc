// arguments.cc — options, from words to variables.

#include "machine/arguments.hh"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <type_traits>

namespace sprat::grading {
namespace {

constexpr int kStatusUsage = 2;

// All of `text` as a number; false when it is none, or too large.
template <class Number>
bool read_number(std::string_view text, Number& target) {
  Number number{};
  std::from_chars_result result{};
  if constexpr (std::is_floating_point_v<Number>) {
    result = std::from_chars(text.data(), text.data() + text.size(), number);
  } else {
    const bool hexadecimal = text.starts_with("0x");
    if (hexadecimal) text.remove_prefix(2);
    result = std::from_chars(text.data(), text.data() + text.size(), number, hexadecimal ? 16 : 10);
  }
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) return false;
  target = number;
  return true;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    if (end != begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

}  // namespace

Arguments::Arguments(std::string program, std::string purpose)
    : program_(std::move(program)), purpose_(std::move(purpose)) {}

void Arguments::option(std::string name, std::string& target, std::string says) {
  add(std::move(name), std::move(says), [&target](const std::string& value) {
    target = value;
    return true;
  });
}

void Arguments::option(std::string name, std::filesystem::path& target, std::string says) {
  add(std::move(name), std::move(says), [&target](const std::string& value) {
    target = value;
    return true;
  });
}

void Arguments::option(std::string name, int& target, std::string says) {
  number(std::move(name), target, std::move(says));
}
void Arguments::option(std::string name, unsigned& target, std::string says) {
  number(std::move(name), target, std::move(says));
}
void Arguments::option(std::string name, std::uint64_t& target, std::string says) {
  number(std::move(name), target, std::move(says));
}
void Arguments::option(std::string name, double& target, std::string says) {
  number(std::move(name), target, std::move(says));
}

template <class Number>
void Arguments::number(std::string name, Number& target, std::string says) {
  add(std::move(name), std::move(says),
      [&target](const std::string& value) { return read_number(value, target); });
}

void Arguments::choice(std::string name, std::string& target, std::vector<std::string> words,
                       std::string says) {
  says += ':';
  for (const std::string& word : words) says += ' ' + word;
  add(std::move(name), std::move(says), [&target, words](const std::string& value) {
    target = value;
    return std::find(words.begin(), words.end(), value) != words.end();
  });
}

void Arguments::flag(std::string name, bool& target, std::string says) {
  add(std::move(name), std::move(says), [&target](const std::string&) { return target = true; });
  options_.back().takes_value = false;
}

void Arguments::repeated(std::string name, std::vector<std::string>& target, std::string says) {
  add(std::move(name), std::move(says), [&target](const std::string& value) {
    target.push_back(value);
    return true;
  });
}

void Arguments::list(std::string name, std::vector<std::string>& target, std::string says) {
  add(std::move(name), std::move(says), [&target](const std::string& value) {
    target = split(value, ',');
    return true;
  });
}

void Arguments::add(std::string name, std::string says,
                    std::function<bool(const std::string&)> take) {
  options_.push_back({std::move(name), std::move(says), true, std::move(take)});
}

void Arguments::read(int count, char** words) {
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (word == "--help" || word == "-h") {
      std::fputs(help().c_str(), stdout);
      std::exit(0);
    }
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    Option* option = find(name);
    if (option == nullptr) refuse("`" + word + "` is no option");
    std::string value;
    if (equals != std::string::npos) {
      if (!option->takes_value) refuse(name + " takes no value");
      value = word.substr(equals + 1);
    } else if (option->takes_value) {
      if (++i == count) refuse(name + " lacks its value");
      value = words[i];
    }
    if (!option->take(value)) refuse("`" + value + "` does not fit " + name + ", " + option->says);
    option->given = true;
  }
}

Arguments::Option* Arguments::find(std::string_view name) {
  for (Option& option : options_)
    if (option.name == name) return &option;
  return nullptr;
}

void Arguments::require(std::string_view name) {
  if (!has(name)) refuse(std::string(name) + " is missing: " + find(name)->says);
}

void Arguments::refuse(const std::string& message) const {
  std::fprintf(stderr, "%s: %s; --help lists what there is\n", program_.c_str(), message.c_str());
  std::exit(kStatusUsage);
}

std::string Arguments::help() const {
  std::size_t widest = 0;
  for (const Option& option : options_) widest = std::max(widest, option.name.size());
  std::string text = program_ + ": " + purpose_ + "\n\n";
  for (const Option& option : options_) {
    text += "  " + option.name + std::string(widest - option.name.size(), ' ') +
            (option.takes_value ? " VALUE  " : "        ") + option.says + "\n";
  }
  return text;
}

}  // namespace sprat::grading
