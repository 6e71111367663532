// main.cc — a monitor that falls silent when a process of its core asks for that (../programs/silencer.cc). The first time that core 3
// is started, its package is such that its CPU driver panics.

#include "lib/console.hh"
#include "lib/first_process.hh"
#include "monitor/monitor.hh"
#include "tests/silent-monitor/silence.hh"

namespace sprat {
namespace {

class Silencer final : public monitor::Part {
 public:
  Result<void> before_start(std::uint32_t core, std::uint32_t, CorePackage& header) override {
    if (core != 3 || std::exchange(has_panicked_, true)) return {};
    header.file[header.files++].offset = 1;  // not a multiple of 4 KiB
    return {};
  }

  Result<Answer> handle(monitor::Process&, const Call& call, monitor::ReceiveSlot&) override {
    if (call.words[0] != kFallSilent) return Error::invalid_argument;
    print("monitor of core {}: falls silent\n", first_process().core_id);
    if (static_cast<Silence>(call.words[1]) == Silence::end) __builtin_trap();
    for (;;) __builtin_ia32_pause();
  }

 private:
  bool has_panicked_ = false;
};
constinit Silencer silencer;

void start_programs(const FirstProcess& process, monitor::Processes& processes) {
  for (std::size_t i = 0; i < process.modules; ++i) {
    const monitor::BootFile file{&process.module[i], i};
    const bool is_shell = process.core_id == 0 && file.name() == "shell";
    if (!is_shell && !file.names_core(process.core_id)) continue;
    must(processes.start(file, {.command_line = file.command_line(),
                                .account = processes.account(),
                                .quota = processes.account().limit(),
                                .is_shell = is_shell}),
         "starting a program");
  }
}

void run() {
  monitor::Monitor& monitor = monitor::make_monitor(first_process());
  monitor.add(silencer);
  monitor.run(start_programs);
}

}  // namespace

std::string_view process_name() { return "monitor"; }

extern "C" [[noreturn]] void start(DispatcherFrame& frame) { start_first_process(frame, run); }

}  // namespace sprat
