// main.cc — a monitor that has as few free slots as a process asks it for (../programs/connector.cc). It starts all programs that
// name its core, with all authority.

#include "lib/first_process.hh"
#include "monitor/monitor.hh"
#include "tests/few-slots/few_slots.hh"

namespace sprat {
namespace {

class FewSlots final : public monitor::Part {
 public:
  Result<Answer> handle(monitor::Process&, const Call& call, monitor::ReceiveSlot&) override {
    if (call.words[0] != kLeaveSlots) return Error::invalid_argument;
    while (count_ != 0) give_back_slot(taken_[--count_]);
    while (runtime().slots.unused() > call.words[1]) taken_[count_++] = TRY(take_slot());
    return Answer{};
  }

 private:
  std::array<CapAddress, SlotAllocator::kMaxNodes * kSlotsPerCNode> taken_{};
  std::size_t count_ = 0;
};
constinit FewSlots few_slots;

void start_programs(const FirstProcess& process, monitor::Processes& processes) {
  for (std::size_t i = 0; i < process.modules; ++i) {
    const monitor::BootFile file{&process.module[i], i};
    const bool is_ours = file.names_core(process.core_id) ||
                         (process.core_id == 0 && !file.names_a_core() && file.name() != "monitor");
    if (!is_ours) continue;
    must(processes.start(file, {.command_line = file.command_line(),
                                .account = processes.account(),
                                .quota = processes.account().limit(),
                                .is_shell = true}),
         "starting a program");
  }
}

void run() {
  monitor::Monitor& monitor = monitor::make_monitor(first_process());
  monitor.add(few_slots);
  monitor.run(start_programs);
}

}  // namespace

std::string_view process_name() { return "monitor"; }

extern "C" [[noreturn]] void start(DispatcherFrame& frame) { start_first_process(frame, run); }

}  // namespace sprat
