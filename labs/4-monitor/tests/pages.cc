// pages.cc — see pages.hh.

#include "pages.hh"

namespace lab {

using sprat::grading::bare;

std::string PageQuestions::ask(const std::string& kind, const std::vector<std::uint64_t>& numbers) {
  std::string question = "pages " + kind;
  for (const std::uint64_t each : numbers) question += " " + bare(each);
  const std::string answer = trial_.ask(question);
  note(question + "   -> " + answer);
  return answer;
}

void PageQuestions::done(const std::string& kind, const std::vector<std::uint64_t>& numbers) {
  expect(kind, "done", ask(kind, numbers));
}

void PageQuestions::wrong(const std::string& expected, const std::string& came) {
  trial_.keep_log("pages", log_);
  trial_.wrong(expected, came,
               "the log has the questions and the answers in their order; the words are in "
               "labs/4-monitor/subject/pages.cc");
}

}  // namespace lab
