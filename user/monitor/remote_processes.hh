// remote_processes.hh — the part of the monitor for processes on other cores (lib/remote_processes.hh): started from here, or here for
// another core.
//
//   process A, core 1    monitor 1                   monitor 2                    core 0
//      ├─ run_on 2 ───────▶│ a record                │
//                          ├─ text, text, run ──────▶│ has no such file:
//                          │                         ├─ file_wanted ──────────────▶│
//                          │                         │◀────────── file: a frame ───┤
//                          │                         │ makes the process of its own RAM
//      ├─ ran ────────────▶│◀─────────── ran: number ┤
//      │◀─ an endpoint ────┤                         │
//                          │                         │ the process ends
//      │◀─── its waiters ──┤◀───────────────── ended ┤
//
// A process that spans cores (span/span.hh) has such a process for each of its other dispatchers, and they all end together.
//
// The record stands for the process on this core, until that has ended: its endpoints, the notifications that wait for its end.
// When the other core dies, all of its processes have ended. When this one dies, they go on.

#pragma once

#include "lib/remote_processes.hh"
#include "monitor/late_answers.hh"
#include "monitor/remote_files.hh"

namespace sprat::monitor {

// Messages: `token` is the asking core's. A command line comes in pieces, in their order.
struct TextMessage {
  std::uint32_t token, offset;
  std::array<char, 48> text{};
};
// `quota`: at most, and no more than `share` of all that the core has.
// `home`: not 0 for a dispatcher of that process of the asking core.
struct RunMessage {
  std::uint32_t token, share, home;
  std::uint32_t length;  // of the command line
  Quota quota;
};
struct RanMessage {
  std::uint64_t token, status, number;
};

class RemoteProcesses final : public Part {
 public:
  // Processes of other cores that this core's have started; and processes of this core that are being started for others.
  static constexpr std::size_t kMaxRecords = 32, kMaxStarting = 16;
  static constexpr Quota kCostOfRecord{
      .processes = 1, .memory = 0, .channels = 0, .slots = 1 + kMaxWaiters};

  RemoteProcesses(const FirstProcess& process, Processes& processes, Links& links,
                  LateAnswers& late_answers)
      : process_(process),
        processes_(processes),
        links_(links),
        late_answers_(late_answers),
        files_(process, links) {}

  // No processes: one quota holds the processes of this core and the processes that it starts elsewhere. No program can take all places of either.
  Quota quota() const override { return {.slots = kCostOfRecord.slots * kMaxRecords}; }
  Result<Answer> handle(Process& caller, const Call& call, ReceiveSlot& received) override;
  Result<Words> handle_for_core(const Call& call, ReceiveSlot& received) override;
  Result<Words> handle_about(std::uint64_t number, const Call& call,
                             ReceiveSlot& received) override;
  void take_line(std::uint32_t from, const urpc::Message<>& line) override;
  bool needs(std::uint32_t core) const override;
  void core_ended(std::uint32_t core) override;
  void before_end(const Process& process) override;
  void count(Census& census) const override;

 private:
  // A process of another core, in the words of this one.
  struct Record {
    enum class State : std::uint8_t { free, asked, failed, runs, has_ended };
    State state = State::free;
    Error error{};
    std::uint32_t core = 0;
    std::uint64_t parent = 0;    // 0: has ended
    bool is_dispatcher = false;  // of the parent, which ends with it
    std::uint64_t number = 0;    // of the process there
    Charge charge;               // in the parent's account: the record, and a share of that core
    Cap<Type::endpoint> endpoint;
    EndWaiters waiters;  // first the parent, for the answer; then for the end
  };
  // A process that is being started here for another core.
  struct Starting {
    std::uint32_t from = kMaxCores;  // kMaxCores: none
    std::uint32_t token = 0;
    bool is_told = false;  // all of the command line has come
    std::array<char, 120> text{};
    std::uint32_t length = 0;  // that has come
    Quota quota{};
    std::uint32_t home =
        0;  // it will be a dispatcher of this process of core `from`, if that is not 0
  };
  // One that runs here, by its place.
  struct Guest {
    std::uint64_t number = 0;
    std::uint32_t core = 0, token = 0;
    bool is_dispatcher = false;  // of a process of that core, with which it ends
  };

  // A record's name, which no later record in its place has.
  std::uint32_t token_of(const Record& record) const;
  Record* at(std::uint64_t token);

  Result<Answer> run_on(Process& caller, const Call& call);
  Result<void> ask_to_run(const Record& record, std::string_view command_line, Account::Share share,
                          const Quota& quota);
  Result<Answer> ran(const Process& caller, const Call& call, ReceiveSlot& received);
  void set_ran(std::uint32_t from, const urpc::Message<>& line);
  void kill(const Record& record);
  void set_ended(Record& record);
  void free_ended();

  void answer_question(std::uint32_t from, const urpc::Message<>& line);
  Result<Words> answer_to(std::uint64_t request, std::uint64_t argument);
  void read_answer(std::uint32_t from, const urpc::Message<>& line);

  Starting* starting_for(std::uint32_t from, std::uint32_t token);
  void add_text(std::uint32_t from, const urpc::Message<>& line);
  void begin_run(std::uint32_t from, const urpc::Message<>& line);
  void start_what_can_be();
  Result<std::uint64_t> start(const Starting& starting);

  const FirstProcess& process_;
  Processes& processes_;
  Links& links_;
  LateAnswers& late_answers_;
  RemoteFiles files_;
  std::array<Record, kMaxRecords> records_{};
  std::array<std::uint32_t, kMaxRecords> uses_{};
  std::array<Starting, kMaxStarting> starting_{};
  std::array<Guest, kMaxProcesses> guests_{};
};

}  // namespace sprat::monitor
