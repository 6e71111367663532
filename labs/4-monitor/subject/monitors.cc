// monitors.cc — questions to the monitors of a system: one core receives a line, or is asked to do something. All numbers are
// hexadecimal. The test keeps the links, and stops cores.
//
//   forget                            all monitors are gone                       -> done
//   start CORE                        a new incarnation of CORE; core 0 coordinates
//   join CORE                         asks to be let in
//   suspect CORE OTHER                OTHER does not answer CORE
//   expect OTHER   dead OTHER         core 0: OTHER is about to be started; is dead
//   may-start OTHER                   core 0                                      -> 0 or 1
//   take CORE FROM HEADER WORD...     a line from core FROM
//   register CORE TASK NAME PROCESS   a task registers the service NAME
//   remove CORE TASK NAME             a task removes it
//   look-up CORE NAME                 -> found OWNER PROCESS INCARNATION  or  error NAME
//
//   sweeps-slowly CORE                from now on copies are swept, and tasks resumed, a step at a time
//   step CORE                         one step
//   ticket CORE ASKER                 for a capability that core ASKER will have sent
//   receive CORE TASK TICKET SOURCE VIEW   a task waits for it
//   send CORE TASK BASE TO TICKET     sends a copy of the frame at BASE, its own or another core's
//   revoke CORE TASK BEGIN END        a task revokes its frames there
//   copy CORE BASE   delete CORE BASE a process makes a copy of another core's frame, or deletes one
//   lonely CORE BASE                  the CPU driver says that the anchor is the only copy
//   full CORE 0-OR-1                  there is no room for one more copy
//   owner CORE BASE                   of a frame of another core                  -> CORE  or  error NAME
//
// All others are answered by the calls that CORE made of its platform and its memory, in their order, and its state:
//
//   post TO HEADER WORD...   open CORE   close CORE   fence CORE   prepared   told TASK RESULT   ticket NUMBER
//   observed CORE, committed CORE     an observer was told of a change about CORE
//   keep BASE   release BASE   give BASE   adopt BASE   sweep BASE   drop BASE   copied BASE   removed BASE
//   state VIEW PREPARED INCARNATION CORES LINKED HAS-STEPS

#include "monitors.hh"

#include <cstdlib>
#include <map>
#include <memory>

#include "monitor.hh"

namespace sprat {

void* allocate(std::size_t bytes) noexcept { return std::malloc(bytes); }
void release(void* memory) noexcept { std::free(memory); }

}  // namespace sprat

namespace subject {
namespace {

constexpr std::uint8_t kFrameBits = 12, kRights = 1;

Name service(std::uint64_t number) {
  Name name;
  static_cast<void>(name.assign("service " + hex(number)));
  return name;
}

CoreNumber core_in(Question& question) { return static_cast<CoreNumber>(question.number()); }

// The questions that concern cores and names; false for another question.
bool ask_for_views_and_names(Monitor& monitor, const std::string& kind, Question& question) {
  if (kind == "take") {
    const CoreNumber from = core_in(question);
    urpc::Message<> line{static_cast<std::uint32_t>(question.number()), {}};
    for (std::uint64_t& word : line.words) word = question.number();
    monitor.take(from, line);
  } else if (kind == "join") {
    monitor.member.join();
  } else if (kind == "suspect") {
    monitor.member.suspect(core_in(question));
  } else if (kind == "expect") {
    monitor.coordinator->expect(core_in(question));
  } else if (kind == "dead") {
    monitor.coordinator->declare_dead(core_in(question));
  } else if (kind == "register") {
    const std::uint64_t task = question.number();
    const Name name = service(question.number());
    monitor.start(task, monitor.names.add(name, static_cast<std::uint32_t>(question.number())));
  } else if (kind == "remove") {
    const std::uint64_t task = question.number();
    monitor.start(task, monitor.names.remove(service(question.number())));
  } else {
    return kind == "start";
  }
  return true;
}

// The questions that concern frames; false for another question.
bool ask_for_frames(Monitor& monitor, const std::string& kind, Question& question) {
  if (kind == "sweeps-slowly") {
    monitor.sweep_slowly();
  } else if (kind == "step") {
    monitor.do_one_step();
  } else if (kind == "ticket") {
    const auto ticket = monitor.tickets.expect(core_in(question));
    monitor.note("ticket", ticket ? ticket.value() : 0);
  } else if (kind == "receive") {
    const std::uint64_t task = question.number();
    const auto ticket = static_cast<TicketNumber>(question.number());
    const CoreNumber source = core_in(question);
    const auto view = static_cast<ViewNumber>(question.number());
    monitor.start(task, monitor.tickets.receive(ticket, source, view));
  } else if (kind == "send") {
    const std::uint64_t task = question.number(), base = question.number();
    const CoreNumber to = core_in(question);
    const auto ticket = static_cast<TicketNumber>(question.number());
    monitor.tell(task, monitor.holder.owner_of(base)
                           ? monitor.holder.send(base, kRights, to, ticket)
                           : monitor.owner.send({base, kFrameBits, kRights}, to, ticket));
  } else if (kind == "revoke") {
    const std::uint64_t task = question.number(), begin = question.number();
    monitor.start(task, monitor.owner.revoke({begin, question.number()}));
  } else if (kind == "copy") {
    const std::uint64_t base = question.number();
    if (monitor.holder.may_copy(base)) monitor.memory.copy(base);
  } else if (kind == "delete") {
    monitor.memory.remove(question.number());
  } else if (kind == "lonely") {
    monitor.holder.is_lonely(question.number());
  } else if (kind == "full") {
    monitor.memory.is_full = question.number() != 0;
  } else {
    return false;
  }
  return true;
}

// The questions that change nothing; false for another question.
bool ask_for_facts(const Monitor& monitor, const std::string& kind, Question& question) {
  const auto refuse = [](Error why) { say(std::string("error ") + sprat::name_of(why)); };
  if (kind == "look-up") {
    const auto found = monitor.names.look_up(service(question.number()));
    if (!found) return refuse(found.error()), true;
    const auto& [owner, its] = found.value();
    say("found " + hex(owner) + " " + hex(its.process) + " " + hex(its.incarnation));
  } else if (kind == "owner") {
    const auto owner = monitor.holder.owner_of(question.number());
    if (!owner) return refuse(owner.error()), true;
    say(hex(owner.value()));
  } else if (kind == "may-start") {
    say(monitor.coordinator->may_start(core_in(question)) ? "1" : "0");
  } else {
    return false;
  }
  return true;
}

std::map<std::uint64_t, std::unique_ptr<Monitor>> monitors;

}  // namespace

void answer_by_monitors(const std::string& kind, Question& question) {
  if (kind == "forget") {
    monitors.clear();
    return say("done");
  }
  const bool is_for_core_0 = kind == "expect" || kind == "dead" || kind == "may-start";
  const std::uint64_t core = is_for_core_0 ? kCoordinator : question.number();
  if (kind == "start") monitors[core] = std::make_unique<Monitor>(static_cast<CoreNumber>(core));
  const auto found = monitors.find(core);
  if (found == monitors.end()) return say("error there-is-no-such-core");
  Monitor& monitor = *found->second;
  if (ask_for_facts(monitor, kind, question)) return;
  if (!ask_for_views_and_names(monitor, kind, question) && !ask_for_frames(monitor, kind, question))
    return say("error unknown-question");
  say(monitor.answer());
}

}  // namespace subject
