// main.cc — questions to the monitors of a system: one core receives a line, or is asked to do something. All numbers are
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
// All others are answered by the calls that CORE made of its platform, in their order, and its state:
//
//   post TO HEADER WORD...   open CORE   close CORE   fence CORE   prepared   told TASK RESULT
//   observed CORE, committed CORE     an observer was told of a change about CORE
//   state VIEW PREPARED INCARNATION CORES LINKED

#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "agreement/coordinator.hh"
#include "agreement/names.hh"
#include "question.hh"

namespace sprat {

void* allocate(std::size_t bytes) noexcept { return std::malloc(bytes); }
void release(void* memory) noexcept { std::free(memory); }

}  // namespace sprat

namespace subject {
namespace {

using namespace sprat;
using namespace sprat::agreement;

Name service(std::uint64_t number) {
  Name name;
  static_cast<void>(name.assign("service " + hex(number)));
  return name;
}

class Monitor final : public Platform, private ViewObserver {
 public:
  explicit Monitor(CoreNumber core) : member(core, *this), names(member, *this) {
    member.observe(*this);
    if (core == kCoordinator) coordinator.emplace(member, *this);
  }

  void take(CoreNumber from, const urpc::Message<>& line) {
    const bool is_message = agreement::interface.any([&]<const auto & kMessage>() {
      if (LineHeader(line.header).get<line_header::message>() != kNumberOf<kMessage>) return false;
      const auto body = decode<kMessage, urpc::kPayloadWords>(line.words);
      if (body) handle(from, body.value());
      return body.ok();
    });
    if (!is_message) calls_ += "malformed ";
  }

  void start(std::uint64_t number, Task<> operation) {
    tasks_.push_back(run(number, std::move(operation)));
    ready_.push_back(*tasks_.back().starter());
  }

  // The calls since the last time, and the state.
  std::string answer() {
    while (!ready_.empty()) {
      Waiter& first = ready_.front();
      first.leave();
      first.coroutine.resume();
    }
    std::string calls;
    calls.swap(calls_);
    return calls + "state " + hex(member.view()) + " " + hex(member.last_prepared()) + " " +
           hex(member.incarnation()) + " " + hex(member.cores().word(0)) + " " +
           hex(member.linked().word(0));
  }

  Member member;
  Names names;
  std::optional<Coordinator> coordinator;

 private:
  template <class Body>
  void handle(CoreNumber from, const Body& body) {
    if constexpr (requires { member.handle(from, body); }) {
      member.handle(from, body);
    } else if constexpr (requires { names.handle(from, body); }) {
      names.handle(from, body);
    } else if constexpr (requires { coordinator->handle(from, body); }) {
      if (coordinator) coordinator->handle(from, body);
    }
  }

  Task<> run(std::uint64_t number, Task<> operation) {
    const auto result = co_await operation;
    note("told", number);
    calls_ += std::string(result ? "ok" : sprat::name_of(result.error())) + " ";
    co_return {};
  }

  void note(const char* call, std::uint64_t core) {
    calls_ += std::string(call) + " " + hex(core) + " ";
  }
  void post(CoreNumber core, const urpc::Message<>& line) override {
    note("post", core);
    calls_ += hex(line.header) + " ";
    for (const std::uint64_t word : line.words) calls_ += hex(word) + " ";
  }
  void open(CoreNumber core) override { note("open", core); }
  void close(CoreNumber core) override { note("close", core); }
  void fence(CoreNumber core) override { note("fence", core); }
  void view_is_prepared() override { calls_ += "prepared "; }
  void make_ready(Waiter& waiter) override { ready_.push_back(waiter); }
  void prepare(const Prepare& change) override { note("observed", change.core); }
  void commit(const Commit& change) override { note("committed", change.core); }

  std::string calls_;
  WaiterList ready_;
  std::vector<Task<>> tasks_;
};

std::map<std::uint64_t, std::unique_ptr<Monitor>> monitors;

void take(Monitor& monitor, Question& question) {
  const auto from = static_cast<CoreNumber>(question.number());
  urpc::Message<> line{static_cast<std::uint32_t>(question.number()), {}};
  for (std::uint64_t& word : line.words) word = question.number();
  monitor.take(from, line);
}

void look_up(const Monitor& monitor, Question& question) {
  const auto found = monitor.names.look_up(service(question.number()));
  if (!found) return say(std::string("error ") + sprat::name_of(found.error()));
  const auto& [owner, its] = found.value();
  say("found " + hex(owner) + " " + hex(its.process) + " " + hex(its.incarnation));
}

}  // namespace

void answer(const std::string& kind, Question& question) {
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
  if (kind == "look-up") return look_up(monitor, question);
  if (kind == "take") {
    take(monitor, question);
  } else if (kind == "join") {
    monitor.member.join();
  } else if (kind == "suspect") {
    monitor.member.suspect(static_cast<CoreNumber>(question.number()));
  } else if (kind == "register") {
    const std::uint64_t task = question.number();
    const Name name = service(question.number());
    monitor.start(task, monitor.names.add(name, static_cast<std::uint32_t>(question.number())));
  } else if (kind == "remove") {
    const std::uint64_t task = question.number();
    monitor.start(task, monitor.names.remove(service(question.number())));
  } else if (is_for_core_0) {
    const auto other = static_cast<CoreNumber>(question.number());
    if (kind == "may-start") return say(monitor.coordinator->may_start(other) ? "1" : "0");
    kind == "expect" ? monitor.coordinator->expect(other)
                     : monitor.coordinator->declare_dead(other);
  } else if (kind != "start") {
    return say("error unknown-question");
  }
  say(monitor.answer());
}

}  // namespace subject
