// subject.cc — questions, answers, and all the ways in which a program can fail to give one.

#include "machine/subject.hh"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "machine/boot_files.hh"
#include "machine/channel.hh"
#include "machine/config.hh"
#include "machine/load.hh"
#include "machine/process.hh"
#include "machine/run_directory.hh"

namespace sprat::grading {
namespace {

constexpr int kAnswerLookMilliseconds = 20;  // how often time and memory are looked at
constexpr double kRecentSeconds = 0.5;
constexpr int kShellSignalBase =
    128;  // how a wall of namespaces passes on a signal that ended its program
constexpr unsigned kTasksOfSubject = 32;
constexpr std::size_t kFilesOfSubject = 1 << 20;

// The line of a sanitizer's report that names the error; empty when there is no report.
std::string sanitizer_report(const std::string& log) {
  for (std::string_view mark :
       {"ERROR: AddressSanitizer", "runtime error: ", "ERROR: LeakSanitizer"}) {
    const std::size_t at = log.find(mark);
    if (at == std::string::npos) continue;
    const std::size_t line = log.rfind('\n', at) + 1;  // npos + 1 is 0
    return log.substr(line, log.find('\n', at) - line);
  }
  return "";
}

bool ran_out_of_memory(const std::string& log) {
  for (std::string_view mark : {"out-of-memory", "allocation-size-too-big", "rss-limit",
                                "rss limit", "std::bad_alloc", "failed to allocate"}) {
    if (log.find(mark) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

class Subject::Conversation {
 public:
  explicit Conversation(const SubjectConfig& config) : config_(config), log_(config.log_limit) {
    int to[2];
    if (pipe2(questions_, O_CLOEXEC) != 0 || pipe2(to, O_CLOEXEC) != 0) {
      throw MachineError("no more pipes; raise ulimit -n");
    }
    answers_ = to[0];
    fcntl(answers_, F_SETFL, O_NONBLOCK);
    fcntl(questions_[1], F_SETFL, O_NONBLOCK);
    // It can write to no folder: questions and answers go through pipes.
    Confinement confinement{.wall = config.wall, .folder = directory_.path() / "view"};
    std::filesystem::create_directories(confinement.folder);
    copy_for_the_wall(std::filesystem::absolute(config.program), confinement.folder / "subject");
    confinement.limits = {.cpu_seconds = config.cpu_seconds,
                          .memory_bytes = config.memory_bytes,
                          .tasks = kTasksOfSubject,
                          .file_bytes = kFilesOfSubject,
                          .disk_bytes = kFilesOfSubject};
    std::vector<std::string> command = {"./subject"};
    command.insert(command.end(), config.arguments.begin(), config.arguments.end());
    process_ = std::make_unique<Process>(
        Command{.arguments = command,
                .descriptors = {{questions_[0], 0}, {to[1], 1}, {log_.child_end(), 2}},
                // Some subjects simulate cores, whose stacks AddressSanitizer must not replace.
                .environment =
                    {"ASAN_OPTIONS=detect_leaks=0:abort_on_error=0:detect_stack_use_after_return=0",
                     "UBSAN_OPTIONS=print_stacktrace=1"}},
        confinement, directory_);
    close(questions_[0]);
    close(to[1]);
    log_.close_child_end();
  }

  ~Conversation() {
    close_questions();
    close(answers_);
  }

  std::optional<std::string> ask(std::string_view line) {
    if (verdict != Verdict::ok) return std::nullopt;
    if (!take_answers(0)) return std::nullopt;
    if (!pending_.empty()) {
      fail(Verdict::forged, "It said \"" + pending_.substr(0, 100) +
                                "\" before it was asked. Print nothing in code "
                                "under test.");
      return std::nullopt;
    }
    const auto asked = Clock::now();
    std::string question(line);
    question += '\n';
    if (!send(question, asked)) return std::nullopt;
    while (true) {
      const std::size_t end = pending_.find('\n', searched_);
      if (end != std::string::npos) {
        std::string answer = pending_.substr(0, end);
        pending_.erase(0, end + 1);
        searched_ = 0;
        return answer;
      }
      searched_ = pending_.size();
      if (!take_answers(kAnswerLookMilliseconds) || !within(asked)) return std::nullopt;
    }
  }

  Verdict finish() {
    close_questions();
    const auto asked = Clock::now();
    finishing_ = true;
    while (verdict == Verdict::ok && !over_) {
      if (take_answers(kAnswerLookMilliseconds)) within(asked);
    }
    return verdict;
  }

  Verdict verdict = Verdict::ok;
  std::string explanation;
  const std::string& log() const { return log_.text(); }

 private:
  void close_questions() {
    if (questions_[1] >= 0) close(questions_[1]);
    questions_[1] = -1;
  }

  void fail(Verdict what, std::string why) {
    if (verdict != Verdict::ok) return;
    verdict = what;
    explanation = std::move(why);
    process_->kill_group();
    log_.pump();
  }

  // Waits for an event at most so long, and takes what came. False when the program is over.
  bool take_answers(int milliseconds) {
    std::array<pollfd, 3> events = {pollfd{answers_, POLLIN, 0},
                                    pollfd{process_->ended_descriptor(), POLLIN, 0},
                                    pollfd{log_.descriptor(), POLLIN, 0}};
    poll(events.data(), log_.open() ? 3 : 2, milliseconds);
    if (events[2].revents != 0) log_.pump();
    if (events[0].revents != 0) read_answers();
    if (pending_.size() > config_.answer_limit) {
      fail(Verdict::flood, "It answered with more than " + std::to_string(config_.answer_limit) +
                               " bytes. The beginning of the log shows what repeats.");
    } else if (log_.flooded()) {
      fail(Verdict::flood,
           "It wrote more than " + std::to_string(config_.log_limit) +
               " bytes on its standard error. The beginning of the log shows what repeats.");
    } else if (events[1].revents != 0) {
      read_answers();  // what came between the two looks
      if (pending_.find('\n') == std::string::npos) ended();
    }
    return verdict == Verdict::ok && !over_;
  }

  void read_answers() {
    std::array<char, 65536> buffer;
    ssize_t got = buffer.size();
    // Less than was asked for is all that is there.
    while (pending_.size() <= config_.answer_limit && got == ssize_t{buffer.size()}) {
      got = read(answers_, buffer.data(), buffer.size());
      if (got > 0) pending_.append(buffer.data(), static_cast<std::size_t>(got));
    }
  }

  bool send(std::string_view question, Clock::time_point asked) {
    // A program that has closed its input must not end us.
    sigset_t pipe, before;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, &before);
    bool alive = true;
    while (alive && !question.empty()) {
      ssize_t put = write(questions_[1], question.data(), question.size());
      if (put > 0) question.remove_prefix(static_cast<std::size_t>(put));
      if (put < 0 && errno == EPIPE) {
        timespec at_once = {0, 0};
        sigtimedwait(&pipe, nullptr, &at_once);
        question = {};  // how it ended is seen when we wait for the answer
      }
      if (put < 0 && errno == EAGAIN)
        alive = take_answers(kAnswerLookMilliseconds) && within(asked);
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return alive;
  }

  // Returns false, with a verdict, when the time since `asked` is used up. The computer's load is read for late answers
  // only: to read it costs more than a question.
  bool within(Clock::time_point asked) {
    const auto now = Clock::now();
    if (now - looked_ < std::chrono::milliseconds(kAnswerLookMilliseconds)) return true;
    looked_ = now;
    const double seconds = std::chrono::duration<double>(now - asked).count();
    if (seconds > config_.answer_seconds && seconds > config_.answer_seconds * load_factor()) {
      hung("no answer for " + std::to_string(static_cast<int>(config_.answer_seconds)) +
           " seconds");
    }
    return verdict == Verdict::ok;
  }

  void hung(const std::string& how) {
    const bool printing = !pending_.empty() || Clock::now() - log_.last_output() <
                                                   std::chrono::duration<double>(kRecentSeconds);
    if (printing && !(log_.text().empty() && pending_.empty())) {
      fail(Verdict::hang_printing,
           "There was " + how + ", though it kept printing. The log shows what repeats.");
    } else {
      fail(Verdict::hang_silent, "There was " + how + ". Look for a loop that does not end.");
    }
  }

  void ended() {
    ExitStatus status = process_->ended().value_or(ExitStatus());
    if (config_.wall.kind() == WallKind::namespaces && status.code > kShellSignalBase)
      status = {.signal = status.code - kShellSignalBase, .excess = status.excess};
    log_.pump();
    const std::string report = sanitizer_report(log_.text());
    if (status.excess == Excess::memory) {
      fail(Verdict::out_of_memory, "It used more than " +
                                       std::to_string(config_.memory_bytes >> 20) +
                                       " MiB of memory. Look for growth inside a loop.");
    } else if (status.excess == Excess::tasks) {
      fail(Verdict::crashed, "It was ended, for it started more than " +
                                 std::to_string(kTasksOfSubject) +
                                 " processes and threads. Code under test starts none.");
    } else if (status.signal == SIGKILL || ran_out_of_memory(log_.text())) {
      fail(Verdict::out_of_memory,
           "It asked for more memory than there is. Look for growth inside a loop, or for a size "
           "that was never set.");
    } else if (!report.empty()) {
      fail(Verdict::crashed,
           "It crashed: " + report + ". The lines below that in the log name the place.");
    } else if (status.signal == SIGXCPU) {
      hung("no answer within " + std::to_string(config_.cpu_seconds) +
           " seconds of processor time");
    } else if (status.signal != 0) {
      fail(Verdict::crashed, std::string("It crashed: ") + strsignal(status.signal) +
                                 ". Run it under GDB with the same question.");
    } else if (!finishing_ || status.code != 0) {
      fail(Verdict::early_exit,
           "It ended with status " + std::to_string(status.code) +
               " before it had answered. Look for the code that ends it too soon.");
    }
    over_ = true;
  }

  SubjectConfig config_;
  RunDirectory directory_;
  Channel log_;
  std::unique_ptr<Process> process_;
  int questions_[2] = {-1, -1};  // the child's end, ours
  int answers_ = -1;
  std::string pending_;       // read and not yet handed out
  std::size_t searched_ = 0;  // so much of it has no end of line
  bool finishing_ = false;
  bool over_ = false;
  Clock::time_point looked_ = Clock::now();
};

Subject::Subject(const SubjectConfig& config)
    : conversation_(std::make_unique<Conversation>(config)) {}
Subject::~Subject() = default;
std::optional<std::string> Subject::ask(std::string_view line) { return conversation_->ask(line); }
Verdict Subject::finish() { return conversation_->finish(); }
Verdict Subject::verdict() const { return conversation_->verdict; }
const std::string& Subject::explanation() const { return conversation_->explanation; }
const std::string& Subject::log() const { return conversation_->log(); }

}  // namespace sprat::grading
