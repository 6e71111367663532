// console.hh — the part of the monitor by which processes print: one core has the console, core 0, and the monitors of the others send it
// whole lines. So no two lines mix, of whatever cores and processes.
//
//   process, core 2      monitor 2                         monitor 0                 CPU driver of core 0
//     ├─ print ──────────▶│ a line of that process
//     ├─ print: its end ─▶│ is complete
//                         ├─ text_of_line, … the last ────▶│ a line of that core
//                         │                                ├─ debug_write … ────────▶│ UART
//                         │◀─────────────────────── printed┤
//
// Each process has room for one line here, and each core for kMostInFlight lines at core 0. A process that prints more waits; neither
// the links nor other processes do.
//
// A line goes by the same link as the end of its process, before it: the shell that waited for that end prints its prompt behind the
// line. Text that the CPU drivers print themselves, while their core boots and when they panic, goes to the UART at once
// (kernel/debug/console.cc).

#pragma once

#include <memory>

#include "lib/console.hh"
#include "lib/console_requests.hh"
#include "monitor/links.hh"
#include "monitor/processes.hh"

namespace sprat::monitor {

class Console final : public Part, private TextReceiver {
 public:
  // Letters of a line, with its end; a longer line is cut.
  static constexpr std::size_t kMostLetters = 240;
  // Lines of another core that are not printed yet; and so many more of monitors, and of processes that end.
  static constexpr std::size_t kMostInFlight = 2, kMostAtOnce = 8;

  Console(const FirstProcess& process, const Processes& processes, Links& links);

  void prepare() override;
  Result<void> before_start(std::uint32_t core, std::uint32_t apic_id,
                            CorePackage& header) override;
  Result<Answer> handle(Process& caller, const Call& call, ReceiveSlot& received) override;
  void take_line(std::uint32_t from, const urpc::Message<>& line) override;
  void core_ended(std::uint32_t core) override;
  void before_end(const Process& process) override;
  void before_power_off() override { print_all(); }

 private:
  static constexpr std::uint32_t kConsoleCore = 0;

  // Empty, being filled, or complete: then in one of the lists below.
  struct TextLine {
    std::array<char, kMostLetters> text{};
    std::size_t length = 0;
    bool is_complete = false;
    std::uint32_t core = kConsoleCore;  // kMaxCores: of one that has stopped
    sprat::Links links{};
  };
  using TextLines = std::array<TextLine, kMostInFlight + kMostAtOnce>;
  using List = sprat::List<TextLine, offsetof(TextLine, links)>;

  bool has_console() const { return process_.core_id == kConsoleCore; }

  static std::size_t add(TextLine& line, std::string_view text);
  void complete(TextLine& line);
  static void clear(TextLine& line);

  // This monitor's own text.
  bool take(std::string_view text) override;
  void drain() override { print_all(); }

  // On cores but core 0.
  void send_lines();
  void send_at_once(TextLine& line);
  void send(TextLine& line);

  // On core 0.
  TextLine* line_of(std::uint32_t core);
  void print_piece();
  void print_all();
  void finish(TextLine& line);
  Task<> print_lines();
  struct Filled;

  const FirstProcess& process_;
  const Processes& processes_;
  monitor::Links& links_;

  std::array<TextLine, kMaxProcesses> lines_{};  // of processes, by their places
  std::array<TextLine, 8> own_{};
  List waiting_;               // to be sent, or on core 0 to be printed
  std::size_t in_flight_ = 0;  // sent and not printed yet
  bool is_linked_ = false;

  std::array<std::unique_ptr<TextLines>, kMaxCores> of_others_{};
  std::size_t printed_ = 0;  // letters of the first line that waits
  WaiterList idle_;
  Task<> printing_;
};

}  // namespace sprat::monitor
