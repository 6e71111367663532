// machine.cc — decides when a run is over, and why.

#include "machine/machine.hh"

#include <poll.h>

#include <algorithm>
#include <csignal>

#include "machine/emulation.hh"
#include "machine/judge.hh"
#include "machine/load.hh"
#include "machine/qemu.hh"
#include "machine/stillness.hh"
#include "machine/typing.hh"

namespace sprat::grading {
namespace {

constexpr int kLookMilliseconds = 50;   // how often the watchdogs look
constexpr double kFarewellSeconds = 2;  // between the guest's last word and the emulator's end
constexpr double kQuitSeconds = 20;     // between the request to end and the emulator's end

constexpr int kKeyMilliseconds = 5;      // how often, while keys wait to be typed
constexpr std::size_t kMostKeys = 4096;  // that wait

// A line of exactly these words.
bool has_line(const std::string& text, std::string_view line) {
  for (std::size_t at = text.find(line); at != std::string::npos; at = text.find(line, at + 1)) {
    const bool begins = at == 0 || text[at - 1] == '\n';
    const std::size_t end = at + line.size();
    if (begins && end < text.size() && (text[end] == '\n' || text[end] == '\r')) return true;
  }
  return false;
}

// The last line of QEMU's log that is a complaint; warnings do not count.
std::string complaint_of_qemu(std::string_view log) {
  std::string last;
  while (!log.empty()) {
    const std::string_view line = log.substr(0, log.find('\n'));
    log.remove_prefix(std::min(line.size() + 1, log.size()));
    const bool tells = line.starts_with("qemu-system-x86_64: ") || line.starts_with("qemu: ") ||
                       line.starts_with("scope: ") || line.starts_with("bwrap: ");
    const bool harmless =
        line.find(": warning: ") != line.npos || line.find(": info: ") != line.npos;
    if (tells && !harmless) last = line;
  }
  return last;
}

// QEMU's words about a file that is no kernel it can boot, in all versions from 7.2 to 10.
bool is_about_the_kernel(std::string_view complaint) {
  for (std::string_view words :
       {"invalid kernel header", "Cannot load x86-64 image", "Error loading uncompressed kernel",
        "multiboot", "regions overlap", "regions are overlapping"}) {
    if (complaint.find(words) != complaint.npos) return true;
  }
  return false;
}

// The signal that ended a process. Behind a wall of namespaces, 128 more than the signal is the status.
int signal_of(ExitStatus status) { return status.signal == 0 ? status.code - 128 : status.signal; }

// Whether a file of it became larger than the wall allows.
bool wrote_too_much(ExitStatus status) { return signal_of(status) == SIGXFSZ; }

// Whether a process ended by a fault of its own.
bool is_crash(ExitStatus status) {
  const int signal = signal_of(status);
  return signal == SIGSEGV || signal == SIGABRT || signal == SIGBUS || signal == SIGFPE ||
         signal == SIGILL;
}

bool readable(int descriptor) {
  pollfd one = {descriptor, POLLIN, 0};
  return poll(&one, 1, 0) > 0;
}

}  // namespace

class Machine::Run {
 public:
  explicit Run(const MachineConfig& config) : config_(config), stillness_(config.silence_seconds) {
    config_.validate();
  }

  std::function<void(std::string_view)> show = [](std::string_view) {};

  // Runs until the run is over, or until `enough` says so after new output.
  void carry(const Person& person, const std::function<bool()>& enough);
  RunResult finish();

  bool stopped() const { return emulation_ && !ending_; }
  Emulation& emulation() { return *emulation_; }

 private:
  std::optional<Ending> look(const Person& person);
  std::optional<Ending> listen(const Person& person);
  std::optional<Ending> look_at_clocks();
  std::optional<Ending> last_words() const;
  bool waits_for_the_end();
  bool guest_began();
  std::string complaint() const;
  Ending ending_after_exit(ExitStatus status);
  Ending ending_of_qemu();
  Ending ending_of_bochs() const;
  Ending ending_after_reset() const;
  bool reset_seen();

  MachineConfig config_;
  std::unique_ptr<Emulation> emulation_;
  StillnessWatch stillness_;
  std::size_t log_looked_at_ = 0;
  int keyboard_ = -1;
  Typing typing_;
  std::optional<Clock::time_point> farewell_;
  std::optional<Clock::time_point> asked_to_quit_;
  std::optional<Ending> ending_;
  ExitStatus status_;
};

void Machine::Run::carry(const Person& person, const std::function<bool()>& enough) {
  keyboard_ = person.keyboard;
  typing_.wait_for(person.prompt);
  emulation_ = std::make_unique<Emulation>(config_, keyboard_ >= 0);
  while (true) {
    const bool hears = typing_.waiting() < kMostKeys;
    emulation_->wait(hears ? keyboard_ : -1,
                     typing_.waiting() == 0 ? kLookMilliseconds : kKeyMilliseconds);
    const std::string_view news = emulation_->pump();
    if (!news.empty()) show(news);
    if (enough()) return;
    if ((ending_ = look(person))) return;
  }
}

std::optional<Ending> Machine::Run::look(const Person& person) {
  if (auto status = emulation_->process().ended()) {
    const std::string_view news = emulation_->pump();
    if (!news.empty()) show(news);
    return ending_after_exit(*status);
  }
  if (emulation_->console().flooded()) return Ending::console_flood;
  if (emulation_->output_flooded()) return Ending::protocol_flood;
  if (waits_for_the_end()) return std::nullopt;
  if (asked_to_quit_) return last_words().value_or(Ending::left_early);
  if (reset_seen()) return ending_after_reset();
  if (auto ending = listen(person)) return ending;
  typing_.go_on(*emulation_);
  if (auto said = last_words()) {
    // The emulator should end at once now; a guest that cannot bring it to that has still said so.
    const auto now = Clock::now();
    if (!farewell_) farewell_ = now;
    return seconds_between(*farewell_, now) < kFarewellSeconds ? std::nullopt : said;
  }
  const bool watched = keyboard_ >= 0 && person.last_keys.empty();
  return watched ? std::nullopt : look_at_clocks();
}

// Once the guest has powered the machine off, QEMU is asked to end: that gives the exit status which the guest chose, and
// the scope writes its report. True while that takes no longer than it may.
bool Machine::Run::waits_for_the_end() {
  if (emulation_->on_bochs() || !emulation_->control()->guest_powered_off()) return false;
  const auto now = Clock::now();
  if (!asked_to_quit_) {
    asked_to_quit_ = now;
    emulation_->control()->quit();
  }
  return seconds_between(*asked_to_quit_, now) < kQuitSeconds;
}

std::optional<Ending> Machine::Run::listen(const Person& person) {
  if (keyboard_ < 0 || typing_.waiting() >= kMostKeys || !readable(keyboard_)) return std::nullopt;
  if (const auto keys = person.keys()) {
    typing_.add(*keys);
    return std::nullopt;
  }
  if (person.last_keys.empty()) return Ending::stopped;
  typing_.add({person.last_keys});
  keyboard_ = -1;
  return std::nullopt;
}

std::optional<Ending> Machine::Run::look_at_clocks() {
  const double seconds = seconds_between(emulation_->started(), Clock::now());
  if (seconds > config_.wall_seconds * load_factor()) return Ending::wall_ceiling;
  if (keyboard_ >= 0) return std::nullopt;  // it may well wait for keys
  const Activity activity = emulation_->process().activity();
  const bool still = stillness_.still({.seconds = seconds,
                                       .executed = emulation_->instructions(),
                                       .cpu_seconds = activity.cpu_seconds,
                                       .runnable = activity.runnable});
  return still ? std::optional(Ending::halted) : std::nullopt;
}

std::optional<Ending> Machine::Run::last_words() const {
  if (has_line(emulation_->protocol(), "sprat exit ok")) return Ending::said_ok;
  if (has_line(emulation_->protocol(), "sprat exit failed")) return Ending::said_failed;
  return std::nullopt;
}

bool Machine::Run::reset_seen() {
  if (!emulation_->on_bochs()) return emulation_->control()->guest_reset();
  const std::string& log = emulation_->log();
  if (log.size() == log_looked_at_) return false;
  log_looked_at_ = log.size();
  return read_bochs_log(log).reset;
}

Ending Machine::Run::ending_after_reset() const {
  if (auto said = last_words()) return *said;  // nothing that follows it counts, on any emulator
  const bool gave_up = !emulation_->on_bochs() && has_line(emulation_->log(), "Triple fault");
  return gave_up ? Ending::triple_fault : Ending::reset;
}

Ending Machine::Run::ending_after_exit(ExitStatus status) {
  status_ = status;
  if (auto said = last_words()) return *said;
  if (status.excess != Excess::none) return Ending::took_too_much;
  if (wrote_too_much(status)) {
    status_.excess = Excess::disk;
    return Ending::took_too_much;
  }
  return emulation_->on_bochs() ? ending_of_bochs() : ending_of_qemu();
}

Ending Machine::Run::ending_of_bochs() const {
  const BochsLog log = read_bochs_log(emulation_->log());
  if (log.triple_fault) return Ending::triple_fault;
  if (log.reset) return Ending::reset;
  if (config_.guest_limit != 0 && log.ticks >= config_.guest_limit) return Ending::guest_limit;
  // It ends with status 1 when the guest asks for it, and also when it cannot begin.
  if (log.ticks == 0) return Ending::emulator_broke;
  if (status_.code == 1 && status_.signal == 0) return Ending::left_early;
  return is_crash(status_) ? Ending::emulator_crashed : Ending::emulator_broke;
}

// Whether the machine was built, so that the emulator's actions from now on may be the guest's doing.
bool Machine::Run::guest_began() {
  return emulation_->control()->ready() || !emulation_->console().text().empty() ||
         !emulation_->protocol().empty() || emulation_->instructions().value_or(0) != 0;
}

Ending Machine::Run::ending_of_qemu() {
  if (emulation_->control()->guest_reset()) return ending_after_reset();
  if (emulation_->control()->guest_powered_off()) return Ending::left_early;
  if (!guest_began()) {
    return is_about_the_kernel(complaint()) ? Ending::not_bootable : Ending::emulator_broke;
  }
  // A guest can choose any odd status. That of the scope means what it says only if so much was
  // counted, and 1 is QEMU's own as well, which then complains last.
  const bool counted = emulation_->instructions().value_or(0) >= config_.guest_limit;
  if (status_.code == kScopeLimitStatus && config_.guest_limit != 0 && counted) {
    return Ending::guest_limit;
  }
  if (is_crash(status_)) return Ending::emulator_crashed;
  const std::string last = complaint();
  const bool complains =
      status_.code == 1 && !last.empty() && emulation_->log().ends_with(last + "\n");
  const bool chosen = status_.signal == 0 && status_.code % 2 == 1 && !complains;
  return chosen ? Ending::left_early : Ending::emulator_broke;
}

std::string Machine::Run::complaint() const {
  return emulation_->on_bochs() ? read_bochs_log(emulation_->log()).panic
                                : complaint_of_qemu(emulation_->log());
}

RunResult Machine::Run::finish() {
  RunResult result;
  const auto now = Clock::now();
  Process& process = emulation_->process();
  Control* control = emulation_->control();
  result.ending = ending_.value_or(Ending::stopped);
  result.wall_seconds = seconds_between(emulation_->started(), now);
  // A machine that did not end by itself can still be asked where it stands.
  std::string registers;
  if (control != nullptr && !process.ended() && result.ending != Ending::said_ok) {
    control->stop();
    registers = control->registers().value_or("");
  }
  // One that has said its last word and stays is asked to end, for the scope's report; and so is one that was stopped.
  const bool said = result.ending == Ending::said_ok || result.ending == Ending::said_failed ||
                    result.ending == Ending::stopped;
  if (said && control != nullptr && !process.ended()) {
    control->quit();
    const auto begin = Clock::now();
    while (!process.ended() && seconds_between(begin, Clock::now()) < kQuitSeconds) {
      emulation_->wait(-1, kLookMilliseconds);
      emulation_->pump();
    }
  }
  result.instructions = emulation_->instructions();
  process.kill_group();
  const std::string_view news = emulation_->pump();
  if (!news.empty()) show(news);
  emulation_->end();

  result.console = emulation_->console().text();
  result.protocol = emulation_->protocol();
  result.emulator_log = emulation_->log() + registers;
  result.complaint = complaint();
  result.scope = emulation_->scope_report();
  result.trace = emulation_->scope_trace();
  result.excess = status_.excess;
  result.exit_status = status_.signal != 0 ? 128 + status_.signal : status_.code;
  if (emulation_->on_bochs()) {
    const BochsLog log = read_bochs_log(result.emulator_log);
    result.ticks = log.ticks;
    result.cpus = parse_registers(result.emulator_log);
    if (result.cpus.size() > 1) result.cpus.resize(1);  // it writes some twice
  } else {
    result.cpus = parse_registers(registers);
  }
  judge(result, {.console = emulation_->console_times().share_until(now),
                 .protocol = emulation_->protocol_times().share_until(now)});
  emulation_.reset();
  return result;
}

Machine::Machine(const MachineConfig& config) : run_(std::make_unique<Run>(config)) {}
Machine::~Machine() = default;

void Machine::on_console(std::function<void(std::string_view)> show) {
  run_->show = std::move(show);
}

RunResult Machine::run() { return run(Person()); }

RunResult Machine::run(const Person& person) {
  run_->carry(person, [] { return false; });
  return run_->finish();
}

std::optional<RunResult> Machine::run_until(std::string_view prefix) {
  const std::string later = "\n" + std::string(prefix);
  run_->carry(Person(), [&] {
    const std::string& protocol = run_->emulation().protocol();
    const std::size_t at = protocol.starts_with(prefix) ? 0 : protocol.find(later);
    const bool came = at != std::string::npos && protocol.find('\n', at + 1) != std::string::npos;
    return came && run_->emulation().control()->stop();
  });
  if (run_->stopped()) return std::nullopt;
  return run_->finish();
}

std::vector<Registers> Machine::registers() {
  auto text = run_->stopped() ? run_->emulation().control()->registers() : std::nullopt;
  if (!text) {
    throw MachineError("there is no stopped machine to ask for registers; call run_until first");
  }
  return parse_registers(*text);
}

std::vector<std::uint8_t> Machine::memory(std::uint64_t physical, std::size_t bytes) {
  auto content = run_->stopped() ? run_->emulation().memory(physical, bytes) : std::nullopt;
  if (!content) {
    throw MachineError("there is no stopped machine to read memory from; call run_until first");
  }
  return {content->begin(), content->end()};
}

RunResult Machine::abandon() { return run_->finish(); }

}  // namespace sprat::grading
