// main.cc — the whole system, for tests: the monitor of each core is one with a part more, which gives programs of the test (programs/) what
// they need. It answers no question of the grader: code under test is linked into it. The program `home` does, which is another process.
//
// When all cores have been started, core 0 starts `home`, with all authority, and each core the programs that name it.

#include "lib/console.hh"
#include "lib/first_process.hh"
#include "monitor/monitor.hh"
#include "requests.hh"

namespace sprat {
namespace {

class Assistant final : public monitor::Part {
 public:
  void begin(const monitor::Links& links) { links_ = &links; }

  Result<Answer> handle(monitor::Process&, const Call& call, monitor::ReceiveSlot&) override {
    if (call.words[0] != probe::kTestRequest) return Error::invalid_argument;
    switch (static_cast<probe::TestRequest>(call.words[1])) {
      case probe::TestRequest::lines: return Answer{{}, {links_->lines_posted()}};
      case probe::TestRequest::ports: return Answer{task_slot(TaskSlot::io_ports), {}};
    }
    return Error::invalid_argument;
  }

 private:
  const monitor::Links* links_ = nullptr;
};
constinit Assistant assistant;

void start_programs(const FirstProcess& process, monitor::Processes& processes) {
  for (std::size_t i = 0; i < process.modules; ++i) {
    const monitor::BootFile file{&process.module[i], i};
    const bool is_home = process.core_id == 0 && file.name() == "home";
    if (!is_home && !file.names_core(process.core_id)) continue;
    const auto started =
        processes.start(file, {.command_line = file.command_line(),
                               .account = processes.account(),
                               .quota = processes.account().limit() / (is_home ? 1 : 2),
                               .is_shell = is_home});
    if (started) continue;
    print("{} does not start: {}\n", file.name(), name_of(started.error()));
    static_cast<void>(invoke(task_slot(TaskSlot::kernel), Method::power_off, 0));
  }
}

void run() {
  monitor::Monitor& monitor = monitor::make_monitor(first_process());
  assistant.begin(monitor.links());
  monitor.add(assistant);
  monitor.run(start_programs);
}

}  // namespace

std::string_view process_name() { return "monitor"; }

// The dispatcher's first upcall (lib/start.S).
extern "C" [[noreturn]] void start(DispatcherFrame& frame) { start_first_process(frame, run); }

}  // namespace sprat
