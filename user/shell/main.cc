// main.cc — the shell: reads a line, carries it out.

#include <algorithm>

#include "lib/console.hh"
#include "lib/processes.hh"
#include "lib/program.hh"
//@ since monitor
#include "lib/remote_processes.hh"
//@ end
#include "lib/runtime.hh"
#include "lib/words.hh"
#include "shell/commands.hh"
#include "shell/keyboard.hh"
#include "shell/line_editor.hh"
#include "sprat/region.hh"

namespace sprat::shell {
namespace {

// The notifications that wake the shell.
constexpr std::uint64_t kTyped = 1, kProgramEnded = 2;

class Shell {
 public:
  // `own_number`: of the process it is. `quota`: the most that each program it runs may have.
  Shell(std::uint64_t own_number, const Quota& quota) : own_number_(own_number), quota_(quota) {}

  // Begins to listen.  The errors of the operations
  Result<void> prepare();

  // Reads and does, until the machine goes off.
  Task<> run();

 private:
  // The next key that ends something: a line, ^C or ^D. Shows typed keys.
  Task<LineEditor::Event> next_event();
  Task<> execute(std::string_view line);
  // Of this core, or of the one whose number is the first word.
  Task<Child> start(std::string_view command_line);
  Task<> run_program(std::string_view command_line);
  Task<> kill(std::string_view words);
  Task<> finish();
  // The first for which `holds`.  not_found
  template <class Holds>
  Result<ProcessInfo> find_process(Holds holds);
  Result<ProcessInfo> other_process();
  Task<bool> ends(CapRef<Type::endpoint> process);

  const std::uint64_t own_number_;
  const Quota quota_;
  Keyboard keyboard_{SerialPort(CapRef<Type::io_ports>(task_slot(TaskSlot::io_ports)),
                                CapRef<Type::irq>(task_slot(TaskSlot::irq)))};
  LineEditor editor_;
  Cap<Type::notification> typed_, ended_;
};

Result<void> Shell::prepare() {
  const CapRef<Type::dispatcher> self(task_slot(TaskSlot::dispatcher));
  const auto notification = TRY(retype<Type::notification>(self));
  auto typed = TRY(mint(notification, {kAllRights, kTyped, 0}));
  auto ended = TRY(mint(notification, {kAllRights, kProgramEnded, 0}));
  typed_ = std::move(typed);
  ended_ = std::move(ended);
  return keyboard_.start(typed_);
}

Task<LineEditor::Event> Shell::next_event() {
  for (;;) {
    while (const auto byte = keyboard_.next()) {
      const LineEditor::Event event = editor_.take(*byte);
      write_console(editor_.echo());
      flush_console();
      if (event != LineEditor::Event::none) co_return event;
    }
    co_await runtime().loop.notified(kTyped);
    keyboard_.acknowledge();
  }
}

Task<> Shell::run() {
  print("Sprat's shell. Type help.\n");
  for (;;) {
    print("> ");
    flush_console();
    region_end<Region::boot_to_prompt>();
    const auto event = co_await next_event();
    if (!event) co_return event.error();
    if (event.value() == LineEditor::Event::interrupt) continue;
    const bool is_line = event.value() == LineEditor::Event::line;
    const auto done = co_await (is_line ? execute(editor_.text()) : finish());
    if (!done) complain("that did not work", name_of(done.error()));
  }
}

Task<> Shell::execute(std::string_view line) {
  std::string_view rest = line;
  const std::string_view name = next_word(rest);
  if (name.empty()) co_return {};
  if (name == "run") co_return co_await run_program(rest);
  const auto found = std::find_if(commands().begin(), commands().end(),
                                  [&](const Command& command) { return command.name == name; });
  if (found != commands().end()) {
    found->run();
    //@ since monitor
    if (name == "ps") co_return co_await processes_of_others();
    //@ end
    //@ since memory
    if (name == "mem") co_return co_await memory_of_cores();
    //@ end
  } else if (name == "kill") {
    co_return co_await kill(rest);
    //@ since monitor
  } else if (name == "stop") {
    co_return co_await stop_core(rest);
  } else if (name == "start") {
    co_return co_await start_core(rest);
    //@ end
  } else {
    complain(name, "no such command; type help");
  }
  co_return {};
}

//@ since memory
// Takes a limit in MiB off the command line, if one is there: "memory=8 hog 2".  invalid_argument: it is no number
Result<void> take_limit(std::string_view& command_line, Quota& quota) {
  constexpr std::string_view kWord = "memory=";
  if (!command_line.starts_with(kWord)) return {};
  std::string_view rest = command_line;
  std::uint64_t mib = 0;
  if (!parse_number(slice(next_word(rest), kWord.size()), mib) || mib >> 32 != 0)
    return Error::invalid_argument;
  quota.memory = std::min(quota.memory, mib << 20);
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  command_line = rest;
  return {};
}

//@ end
Task<Child> Shell::start(std::string_view command_line) {
  Quota quota = quota_;
  //@ since memory
  if (const auto taken = take_limit(command_line, quota); !taken) co_return taken.error();
  //@ end
  //@ since monitor
  std::string_view rest = command_line;
  std::uint64_t core = 0;
  if (parse_number(next_word(rest), core)) co_return co_await run_program_on(core, rest, quota);
  //@ end
  co_return sprat::run_program(command_line, quota);
}

Task<> Shell::run_program(std::string_view command_line) {
  while (command_line.starts_with(' ')) command_line.remove_prefix(1);
  while (command_line.ends_with(' ')) command_line.remove_suffix(1);
  const bool waits = !command_line.ends_with('&');
  if (!waits) command_line.remove_suffix(1);
  if (command_line.empty()) {
    complain("run", "which program? Type: run hello");
    co_return {};
  }
  const auto process = co_await start(command_line);
  if (!process) {
    const bool is_unknown = process.error() == Error::not_found;
    complain(next_word(command_line),
             is_unknown ? "no such program was booted along" : name_of(process.error()));
    co_return {};
  }
  if (!waits) print("process {}\n", process.value().number);
  while (waits) {
    const auto ended = co_await ends(process.value().process);
    if (!ended) co_return ended.error();
    if (ended.value()) break;
    print("^C\n");
    static_cast<void>(sprat::kill(process.value().process));
  }
  co_return {};
}

Task<> Shell::kill(std::string_view words) {
  std::uint64_t number = 0;
  const std::string_view word = next_word(words);
  //@ since monitor
  std::uint64_t core = 0;
  const std::size_t point = word.find('.');
  if (point != word.npos && parse_number(slice(word, 0, point), core) &&
      parse_number(slice(word, point + 1), number)) {
    if (const auto killed = co_await kill_process_of(core, number); !killed)
      complain("kill", name_of(killed.error()));
    co_return {};
  }
  //@ end
  if (!parse_number(word, number)) {
    complain("kill", "which process? ps lists them");
    co_return {};
  }
  const auto process = find_process([&](const ProcessInfo& p) { return p.number == number; });
  const auto killed = process ? sprat::kill(process.value().process) : process.error();
  if (!killed) complain("kill", name_of(killed.error()));
  co_return {};
}

template <class Holds>
Result<ProcessInfo> Shell::find_process(Holds holds) {
  for (std::uint64_t n = 0;; ++n) {
    auto process = nth_process(n);
    if (!process || holds(process.value())) return process;
  }
}

// One that is not the shell.  not_found
Result<ProcessInfo> Shell::other_process() {
  return find_process([&](const ProcessInfo& process) { return process.number != own_number_; });
}

// Turns the machine off when all other processes of this core have ended; ^C goes back to the prompt.
Task<> Shell::finish() {
  for (auto process = other_process(); process; process = other_process()) {
    const ProcessInfo& other = process.value();
    print("Waiting for process {} ({}).\n", other.number,
          until_zero({other.name.data(), other.name.size()}));
    const auto ended = co_await ends(other.process);
    if (!ended) co_return ended.error();
    if (!ended.value()) co_return {};
  }
  leave();
  co_return {};
}

// Waits until the process has ended. Returns false if ^C was typed.
Task<bool> Shell::ends(CapRef<Type::endpoint> process) {
  for (;;) {
    if (keyboard_.look_for_interrupt()) co_return false;
    const auto waits = signal_at_end(process, ended_);
    if (!waits && waits.error() == Error::not_found) co_return true;
    if (!waits) co_return waits.error();
    const auto came = co_await runtime().loop.notified(kTyped | kProgramEnded);
    if ((came & kTyped) != 0) keyboard_.acknowledge();
  }
}

}  // namespace
}  // namespace sprat::shell

int sprat::main(const Startup& startup) {
  // A program may take half of the quota: the other half stays.
  const auto quota = quota_left();
  shell::Shell shell(startup.process_id, quota ? quota.value() / 2 : kParentsQuota);
  if (const auto prepared = shell.prepare(); !prepared) {
    shell::complain("cannot listen", name_of(prepared.error()));
    return 1;
  }
  const auto ended = runtime().loop.run(shell.run());
  shell::complain("ended", name_of(ended.error()));
  return 1;
}
