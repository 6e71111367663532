// main.cc — a monitor that has as few free slots as a process asks it for (../programs/connector.cc). It starts all programs that
// name its core, with all authority.

#include "lib/first_process.hh"
#include "monitor/channels.hh"
#include "monitor/cores.hh"
#include "monitor/request_handler.hh"
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

Quota all_there_is(const FirstProcess& process, const monitor::Parts& parts) {
  Quota quota = monitor::kCostOfProcess * monitor::kMaxProcesses + parts.quota();
  for (std::size_t i = 0; i < process.ram_regions; ++i) quota.memory += process.ram[i].bytes;
  return quota;
}

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
  const FirstProcess& process = first_process();
  monitor::Parts parts;
  monitor::Processes processes(process, parts);
  monitor::Cores cores(process);
  monitor::CensusTaker census_taker(process, processes, parts);
  monitor::RequestHandler handler(process, processes, cores, census_taker, parts);
  monitor::Channels channels(process, processes, census_taker);
  parts.add(channels);
  parts.add(few_slots);
  must(processes.prepare(), "endpoints");
  must(handler.prepare(), "a slot for capabilities");
  parts.prepare();
  cores.start_all(parts);
  processes.account().open(nullptr, all_there_is(process, parts));
  start_programs(process, processes);
  must(runtime().loop.run(handler.handle_calls()), "handling requests");
}

}  // namespace

std::string_view process_name() { return "monitor"; }

extern "C" [[noreturn]] void start(DispatcherFrame& frame) { start_first_process(frame, run); }

}  // namespace sprat
