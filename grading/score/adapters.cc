// adapters.cc — Gradescope, Autolab, Classroom 50 and GitHub Actions, each in a few lines.

#include "score/adapters.hh"

#include <fmt/format.h>

#include <cstdlib>
#include <string_view>
#include <vector>

#include "score/json_files.hh"
#include "score/printable.hh"
#include "score/scorecard.hh"
#include "score/setup_error.hh"

namespace sprat::grading {
namespace {

// Tests and checkpoints alike: something with a name, points and a text.
struct Item {
  std::string name;
  int points;
  int max_points;
  bool passed;
  std::string text;
};

// A text may contain output of the code under test: control codes of terminals are spelled out.
std::string plain(std::string_view text) {
  constexpr std::size_t kMostColumns = 4000;
  constexpr std::size_t kMostLines = 400;
  return printable(text, kMostColumns, kMostLines);
}

std::string text_of_run(const Result& result) {
  std::string text = result.facts.explanation;
  for (const std::string& error : result.facts.build_errors) text += "\n" + error;
  return plain(text);
}

std::string text_of(const TestResult& test) {
  std::string text =
      fmt::format("{}\n{}: {}", test.checks, name_of(test.verdict), test.explanation);
  if (!test.expected.empty()) text += "\nexpected: " + test.expected;
  if (!test.came.empty()) text += "\ncame:     " + test.came;
  return plain(text + fmt::format("\nfirst: {}\nread: {}", test.hint, test.handout));
}

std::vector<Item> items_of(const Result& result) {
  std::vector<Item> items;
  for (const TestResult& test : result.tests) {
    const bool passed = test.verdict == Verdict::ok;
    items.push_back(
        {test.name, test.points, test.max_points, passed, passed ? test.checks : text_of(test)});
  }
  for (const CheckpointResult& checkpoint : result.checkpoints)
    items.push_back(
        {checkpoint.name, checkpoint.points, checkpoint.max_points,
         checkpoint.points == checkpoint.max_points,
         fmt::format("yours {}, reference {} {}. {}",
                     checkpoint.value ? fmt::format("{}", *checkpoint.value) : "none",
                     checkpoint.reference, checkpoint.unit, plain(checkpoint.explanation))});
  return items;
}

std::string joined(const std::vector<std::string>& lines) {
  return fmt::format("{}", fmt::join(lines, ",\n"));
}

std::string gradescope(const Result& result) {
  std::vector<std::string> tests;
  for (const Item& item : items_of(result))
    tests.push_back(fmt::format(
        R"(    {{"name": {}, "score": {}, "max_score": {}, "status": "{}", "output": {}, "output_format": "text"}})",
        json_string(item.name), item.points, item.max_points, item.passed ? "passed" : "failed",
        json_string(item.text)));
  return fmt::format(
      "{{\n  \"score\": {},\n  \"execution_time\": {:.0f},\n  \"output\": {},\n  "
      "\"output_format\": \"text\",\n  \"tests\": [\n{}\n  ]\n}}\n",
      result.score, result.facts.seconds, json_string(text_of_run(result)), joined(tests));
}

std::string autolab(const Result& result) {
  std::vector<std::string> scores;
  for (const ExerciseResult& exercise : result.exercises)
    scores.push_back(fmt::format("{}: {}", json_string(exercise.id), exercise.points));
  return fmt::format("{{\"scores\": {{{}}}}}\n", fmt::join(scores, ", "));
}

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  if (!value || !*value)
    throw SetupError(
        fmt::format("{} is not set; run this adapter from a Classroom 50 autograder", name));
  return value;
}

std::string classroom50(const Result& result) {
  std::vector<std::string> tests;
  for (const Item& item : items_of(result))
    tests.push_back(
        fmt::format(R"(    {{"test-name": {}, "passed": {}, "score": {}, "max-score": {}}})",
                    json_string(item.name), item.passed, item.points, item.max_points));
  const std::string commit = from_environment("COMMIT_URL");
  const char* review = std::getenv("REVIEW_URL");
  std::vector<std::string> fields{"\"schema\": \"classroom50/result/v1\""};
  const auto add = [&](const char* name, const std::string& value) {
    fields.push_back(fmt::format("{}: {}", json_string(name), json_string(value)));
  };
  add("classroom", from_environment("CLASSROOM"));
  add("assignment", from_environment("ASSIGNMENT"));
  add("submission", from_environment("SUBMISSION_TAG"));
  add("commit", commit);
  add("release", from_environment("RELEASE_URL"));
  add("review", review && *review ? review : commit);
  add("datetime", result.facts.started);
  fields.push_back(fmt::format("\"score\": {}", result.score));
  fields.push_back(fmt::format("\"max-score\": {}", result.max_score));
  fields.push_back(fmt::format("\"tests\": [\n{}\n  ]", joined(tests)));
  return fmt::format("{{\n  {}\n}}\n", fmt::join(fields, ",\n  "));
}

// Text of a workflow command; in a property, `:` and `,` end it.
std::string command_text(std::string_view text, bool property) {
  std::string escaped;
  for (const char character : text) {
    const bool special = character == '%' || character == '\r' || character == '\n' ||
                         (property && (character == ':' || character == ','));
    escaped += special ? fmt::format("%{:02X}", static_cast<unsigned char>(character))
                       : std::string(1, character);
  }
  return escaped;
}

std::string github(const Result& result) {
  std::string commands;
  const auto add = [&](const char* level, std::string_view title, std::string_view text) {
    commands += fmt::format("::{} title={}::{}\n", level, command_text(title, true),
                            command_text(text, false));
  };
  if (result.facts.verdict != Verdict::ok) {
    add("error", name_of(result.facts.verdict), text_of_run(result));
  } else {
    for (const Item& item : items_of(result))
      if (!item.passed) add("error", item.name, item.text);
  }
  add("notice", "Score", fmt::format("{} / {}", result.score, result.max_score));
  return commands;
}

// Text as one cell of a Markdown table: on one line, and with nothing that is markup there.
std::string cell(std::string_view text) {
  std::string out;
  for (const char character : printable(text, 200, 1)) {
    if (std::string_view("\\`*_{}[]<>()#!|&~").find(character) != std::string_view::npos)
      out += '\\';
    out += character;
  }
  return out;
}

std::string github_summary(const Result& result) {
  std::string text = fmt::format("## Lab {} {}: {} / {}\n\n", result.lab_number,
                                 cell(result.facts.lab), result.score, result.max_score);
  if (result.facts.verdict != Verdict::ok) text += cell(result.facts.explanation) + "\n\n";
  text += "| | | points |\n|---|---|---:|\n";
  for (const Item& item : items_of(result))
    text += fmt::format("| {} | {} | {} / {} |\n", item.passed ? "ok" : "**failed**",
                        cell(item.name), item.points, item.max_points);
  return text;
}

}  // namespace

std::string adapt(const std::string& adapter, const Result& result) {
  if (adapter == "gradescope") return gradescope(result);
  if (adapter == "autolab") return autolab(result);
  if (adapter == "classroom50") return classroom50(result);
  if (adapter == "github") return github(result);
  if (adapter == "github-summary") return github_summary(result);
  throw SetupError("there is no adapter `" + adapter + "`; see grade --help");
}

}  // namespace sprat::grading
