// main.cc — the code under test: monitors, and schedules that are tests of such monitors.

#include "monitors.hh"
#include "schedules.hh"

namespace subject {

void answer(const std::string& kind, Question& question) {
  if (!answer_by_schedules(kind, question)) answer_by_monitors(kind, question);
}

}  // namespace subject
