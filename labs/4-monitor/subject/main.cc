// main.cc — the code under test: monitors, schedules that are tests of such monitors, and the pages of a process.

#include "monitors.hh"
#include "pages.hh"
#include "schedules.hh"

namespace subject {

void answer(const std::string& kind, Question& question) {
  if (kind == "pages") return answer_by_pages(question);
  if (!answer_by_schedules(kind, question)) answer_by_monitors(kind, question);
}

}  // namespace subject
