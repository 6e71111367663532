// pages.cc — questions to the dispatchers of a process that share pages. All numbers are hexadecimal, and a mapping is 0, 1 or 2: none,
// read-only, writable. The test has the links between them, the frames, and the other halves of user/span/shared_pages.cc.
//
//   pages new                              a process on all cores; no core has a page           -> done
//
//   pages want CORE PAGE CAN-SEND          the home hears that CORE wants it; its frame can be sent, or not
//                                                       -> [send MAPPING] given MAPPING  or  [send MAPPING] error NAME
//   pages begin PAGE MAPPING               a limit begins at the home                           -> tell CORES  or  error NAME
//   pages limited PAGE CORES               they have answered                                   -> done
//   pages end PAGE                         the limit ends                                       -> again CORES
//   pages ended CORE                       the dispatcher there has ended                       -> done
//
//   pages start CORE                       another dispatcher begins there                      -> done
//   pages ask CORE PAGE                    CORE is about to want it                             -> asked LIMITS
//   pages map CORE PAGE                    CORE maps it again, as it may                       -> done
//   pages limit CORE PAGE MAPPING          CORE hears of a limit                                -> may MAPPING unmap 0-OR-1
//   pages arrive CORE PAGE MAPPING LIMITS  its frame has come                                   -> may MAPPING  or  late MAPPING

#include "pages.hh"

#include <map>

#include "span/page_home.hh"
#include "span/page_use.hh"

namespace subject {
namespace {

using sprat::Mapping, sprat::PageHome, sprat::PageUse;

struct Dispatchers {
  PageHome home;
  std::map<std::uint64_t, std::array<PageUse, sprat::kMostSharedPages>> others;  // by core
};
Dispatchers dispatchers;

Mapping mapping_in(Question& question) { return static_cast<Mapping>(question.number()); }
std::string text_of(Mapping mapping) { return hex(static_cast<std::uint64_t>(mapping)); }
std::string text_of(sprat::Error error) { return std::string("error ") + sprat::name_of(error); }

void want(Question& question) {
  const std::uint64_t core = question.number(), page = question.number();
  const bool can_send = question.number() != 0;
  std::string calls;
  const auto send = [&](Mapping mapping) -> sprat::Result<void> {
    calls += "send " + text_of(mapping) + " ";
    if (!can_send) return sprat::Error::out_of_memory;
    return {};
  };
  const auto given = dispatchers.home.want(core, page, send);
  say(calls + (given ? "given " + text_of(given.value()) : text_of(given.error())));
}

// As in user/span/page_records.hh.
void arrive(PageUse& use, Question& question) {
  const Mapping mapping = mapping_in(question);
  if (!use.is_current(static_cast<std::uint32_t>(question.number())))
    return say("late " + text_of(use.may()));
  use.let(Mapping::none);
  use.let(mapping);
  use.set_mapped();
  say("may " + text_of(use.may()));
}

// The questions to the home; false for another question.
bool ask_home(const std::string& kind, Question& question) {
  PageHome& home = dispatchers.home;
  if (kind == "want") {
    want(question);
  } else if (kind == "begin") {
    const std::uint64_t page = question.number();
    const auto told = home.begin_limit(page, mapping_in(question));
    say(told ? "tell " + hex(told.value()) : text_of(told.error()));
  } else if (kind == "limited") {
    const std::uint64_t page = question.number();
    home.limited(page, question.number());
    say("done");
  } else if (kind == "end") {
    say("again " + hex(home.end_limit(question.number())));
  } else if (kind == "ended") {
    home.forget(question.number());
    say("done");
  } else {
    return false;
  }
  return true;
}

}  // namespace

void answer_by_pages(Question& question) {
  const std::string kind = question.word();
  if (kind == "new") {
    dispatchers = Dispatchers();
    return say("done");
  }
  if (ask_home(kind, question)) return;
  auto& uses = dispatchers.others[question.number()];
  if (kind == "start") {
    uses = {};
    return say("done");
  }
  PageUse& use = uses.at(question.number());
  if (kind == "ask") {
    say("asked " + hex(use.limits()));
  } else if (kind == "map") {
    use.set_mapped();
    say("done");
  } else if (kind == "limit") {
    const bool must_unmap = use.limit(mapping_in(question));
    say("may " + text_of(use.may()) + " unmap " + (must_unmap ? "1" : "0"));
  } else if (kind == "arrive") {
    arrive(use, question);
  } else {
    say("error unknown-question");
  }
}

}  // namespace subject
