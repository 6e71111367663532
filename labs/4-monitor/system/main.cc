// main.cc — the whole system, for tests: the monitor of each core is one with a part more, by which programs of the test (programs/) ask for
// the seed, and give their answers. Only the monitor of core 0 speaks to the grader.
//
// When all cores have been started, core 0 starts the program `home`, with all authority, and each core the programs that name it.

#include <cstring>
#include <memory>

#include "grading/probe/probe.hh"
#include "lib/words.hh"
#include "monitor/monitor.hh"
#include "requests.hh"

namespace sprat::probe {
namespace {

class Examiner final : public monitor::Part {
 public:
  // `session`: null on all cores but core 0.
  void begin(evidence::Session* session, const monitor::Links& links) {
    session_ = session;
    links_ = &links;
  }

  Result<Answer> handle(monitor::Process&, const Call& call, monitor::ReceiveSlot&) override {
    if (call.words[0] != kTestRequest) return Error::invalid_argument;
    const auto request = static_cast<TestRequest>(call.words[1]);
    if (request == TestRequest::lines) return Answer{{}, {links_->lines_posted()}};
    if (session_ == nullptr) return Error::not_found;
    if (request == TestRequest::seed) return Answer{{}, {session_->seed()}};
    if (request == TestRequest::end) end();
    std::array<char, kMostLettersOfKey> letters;
    std::memcpy(letters.data(), &call.words[2], letters.size());
    const std::string_view key = until_zero({letters.data(), letters.size()});
    if (request == TestRequest::error) {
      session_->answer(key, name_of(error_of(call.words[4])));
    } else {
      session_->answer(key, call.words[4]);
    }
    return Answer{};
  }

 private:
  [[noreturn]] void end() {
    std::destroy_at(session_);
    power_off();
  }

  evidence::Session* session_ = nullptr;
  const monitor::Links* links_ = nullptr;
};
constinit Examiner examiner;

void start_programs(const FirstProcess& process, monitor::Processes& processes) {
  for (std::size_t i = 0; i < process.modules; ++i) {
    const monitor::BootFile file{&process.module[i], i};
    const bool is_home = process.core_id == 0 && file.name() == "home";
    if (!is_home && !file.names_core(process.core_id)) continue;
    must(processes.start(file, {.command_line = file.command_line(),
                                .account = processes.account(),
                                .quota = processes.account().limit() / (is_home ? 1 : 2),
                                .is_shell = is_home}),
         "starting a program");
  }
}

[[noreturn]] void run_system(evidence::Session* session) {
  monitor::Monitor& monitor = monitor::make_monitor(first_process());
  examiner.begin(session, monitor.links());
  monitor.add(examiner);
  monitor.run(start_programs);
}

}  // namespace
}  // namespace sprat::probe

using namespace sprat::probe;

PROBE(system) { run_system(&session); }
PROBE_ON_OTHER_CORES(system) { run_system(nullptr); }
