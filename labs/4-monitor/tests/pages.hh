// pages.hh — questions to the dispatchers of a process about its shared pages, with a log of them and their answers.

#pragma once

#include <string>
#include <vector>

#include "lab/trial.hh"

namespace lab {

using sprat::grading::Trial;

enum class Mapping { none, read_only, writable };
constexpr std::size_t kPages = 64;
constexpr std::uint64_t kCores = 64;  // at most
constexpr std::uint64_t only(std::uint64_t core) { return std::uint64_t{1} << core; }

// Asks the home; the test is all other dispatchers.
class PageQuestions {
 public:
  explicit PageQuestions(Trial& trial) : trial_(trial) { done("new"); }

  // The answers are those of labs/4-monitor/subject/pages.cc.
  std::string ask(const std::string& kind, const std::vector<std::uint64_t>& numbers);
  void done(const std::string& kind, const std::vector<std::uint64_t>& numbers = {});

  std::string want(std::uint64_t core, std::size_t page, bool can_send = true) {
    return ask("want", {core, page, can_send});
  }
  std::string begin(std::size_t page, Mapping mapping) {
    return ask("begin", {page, static_cast<std::uint64_t>(mapping)});
  }
  void limited(std::size_t page, std::uint64_t cores) { done("limited", {page, cores}); }
  std::string end(std::size_t page) { return ask("end", {page}); }
  void ended(std::uint64_t core) { done("ended", {core}); }

  // Keeps the questions so far, and fails the test.
  [[noreturn]] void wrong(const std::string& expected, const std::string& came);
  void expect(const std::string& what, const std::string& expected, const std::string& came) {
    if (expected != came) wrong(what + ": " + expected, came);
  }
  void note(const std::string& line) { log_ += line + "\n"; }

 private:
  Trial& trial_;
  std::string log_;
};

}  // namespace lab
