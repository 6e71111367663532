// memory_map.cc — questions to find_free_memory.
//
//   memory 2  0 9fc00 1  100000 7ee0000 1  1  100000 125000
//          loader's ranges: begin length available, then reserved ranges: begin end
//   -> ok 125000 7fe0000        the regions: begin end ...        or    -> error NAME

#include "memory/memory_map.hh"

#include <vector>

#include "questions.hh"

void subject::ask_memory_map(Question& question) {
  using sprat::PhysicalAddress;
  std::vector<sprat::memory::LoaderRange> loader(question.number());
  for (auto& range : loader) {
    range.begin = question.number();
    range.length = question.number();
    range.available = question.number() != 0;
  }
  std::vector<sprat::PhysicalRange> reserved(question.number());
  for (auto& range : reserved) {
    range.begin = PhysicalAddress(question.number());
    range.end = PhysicalAddress(question.number());
  }
  const auto map = sprat::memory::find_free_memory(loader, reserved);
  if (!map) return say(std::string("error ") + sprat::name_of(map.error()));
  std::string answer = "ok";
  for (const auto& region : map.value().regions()) {
    answer += " " + hex(region.begin.value()) + " " + hex(region.end.value());
  }
  say(answer);
}
