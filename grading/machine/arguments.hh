// arguments.hh — what our programs are told on their command lines: `--name value`, `--name=value` and flags.

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sprat::grading {

// A program's options. Each is declared with the variable that its value goes to; what the variable holds until then
// is the default. When one is given twice, the later counts.
class Arguments {
 public:
  // `program` and `purpose` head the help.
  Arguments(std::string program, std::string purpose);

  void option(std::string name, std::string& target, std::string says);
  void option(std::string name, std::filesystem::path& target, std::string says);
  // Numbers may be written in hexadecimal, with 0x, where they are whole.
  void option(std::string name, int& target, std::string says);
  void option(std::string name, unsigned& target, std::string says);
  void option(std::string name, std::uint64_t& target, std::string says);
  void option(std::string name, double& target, std::string says);

  // One of a few words.
  void choice(std::string name, std::string& target, std::vector<std::string> words,
              std::string says);
  // Takes no value; being there makes it true.
  void flag(std::string name, bool& target, std::string says);
  // May be given any number of times.
  void repeated(std::string name, std::vector<std::string>& target, std::string says);
  // Several words with commas between them.
  void list(std::string name, std::vector<std::string>& target, std::string says);

  // Reads a command line, whose first word is the program. Prints the help and exits with 0 when that is asked for;
  // refuses words that are no option, and values that do not fit.
  void read(int count, char** words);

  // Was this option given? Only for names that were declared.
  bool has(std::string_view name) { return find(name)->given; }

  // Refuses unless the option was given.
  void require(std::string_view name);

  // Says what is wrong with the command line, and exits with status 2.
  [[noreturn]] void refuse(const std::string& message) const;

  std::string help() const;

 private:
  struct Option {
    std::string name;
    std::string says;
    bool takes_value;
    std::function<bool(const std::string&)> take;  // false: the value does not fit
    bool given = false;
  };
  template <class Number>
  void number(std::string name, Number& target, std::string says);
  void add(std::string name, std::string says, std::function<bool(const std::string&)> take);
  Option* find(std::string_view name);

  std::string program_;
  std::string purpose_;
  std::vector<Option> options_;
};

}  // namespace sprat::grading
