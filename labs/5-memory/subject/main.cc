// main.cc — the code under test: the parts of a memory server, and the servers of several cores.

#include "subjects.hh"

namespace subject {

void answer(const std::string& kind, Question& question) {
  if (kind == "buddy") return answer_by_buddy(question);
  if (kind == "records") return answer_by_records(question);
  if (kind == "clients") return answer_by_clients(question);
  if (kind == "server") return answer_by_servers(question);
  if (kind == "process") return answer_by_process(question);
  say("error unknown-question");
}

}  // namespace subject
