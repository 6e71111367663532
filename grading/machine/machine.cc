// machine.cc — starts an emulator, carries its channels, and decides when a run is over.

#include "machine/machine.hh"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "machine/bochs.hh"
#include "machine/boot_files.hh"
#include "machine/channel.hh"
#include "machine/judge.hh"
#include "machine/live_count.hh"
#include "machine/load.hh"
#include "machine/process.hh"
#include "machine/qemu.hh"
#include "machine/run_directory.hh"
#include "machine/sandbox.hh"
#include "machine/stillness.hh"

namespace sprat::grading {
namespace {

constexpr int kLookMilliseconds = 50;       // how often the watchdogs look
constexpr double kFarewellSeconds = 2;      // between the guest's last word and the emulator's end
constexpr std::size_t kLogLimit = 4 << 20;  // bytes of an emulator's log
constexpr std::size_t kBochsWords = 1 << 16;  // bytes Bochs adds to the protocol channel

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// All that the emulator reads.
std::vector<std::filesystem::path> files_of(const MachineConfig& config) {
  std::vector<std::filesystem::path> files = {std::filesystem::absolute(config.kernel)};
  for (const BootModule& module : config.modules)
    files.push_back(std::filesystem::absolute(module.file));
  if (!config.scope.empty()) files.push_back(std::filesystem::absolute(config.scope));
  return files;
}

// When a channel brought something.
class OutputTimes {
 public:
  void note(Clock::time_point now) {
    if (!first_) first_ = now;
    last_ = now;
  }

  // The last output's place between the first and `end`, 0 to 1. What comes before the first
  // belongs to the loader.
  double share_until(Clock::time_point end) const {
    return first_ && end > *first_ ? seconds_between(*first_, last_) / seconds_between(*first_, end)
                                   : 0;
  }

 private:
  std::optional<Clock::time_point> first_;
  Clock::time_point last_;
};

// A line of exactly these words.
bool has_line(const std::string& text, std::string_view line) {
  for (std::size_t at = text.find(line); at != std::string::npos; at = text.find(line, at + 1)) {
    const bool begins = at == 0 || text[at - 1] == '\n';
    const std::size_t end = at + line.size();
    if (begins && end < text.size() && (text[end] == '\n' || text[end] == '\r')) return true;
  }
  return false;
}

}  // namespace

class Machine::Run {
 public:
  explicit Run(const MachineConfig& config) : config_(config) {
    config_.validate();
    link_boot_files(config_, boot_folder());
  }

  std::function<void(std::string_view)> show = [](std::string_view) {};

  void start(const Person& person);
  // Carries the channels until the run is over, or until `enough` says so after new output.
  void carry(const Person& person, const std::function<bool()>& enough);
  RunResult finish();

  Ending ending() const { return ending_; }
  // What the guest said on the protocol channel.
  const std::string& protocol() const { return on_bochs() ? sieve_.text() : protocol_->text(); }
  Control& control() { return *control_; }
  std::filesystem::path memory_file() const { return directory_.path() / "memory"; }
  bool stopped = false;

 private:
  bool on_bochs() const { return config_.emulator == Emulator::bochs; }
  std::filesystem::path boot_folder() const { return directory_.path() / "boot"; }
  void start_qemu(const Person& person);
  void start_bochs(const Person& person);
  void launch(std::vector<std::string> arguments, std::vector<std::pair<int, int>> descriptors);
  void pump();
  void type(std::string_view keys);
  void wait(const Person& person);
  std::optional<Ending> look(const Person& person);
  Ending ending_after_exit(ExitStatus status);
  Ending ending_for_reset() const;
  bool reset_seen();

  MachineConfig config_;
  RunDirectory directory_;
  std::unique_ptr<Channel> console_, protocol_, log_;
  std::unique_ptr<Control> control_;
  std::unique_ptr<Process> process_;
  std::unique_ptr<LiveCount> live_;
  std::unique_ptr<StillnessWatch> stillness_;
  int keys_to_guest_ = -1;  // writes to what the guest reads on its console
  std::size_t log_looked_at_ = 0;
  BochsSieve sieve_;
  OutputTimes console_times_, protocol_times_;

  Clock::time_point started_;
  std::optional<Clock::time_point> farewell_;
  Ending ending_ = Ending::stopped;
  ExitStatus status_;
};

void Machine::Run::start(const Person& person) {
  log_ = std::make_unique<Channel>(kLogLimit);
  stillness_ = std::make_unique<StillnessWatch>(config_.silence_seconds);
  if (on_bochs()) {
    start_bochs(person);
  } else {
    start_qemu(person);
  }
}

void Machine::Run::launch(std::vector<std::string> arguments,
                          std::vector<std::pair<int, int>> descriptors) {
  if (config_.sandboxed) {
    arguments = Sandbox({directory_.path()}, files_of(config_)).wrap(arguments);
  } else if (on_bochs() && Sandbox::obstacle().empty()) {
    arguments = without_network(arguments);  // its display listens on a port, which nobody needs
  }
  process_ = std::make_unique<Process>(Command{.arguments = std::move(arguments),
                                               .descriptors = std::move(descriptors),
                                               .folder = boot_folder()},
                                       directory_);
  started_ = Clock::now();
  log_->close_child_end();
  protocol_->close_child_end();
  console_->close_child_end();
}

void Machine::Run::start_qemu(const Person& person) {
  console_ = std::make_unique<Channel>(config_.console_limit);
  protocol_ = std::make_unique<Channel>(config_.protocol_limit);
  control_ = std::make_unique<Control>();
  if (!config_.scope.empty()) live_ = std::make_unique<LiveCount>(boot_folder() / kScopeLive);
  std::vector<std::pair<int, int>> descriptors = {{console_->child_end(), 1},
                                                  {log_->child_end(), 2},
                                                  {protocol_->child_end(), kProtocolDescriptor},
                                                  {control_->child_end(), kControlDescriptor}};
  int keys[2] = {-1, -1};
  if (person.keyboard >= 0) {
    if (pipe2(keys, O_CLOEXEC) != 0) throw MachineError("no more pipes; raise ulimit -n");
    keys_to_guest_ = keys[1];
    descriptors.push_back({keys[0], 0});
  }
  launch(qemu_arguments(config_), descriptors);
  if (keys[0] >= 0) close(keys[0]);
  control_->close_child_end();
}

void Machine::Run::start_bochs(const Person& person) {
  write_iso(config_, boot_folder() / "boot.iso", directory_.path());
  protocol_ = std::make_unique<Channel>(config_.protocol_limit + kBochsWords);
  std::vector<std::pair<int, int>> descriptors = {{protocol_->child_end(), 1},
                                                  {log_->child_end(), 2}};
  std::string serial = "/dev/fd/" + std::to_string(kControlDescriptor);
  if (person.keyboard >= 0) {
    // Only a terminal device lets Bochs' serial port go both ways.
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) {
      throw MachineError("no more pseudo terminals; close some");
    }
    serial = ptsname(master);
    keys_to_guest_ = fcntl(master, F_DUPFD_CLOEXEC, 0);
    console_ = std::make_unique<Channel>(master, config_.console_limit);
  } else {
    console_ = std::make_unique<Channel>(config_.console_limit);
    descriptors.push_back({console_->child_end(), kControlDescriptor});
  }
  write_bochs_files(config_, boot_folder(), serial, person.keyboard >= 0);
  launch(bochs_arguments(), descriptors);
}

void Machine::Run::pump() {
  std::string_view news = console_->pump();
  if (!news.empty()) {
    show(news);
    console_times_.note(Clock::now());
  }
  const std::size_t said = protocol().size();
  news = protocol_->pump();
  if (on_bochs()) sieve_.take(news);
  if (protocol().size() != said) protocol_times_.note(Clock::now());
  log_->pump();
  if (control_) control_->pump();
}

void Machine::Run::type(std::string_view keys) {
  while (!keys.empty()) {
    ssize_t put = write(keys_to_guest_, keys.data(), keys.size());
    if (put <= 0) return;  // the emulator is gone, as the next look will tell
    keys.remove_prefix(static_cast<std::size_t>(put));
  }
}

void Machine::Run::wait(const Person& person) {
  std::vector<pollfd> events = {{process_->ended_descriptor(), POLLIN, 0}};
  for (const Channel* channel : {console_.get(), protocol_.get(), log_.get()}) {
    if (channel->open()) events.push_back({channel->descriptor(), POLLIN, 0});
  }
  if (control_ && control_->open()) events.push_back({control_->descriptor(), POLLIN, 0});
  if (person.keyboard >= 0) events.push_back({person.keyboard, POLLIN, 0});
  poll(events.data(), events.size(), kLookMilliseconds);
}

void Machine::Run::carry(const Person& person, const std::function<bool()>& enough) {
  while (true) {
    wait(person);
    pump();
    if (enough()) return;
    if (auto over = look(person)) {
      ending_ = *over;
      return;
    }
  }
}

bool Machine::Run::reset_seen() {
  if (!on_bochs()) return control_->guest_reset();
  const std::string& log = log_->text();
  if (log.size() == log_looked_at_) return false;
  log_looked_at_ = log.size();
  return read_bochs_log(log).reset;
}

Ending Machine::Run::ending_for_reset() const {
  const bool gave_up = on_bochs() ? read_bochs_log(log_->text()).triple_fault
                                  : has_line(log_->text(), "Triple fault");
  return gave_up ? Ending::triple_fault : Ending::reset;
}

Ending Machine::Run::ending_after_exit(ExitStatus status) {
  status_ = status;
  if (has_line(protocol(), "sprat exit ok")) return Ending::said_ok;
  if (has_line(protocol(), "sprat exit failed")) return Ending::said_failed;
  if (on_bochs()) {
    BochsLog log = read_bochs_log(log_->text());
    if (log.triple_fault) return Ending::triple_fault;
    if (log.reset) return Ending::reset;
    if (config_.guest_limit != 0 && log.ticks >= config_.guest_limit) return Ending::guest_limit;
    // Bochs ends with status 1 when the guest asks for it.
    return status.code == 1 && status.signal == 0 ? Ending::left_early : Ending::emulator_broke;
  }
  if (control_->guest_reset()) return ending_for_reset();
  if (status.code == kScopeLimitStatus && config_.guest_limit != 0) return Ending::guest_limit;
  // Every status a guest can choose is odd; QEMU's own failure is 1, which it cannot: 0 is none of
  // our values.
  const bool chosen = status.signal == 0 && status.code % 2 == 1 && status.code != 1;
  return chosen || control_->guest_powered_off() ? Ending::left_early : Ending::emulator_broke;
}

std::optional<Ending> Machine::Run::look(const Person& person) {
  if (auto status = process_->ended()) {
    pump();
    return ending_after_exit(*status);
  }
  if (console_->flooded()) return Ending::console_flood;
  if (protocol_->flooded() || log_->flooded()) return Ending::protocol_flood;
  if (reset_seen()) return ending_for_reset();
  if (control_ && control_->guest_powered_off()) return Ending::left_early;

  if (person.keyboard >= 0) {
    pollfd one = {person.keyboard, POLLIN, 0};
    if (poll(&one, 1, 0) > 0) {
      auto keys = person.keys();
      if (!keys) return Ending::stopped;
      type(*keys);
    }
  }
  const auto now = Clock::now();
  const bool said_ok = has_line(protocol(), "sprat exit ok");
  if (said_ok || has_line(protocol(), "sprat exit failed")) {
    if (!farewell_) farewell_ = now;
    if (seconds_between(*farewell_, now) < kFarewellSeconds) return std::nullopt;
    return said_ok ? Ending::said_ok : Ending::said_failed;
  }
  if (person.keyboard >= 0) return std::nullopt;

  const double seconds = seconds_between(started_, now);
  if (seconds > config_.wall_seconds * load_factor()) return Ending::wall_ceiling;
  const Activity activity = process_->activity();
  const Observation observation = {.seconds = seconds,
                                   .executed = live_ ? live_->value() : std::nullopt,
                                   .cpu_seconds = activity.cpu_seconds,
                                   .runnable = activity.runnable};
  if (stillness_->still(observation)) return Ending::halted;
  return std::nullopt;
}

RunResult Machine::Run::finish() {
  RunResult result;
  const auto now = Clock::now();
  result.wall_seconds = seconds_between(started_, now);
  // A machine that did not end by itself can still be asked where it stands.
  if (control_ && control_->open() && !process_->ended() && ending_ != Ending::said_ok) {
    control_->stop();
    for (const Registers& cpu : control_->registers().value_or(std::vector<Registers>())) {
      result.instruction_pointers.push_back(cpu.rip);
    }
  }
  if (live_) result.instructions = live_->value();
  process_->kill_group();
  pump();

  result.ending = ending_;
  result.console = console_->text();
  sieve_.end();
  result.protocol = protocol();
  result.emulator_log = log_->text();
  result.exit_status = status_.signal != 0 ? 128 + status_.signal : status_.code;
  if (on_bochs()) {
    BochsLog log = read_bochs_log(log_->text());
    result.ticks = log.ticks;
    if (log.instruction_pointer) result.instruction_pointers = {*log.instruction_pointer};
  } else {
    result.scope = read_file(boot_folder() / kScopeReport);
  }
  judge(result,
        {.console = console_times_.share_until(now), .protocol = protocol_times_.share_until(now)});
  if (keys_to_guest_ >= 0) close(keys_to_guest_);
  return result;
}

Machine::Machine(const MachineConfig& config) : run_(std::make_unique<Run>(config)) {}
Machine::~Machine() = default;

void Machine::on_console(std::function<void(std::string_view)> show) {
  run_->show = std::move(show);
}

RunResult Machine::run() { return run(Person()); }

RunResult Machine::run(const Person& person) {
  run_->start(person);
  run_->carry(person, [] { return false; });
  return run_->finish();
}

std::optional<RunResult> Machine::run_until(std::string_view prefix) {
  run_->start(Person());
  const std::string first_on_line = "\n" + std::string(prefix);
  run_->carry(Person(), [&] {
    const std::string& protocol = run_->protocol();
    std::size_t at = protocol.starts_with(prefix) ? 0 : protocol.find(first_on_line);
    return at != std::string::npos && protocol.find('\n', at + 1) != std::string::npos &&
           run_->control().stop();
  });
  const std::string& protocol = run_->protocol();
  run_->stopped = run_->ending() == Ending::stopped && !protocol.empty();
  if (!run_->stopped) return run_->finish();
  return std::nullopt;
}

std::vector<Registers> Machine::registers() {
  auto all = run_->stopped ? run_->control().registers() : std::nullopt;
  if (!all)
    throw MachineError("there is no stopped machine to ask for registers; call run_until first");
  return *all;
}

std::vector<std::uint8_t> Machine::memory(std::uint64_t physical, std::size_t bytes) {
  if (!run_->stopped || !run_->control().save_memory(physical, bytes, run_->memory_file())) {
    throw MachineError("there is no stopped machine to read memory from; call run_until first");
  }
  const std::string content = read_file(run_->memory_file());
  return {content.begin(), content.end()};
}

RunResult Machine::abandon() { return run_->finish(); }

}  // namespace sprat::grading
