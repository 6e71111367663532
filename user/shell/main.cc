// main.cc — the shell: reads a line, does what it says.

#include <algorithm>

#include "lib/console.hh"
#include "lib/processes.hh"
#include "lib/program.hh"
#include "lib/runtime.hh"
#include "lib/words.hh"
#include "shell/commands.hh"
#include "shell/line_editor.hh"
#include "shell/serial_port.hh"
#include "sprat/region.hh"

namespace sprat::shell {
namespace {

// What wakes the shell.
constexpr std::uint64_t kTyped = 1, kProgramEnded = 2;

class Shell {
 public:
  // Begins to listen.  The errors of the operations
  Result<void> prepare();

  // Reads and does, for ever.
  Task<> run();

 private:
  // The next key that ends something: a line, or ^C. What is typed is shown.
  Task<LineEditor::Event> next_event();
  Task<> execute(std::string_view line);
  Task<> run_program(std::string_view command_line);
  Task<> wait_for_end(std::uint64_t process);

  SerialPort serial_{CapRef<Type::io_ports>(task_slot(TaskSlot::io_ports)),
                     CapRef<Type::irq>(task_slot(TaskSlot::irq))};
  LineEditor editor_;
  Cap<Type::notification> typed_, ended_;
};

Result<void> Shell::prepare() {
  const CapRef<Type::dispatcher> self(task_slot(TaskSlot::dispatcher));
  const auto notification = retype<Type::notification>(self);
  if (!notification) return notification.error();
  auto typed = mint(notification.value(), {kAllRights, kTyped, 0});
  if (!typed) return typed.error();
  auto ended = mint(notification.value(), {kAllRights, kProgramEnded, 0});
  if (!ended) return ended.error();
  typed_ = std::move(typed.value());
  ended_ = std::move(ended.value());
  return serial_.start(typed_);
}

Task<LineEditor::Event> Shell::next_event() {
  for (;;) {
    while (const auto byte = serial_.read()) {
      const LineEditor::Event event = editor_.take(*byte);
      write_console(editor_.echo());
      flush_console();
      if (event != LineEditor::Event::none) co_return event;
    }
    co_await runtime().loop.notified(kTyped);
    serial_.acknowledge();
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
    if (event.value() != LineEditor::Event::line) continue;
    if (const auto done = co_await execute(editor_.text()); !done)
      complain("that did not work", name_of(done.error()));
  }
}

Task<> Shell::execute(std::string_view line) {
  std::string_view rest = line;
  const std::string_view name = next_word(rest);
  if (name.empty()) co_return {};
  if (name == "run") co_return co_await run_program(rest);
  const auto found = std::find_if(commands().begin(), commands().end(),
                                  [&](const Command& command) { return command.name == name; });
  if (found == commands().end()) {
    complain(name, "no such command; type help");
  } else {
    found->run();
  }
  co_return {};
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
  const auto process = sprat::run_program(command_line, waits ? ended_.address() : CapAddress());
  if (!process) co_return process.error();
  if (waits) co_return co_await wait_for_end(process.value());
  print("process {}\n", process.value());
  co_return {};
}

// Until the process has ended; ^C ends it.
Task<> Shell::wait_for_end(std::uint64_t process) {
  for (;;) {
    const auto came = co_await runtime().loop.notified(kTyped | kProgramEnded);
    if ((came & kTyped) != 0) {
      serial_.acknowledge();
      while (const auto byte = serial_.read()) {
        if (editor_.take(*byte) != LineEditor::Event::interrupt) continue;
        print("^C\n");
        static_cast<void>(ask_init(Request::kill, process));
      }
    }
    if ((came & kProgramEnded) != 0) co_return {};
  }
}

}  // namespace
}  // namespace sprat::shell

int sprat::main(const Startup&) {
  shell::Shell shell;
  if (const auto prepared = shell.prepare(); !prepared) {
    shell::complain("cannot listen", name_of(prepared.error()));
    return 1;
  }
  const auto ended = runtime().loop.run(shell.run());
  shell::complain("ended", name_of(ended.error()));
  return 1;
}
