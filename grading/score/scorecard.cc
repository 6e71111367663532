// scorecard.cc — the look of a graded lab, from the table to the last hint.

#include "score/scorecard.hh"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <map>
#include <string_view>
#include <vector>

#include "score/printable.hh"
#include "score/waiting.hh"

namespace sprat::grading {
namespace {

constexpr std::size_t kColumns = 80;
constexpr std::size_t kLabelColumns = 13;  // "  expected   "
constexpr int kMostEvidenceLines = 12;
constexpr std::size_t kMostDetailedFailures = 3;
constexpr std::size_t kMostReason = 150;  // of a checkpoint that was not measured, two lines

class Card {
 public:
  Card(const Result& result, const Look& look) : result_(result), look_(look) {}

  std::string text() {
    header();
    if (result_.facts.verdict == Verdict::ok) {
      for (const ExerciseResult& exercise : result_.exercises) exercise_table(exercise);
      checkpoint_table();
      failures();
    } else {
      broken_run();
    }
    for (const std::string& note : result_.notes)
      line("{}", dim("  note: " + printable(note, 72, 1)));
    sum();
    return text_;
  }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
    text_ += '\n';
  }

  std::string paint(const char* code, const std::string& text) const {
    return look_.colours ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
  }
  std::string bold(const std::string& text) const { return paint("1", text); }
  std::string dim(const std::string& text) const { return paint("2", text); }
  std::string by_points(int points, int most, const std::string& text) const {
    return paint(points == most ? "32" : points > 0 ? "33" : "31", text);
  }

  bool is_whole() const { return result_.facts.selected.empty(); }

  bool is_selected(const std::string& test) const {
    const auto& selected = result_.facts.selected;
    return selected.empty() || std::find(selected.begin(), selected.end(), test) != selected.end();
  }

  void rule() { line("{}", dim(std::string(kColumns, '-'))); }

  void header() {
    line("");
    line("{}", bold(fmt::format("Lab {} {}: {}", result_.lab_number, result_.facts.lab,
                                printable(result_.title, 60, 1))));
    rule();
  }

  void exercise_table(const ExerciseResult& exercise) {
    int points = 0;
    int most = 0;
    std::size_t tests = 0;
    std::map<std::vector<std::string>, std::vector<const TestResult*>> waiting;
    std::string rows;
    std::swap(rows, text_);
    for (const TestResult& test : result_.tests) {
      if (test.exercise != exercise.id || !is_selected(test.name)) continue;
      ++tests;
      points += test.points;
      most += test.max_points;
      if (test.waits_for.empty() || passes_alone(test))
        test_row(test);
      else
        waiting[test.waits_for].push_back(&test);
    }
    if (exercise.answered)
      for (const auto& [exercises, names] : waiting) waiting_row(exercises, names);
    if (!exercise.answered)
      line("  {}", dim(fmt::format("not answered yet: {}", counted(tests, "test"))));
    else if (is_whole() && !exercise.explanation.empty())
      paragraph("         ", exercise.explanation);
    std::swap(rows, text_);
    if (tests == 0) return;
    // Of a selection only its tests count, so that all points on the card add up.
    if (is_whole()) points = exercise.points;
    if (is_whole()) most = exercise.max_points;
    line("{} {}",
         bold(fmt::format("{:<71}", exercise.id + "  " + printable(exercise.title, 58, 1))),
         by_points(points, most, fmt::format("{:>3} /{:>3}", points, most)));
    text_ += rows;
  }

  static std::string counted(std::size_t number, const char* thing) {
    return fmt::format("{} {}{}", number, thing, number == 1 ? "" : "s");
  }

  static bool passes_alone(const TestResult& test) {
    return test.verdict != Verdict::ok && test.alone.value_or(false);
  }

  void waiting_row(const std::vector<std::string>& exercises,
                   const std::vector<const TestResult*>& tests) {
    int most = 0;
    for (const TestResult* test : tests) most += test->max_points;
    const std::string text = fmt::format("{} {} for {}", counted(tests.size(), "test"),
                                         tests.size() == 1 ? "waits" : "wait", in_words(exercises));
    line("  {} {:<62} {}", dim("waits "), printable(text, 62, 1),
         dim(fmt::format("{:>3} /{:>3}", 0, most)));
  }

  void test_row(const TestResult& test) {
    const bool ok = test.verdict == Verdict::ok;
    const bool alone = passes_alone(test);
    const std::string word = fmt::format("{:<6}", ok ? "ok" : alone ? "alone" : "FAILED");
    const std::string time =
        test.verdict == Verdict::not_run ? "" : fmt::format("{:.2f} s", test.seconds);
    const std::string points = fmt::format("{:>3} /{:>3}", test.points, test.max_points);
    line("  {} {:<49} {:>12} {}",
         paint(ok      ? "32"
               : alone ? "33"
                       : "31;1",
               word),
         printable(test.name, 49, 1), time, dim(points));
  }

  void checkpoint_table() {
    const bool any = std::any_of(
        result_.checkpoints.begin(), result_.checkpoints.end(),
        [&](const CheckpointResult& checkpoint) { return is_selected(checkpoint.test); });
    if (!any) return;
    line("");
    line("{}{}", bold(fmt::format("{:<33}", "Checkpoints")),
         dim(fmt::format("{:>12} {:>11}  {:<12} {:>8}", "yours", "reference", "band", "points")));
    std::size_t waiting = 0;
    int most_waiting = 0;
    for (const CheckpointResult& checkpoint : result_.checkpoints) {
      if (!is_selected(checkpoint.test)) continue;
      if (!checkpoint.waits_for.empty() && checkpoint.alone_band.empty()) {
        ++waiting;
        most_waiting += checkpoint.max_points;
        continue;
      }
      line("  {:<31}{:>12} {:>11}  {:<12} {}", printable(checkpoint.name, 31, 1),
           checkpoint.value ? amount(*checkpoint.value) : "-", amount(checkpoint.reference),
           checkpoint.band.empty() ? "-" : checkpoint.band, points_of(checkpoint));
      if (checkpoint.points > checkpoint.tree_points)
        paragraph("    ", "By itself: " + checkpoint.alone_band + ".");
      else if ((is_whole() || !checkpoint.value) && !checkpoint.explanation.empty())
        paragraph("    ", printable(checkpoint.explanation, kMostReason, 1));
    }
    if (waiting > 0)
      line("  {:<69} {}",
           fmt::format("{} {} for exercises that are not answered yet",
                       counted(waiting, "checkpoint"), waiting == 1 ? "waits" : "wait"),
           is_whole() ? dim(fmt::format("{:>3} /{:>3}", 0, most_waiting))
                      : dim(fmt::format("{:>3} /{:>3}", "-", most_waiting)));
  }

  // Only a whole grading knows whether the tests of all exercises pass that a checkpoint needs.
  std::string points_of(const CheckpointResult& checkpoint) const {
    if (!is_whole()) return dim(fmt::format("{:>3} /{:>3}", "-", checkpoint.max_points));
    return by_points(checkpoint.points, checkpoint.max_points,
                     fmt::format("{:>3} /{:>3}", checkpoint.points, checkpoint.max_points));
  }

  // First the tests that need no other failing exercise: to mend these may mend the others.
  void failures() {
    std::vector<const TestResult*> failed;
    for (const TestResult& test : result_.tests)
      if (test.verdict != Verdict::ok && test.waits_for.empty() && !passes_alone(test) &&
          is_selected(test.name))
        failed.push_back(&test);
    std::stable_partition(failed.begin(), failed.end(),
                          [](const TestResult* test) { return test->fails_after.empty(); });
    for (std::size_t i = 0; i < failed.size(); ++i) {
      if (i < kMostDetailedFailures) {
        failure(*failed[i]);
        continue;
      }
      if (i == kMostDetailedFailures) {
        line("");
        rule();
        line("{}", dim(fmt::format("{} more; `make test-one LAB={} T=NAME` tells all of one",
                                   failed.size() - i, result_.facts.lab)));
      }
      const std::vector<std::string>& after = failed[i]->fails_after;
      line("  {:<55} {}", printable(failed[i]->name, 55, 1),
           dim(after.empty() ? std::string(name_of(failed[i]->verdict))
                             : printable("after " + in_words(after), 22, 1)));
    }
  }

  void failure(const TestResult& test) {
    line("");
    rule();
    line("{} {}", paint("31;1", test.name), dim("- " + std::string(name_of(test.verdict))));
    labelled("checks", test.checks);
    evidence("what", test.explanation);
    if (!test.fails_after.empty())
      labelled("needs", in_words(test.fails_after) +
                            (test.fails_after.size() == 1 ? ", which fails" : ", which fail") +
                            " as well: look there first");
    evidence("expected", test.expected);
    evidence("came", test.came);
    evidence("console", test.console);
    if (!test.log.empty()) log_place(test);
    debugging(test);
    if (test.verdict == Verdict::wrong_answer) labelled("first", test.hint);
    labelled("read", test.handout);
    line("  {} make test-one LAB={} T={} SEED={}", dim(fmt::format("{:<10}", "again")),
         result_.facts.lab, test.name, result_.facts.seed);  // in one piece, to be pasted
  }

  void broken_run() {
    line("{}", paint("31;1", std::string(name_of(result_.facts.verdict))));
    paragraph("  ", result_.facts.explanation);
    for (const std::string& error : result_.facts.build_errors)
      line("    {}", printable(error, 240, 1));
    line("  {}", dim("The logs are in " + (look_.folder / "logs").string()));
  }

  void sum() {
    rule();
    const bool whole = is_whole();
    if (whole && result_.score != result_.tree_score)
      line("{} points of this tree as a whole, {} more of exercises by themselves",
           result_.tree_score, result_.score - result_.tree_score);
    int got = 0;
    int asked = 0;
    for (const TestResult& test : result_.tests) {
      if (!is_selected(test.name)) continue;
      got += test.points;
      asked += test.max_points;
    }
    const std::string of =
        whole        ? fmt::format("{} / {} points", result_.score, result_.max_score)
        : asked == 0 ? std::string("measured only; `make grade` gives the points")
                     : fmt::format("{} of {} points of these tests, checkpoints aside", got, asked);
    const bool all = whole ? result_.score == result_.max_score : got == asked;
    line("{}   {}", paint(all ? "32;1" : "1", of),
         dim(fmt::format("seed {}, {:.1f} s", result_.facts.seed, result_.facts.seconds)));
    line("{}", dim("result: " + (look_.folder / "result.json").string()));
  }

  // 12345.0 -> "12,345"; numbers that are not whole keep two digits.
  static std::string amount(double value) {
    if (value != static_cast<double>(static_cast<long long>(value)))
      return fmt::format("{:.2f}", value);
    std::string digits = fmt::format("{}", static_cast<long long>(value));
    for (std::ptrdiff_t at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
      digits.insert(static_cast<std::size_t>(at), ",");
    return digits;
  }

  // Evidence keeps its lines, so that tables and dumps stay readable; only what is too wide is
  // broken.
  void evidence(const char* label, const std::string& text) {
    if (text.empty()) return;
    const std::string indent(kLabelColumns, ' ');
    const std::string merged = without_repeats(text);
    std::string lines;
    std::string_view rest = merged;
    for (int i = 0; i < kMostEvidenceLines && !rest.empty(); ++i) {
      const std::string_view one = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(one.size() + 1, rest.size()));
      const bool fits = cells_of(one).size() + kLabelColumns <= kColumns;
      lines += (i > 0 ? "\n" : "") +
               (fits ? indent + printable(one, kColumns, 1) : wrap(indent, std::string(one)));
    }
    if (!rest.empty()) lines += "\n" + indent + dim("... more in result.json");
    line("  {} {}", dim(fmt::format("{:<10}", label)), lines.substr(kLabelColumns));
  }

  // Lines that come several times in a row stand there once.
  static std::string without_repeats(std::string_view text) {
    std::string out;
    while (!text.empty()) {
      const std::string_view one = text.substr(0, text.find('\n'));
      std::size_t times = 0;
      while (!text.empty() && text.substr(0, text.find('\n')) == one) {
        text.remove_prefix(std::min(one.size() + 1, text.size()));
        ++times;
      }
      out += (out.empty() ? "" : "\n") + std::string(one);
      if (times > 1) out += fmt::format(" ({} times)", times);
    }
    return out;
  }

  // In one piece, however long: a terminal opens it at a click, an editor at that line.
  void log_place(const TestResult& test) {
    const std::string file = printable((look_.folder / test.log).string(), 1000, 1);
    line("  {} {}{}", dim(fmt::format("{:<10}", "log")), file,
         test.line > 0 ? fmt::format(":{}", test.line) : "");
  }

  // A command in one piece that can be pasted: the subject under GDB, with the questions after which it ended. It stops
  // where a sanitizer finds fault.
  void debugging(const TestResult& test) {
    if (test.questions.empty()) return;
    const std::string questions = (look_.folder / test.questions).string();
    const std::string program = (look_.artifacts / ("subject-" + result_.facts.lab)).string();
    line("  {} {}", dim(fmt::format("{:<10}", "asked")), printable(questions, 1000, 1));
    if (look_.artifacts.empty() || !is_plain(questions) || !is_plain(program)) return;
    line(
        "  {} gdb -q -ex 'set env "
        "ASAN_OPTIONS=abort_on_error=1:detect_leaks=0:detect_stack_use_after_return=0' -ex 'set "
        "env UBSAN_OPTIONS=abort_on_error=1' -ex 'run <{}' {}",
        dim(fmt::format("{:<10}", "debug")), questions, program);
  }

  // Means the same to a shell, to GDB and to a person.
  static bool is_plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char each) {
      return (each >= '0' && each <= '9') || (each >= 'a' && each <= 'z') ||
             (each >= 'A' && each <= 'Z') ||
             std::string_view("+-./=_").find(each) != std::string_view::npos;
    });
  }

  void labelled(const char* label, const std::string& text) {
    if (text.empty()) return;
    const std::string wrapped = wrap(std::string(kLabelColumns, ' '), text);
    line("  {} {}", dim(fmt::format("{:<10}", label)), wrapped.substr(kLabelColumns));
  }

  void paragraph(const std::string& indent, const std::string& text) {
    line("{}", wrap(indent, text));
  }

  // Words put into lines of at most kColumns, each after `indent`. A word that is wider than a line
  // is cut.
  static std::string wrap(const std::string& indent, const std::string& text) {
    const std::string clean = printable(text, 4000, 40);
    std::string out = indent;
    std::size_t column = indent.size();
    for (std::size_t at = 0; at < clean.size();) {
      const std::size_t end = std::min(clean.find_first_of(" \n", at), clean.size());
      const std::string word = printable(clean.substr(at, end - at), kColumns - indent.size(), 1);
      const std::size_t width = cells_of(word).size();
      if (column > indent.size() && column + 1 + width > kColumns) {
        out += '\n' + indent;
        column = indent.size();
      } else if (column > indent.size()) {
        out += ' ';
        ++column;
      }
      out += word;
      column += width;
      at = end + 1;
    }
    return out;
  }

  const Result& result_;
  const Look& look_;
  std::string text_;
};

}  // namespace

bool wants_colours(int descriptor) {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return isatty(descriptor) && !(no_colour && *no_colour) && terminal &&
         std::string_view(terminal) != "dumb";
}

std::string scorecard(const Result& result, const Look& look) { return Card(result, look).text(); }

std::string progress_line(std::string_view test, Verdict verdict, const Look& look) {
  const bool ok = verdict == Verdict::ok;
  const char* colour = !look.colours ? "" : ok ? "\x1b[32m" : "\x1b[31;1m";
  return fmt::format("  {}{:<6}{} {}{}", colour, ok ? "ok" : "FAILED",
                     look.colours ? "\x1b[0m" : "", printable(test, 60, 1),
                     ok ? "" : fmt::format(" ({})", name_of(verdict)));
}

}  // namespace sprat::grading
