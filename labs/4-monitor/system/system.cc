// system.cc — a part of the monitor, and requests to it.

#include "system.hh"

#include <memory>

#include "monitor/monitor.hh"

namespace sprat::probe {
namespace {

// No other part knows it.
constexpr std::uint64_t kRequest = 47;
enum class Question : std::uint8_t { told, answer_numbers, answer_text, lines, end };

class Examiner final : public monitor::Part {
 public:
  void begin(evidence::Session* session, const monitor::Links& links) {
    session_ = session;
    links_ = &links;
  }

  Result<Answer> handle(monitor::Process&, const Call& call, monitor::ReceiveSlot&) override {
    if (call.words[0] != kRequest) return Error::invalid_argument;
    const auto question = static_cast<Question>(call.words[1]);
    if (question == Question::lines) return Answer{{}, {links_->lines_posted()}};
    if (session_ == nullptr) return Error::not_found;
    if (question == Question::told)
      return Answer{{}, {session_->seed(), evidence::hex(words(), "arg")}};
    if (question == Question::end) end();
    answer(question, call.words);
    return Answer{};
  }

 private:
  [[noreturn]] void end() {
    std::destroy_at(session_);
    power_off();
  }

  // Words 2 to 4: the address of the key, and two numbers, or the address and the length of a text.
  void answer(Question question, const Words& asked) {
    const std::string_view key(reinterpret_cast<const char*>(asked[2]));
    if (question == Question::answer_text) {
      session_->answer(key, std::string_view(reinterpret_cast<const char*>(asked[3]), asked[4]));
    } else if (asked[4] == kNoNumber) {
      session_->answer(key, asked[3]);
    } else {
      session_->answer(key, asked[3], asked[4]);
    }
  }

 public:
  static constexpr std::uint64_t kNoNumber = ~std::uint64_t{0};

 private:
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

Words ask_examiner(Question question, std::uint64_t a = 0, std::uint64_t b = 0,
                   std::uint64_t c = 0) {
  const auto answered = ask(kMonitor, {kRequest, static_cast<std::uint64_t>(question), a, b, c});
  return answered ? answered.value().words : Words{};
}

std::uint64_t address_of(const char* text) { return reinterpret_cast<std::uint64_t>(text); }

}  // namespace

void run_system(evidence::Session* session) {
  monitor::Monitor& monitor = monitor::make_monitor(first_process());
  examiner.begin(session, monitor.links());
  monitor.add(examiner);
  monitor.run(start_programs);
}

const Startup& startup() { return *reinterpret_cast<const Startup*>(kStartupAddress.value()); }

std::uint64_t seed() { return ask_examiner(Question::told)[0]; }
std::uint64_t argument() { return ask_examiner(Question::told)[1]; }

void answer(const char* key, std::uint64_t number) { answer(key, number, Examiner::kNoNumber); }
void answer(const char* key, std::uint64_t first, std::uint64_t second) {
  ask_examiner(Question::answer_numbers, address_of(key), first, second);
}
void answer(const char* key, std::string_view text) {
  ask_examiner(Question::answer_text, address_of(key), address_of(text.data()), text.size());
}

std::uint64_t lines_posted() { return ask_examiner(Question::lines)[0]; }

void give_up_process(const char* what, Error error) {
  answer(what, name_of(error));
  end_test();
}

void end_test() {
  ask_examiner(Question::end);
  exit_process(0);
}

}  // namespace sprat::probe

using namespace sprat::probe;

PROBE(system) { run_system(&session); }
PROBE_ON_OTHER_CORES(system) { run_system(nullptr); }
