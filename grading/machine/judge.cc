// judge.cc — one paragraph for every way a run can end.

#include "machine/judge.hh"

#include <cstdio>
#include <utility>

namespace sprat::grading {
namespace {

std::string hexadecimal(std::uint64_t value) {
  char text[19];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

// " (cpu 0 stood at 0x…, cpu 1 at 0x…)"
std::string places(const RunResult& result) {
  std::string text;
  for (std::size_t cpu = 0; cpu != result.cpus.size(); ++cpu) {
    text += (cpu == 0 ? " (cpu 0 stood at " : ", cpu " + std::to_string(cpu) + " at ") +
            hexadecimal(result.cpus[cpu].rip);
  }
  return text.empty() ? text : text + ")";
}

// " (rip 0x…, rsp 0x…, …)", of the first processor.
std::string last_state(const RunResult& result) {
  if (result.cpus.empty()) return "";
  const Registers& cpu = result.cpus.front();
  std::string text;
  for (const auto& [name, value] : {std::pair("rip", cpu.rip),
                                    {"rsp", cpu.rsp},
                                    {"cr0", cpu.cr0},
                                    {"cr2", cpu.cr2},
                                    {"cr3", cpu.cr3},
                                    {"cr4", cpu.cr4}})
    text += (text.empty() ? " (" : ", ") + std::string(name) + " " + hexadecimal(value);
  return text + ")";
}

// ": WORDS", the emulator's own.
std::string complaint(const RunResult& result) {
  return result.complaint.empty() ? "" : ": " + result.complaint;
}

std::string duration(const RunResult& result) {
  if (result.ticks) return std::to_string(*result.ticks) + " ticks";
  if (result.instructions) return std::to_string(*result.instructions) + " instructions";
  char text[32];
  std::snprintf(text, sizeof text, "%.1f seconds", result.wall_seconds);
  return text;
}

void judge_endless(RunResult& result, OutputShares last_output) {
  if (last_output.protocol >= kRecently) {
    result.verdict = Verdict::limit;
    result.explanation = "It was still answering after " + duration(result) + places(result) +
                         ". Look for work that is done again and again.";
  } else if (last_output.console >= kRecently) {
    result.verdict = Verdict::hang_printing;
    result.explanation = "It was still printing after " + duration(result) + places(result) +
                         ". The end of the console log shows what repeats.";
  } else {
    result.verdict = Verdict::hang_silent;
    result.explanation =
        "It ran for " + duration(result) + ", the last part without a word" + places(result) +
        ". Look for a loop that waits for something that never comes; GDB=1 shows where.";
  }
}

void judge_failed(RunResult& result) {
  const std::string message = panic_message(result.protocol);
  if (message.empty()) {
    result.verdict = Verdict::wrong_answer;
    result.explanation =
        "The system ended by itself and says that it failed. The end of its console says why.";
  } else {
    result.verdict = Verdict::panic;
    result.explanation =
        "The kernel panicked: " + message +
        ". The backtrace below it, on port 0xe9 as on the console, names the place.";
  }
}

}  // namespace

std::string panic_message(const std::string& protocol) {
  static constexpr std::string_view kPrefix = "panic: ";
  for (std::size_t at = protocol.find(kPrefix); at != std::string::npos;
       at = protocol.find(kPrefix, at + 1)) {
    if (at != 0 && protocol[at - 1] != '\n') continue;
    std::size_t begin = at + kPrefix.size();
    return protocol.substr(begin, protocol.find_first_of("\r\n", begin) - begin);
  }
  return "";
}

std::string excess_of(const RunResult& result) {
  switch (result.excess) {
    case Excess::tasks: return "many threads";
    case Excess::disk: return "much room for its files";
    case Excess::memory:
    case Excess::none: break;
  }
  return "much memory of the computer";
}

void judge(RunResult& result, OutputShares last_output) {
  auto say = [&](Verdict verdict, std::string explanation) {
    result.verdict = verdict;
    result.explanation = std::move(explanation);
  };
  switch (result.ending) {
    case Ending::said_ok:
      return say(Verdict::ok, "The system ended by itself and says that all is well.");
    case Ending::said_failed: return judge_failed(result);
    case Ending::left_early:
      return say(Verdict::early_exit,
                 "The emulator was told to end (its status is " +
                     std::to_string(result.exit_status) + ") but no line `sprat exit` came before" +
                     complaint(result) + ". Look for the code that ends the run too soon.");
    case Ending::triple_fault:
      return say(
          Verdict::triple_fault,
          "The processor gave up: an exception struck where no handler could run" +
              last_state(result) +
              ". rip is the instruction at which it began. cr2 is the address of the last page "
              "fault, "
              "if there was one: of its cause, or of the stack or the descriptor table that "
              "its "
              "handler needed. All registers are at the end of the emulator's log. Suspect page "
              "tables, the stack and the descriptor tables.");
    case Ending::reset:
      return say(Verdict::reboot_loop, "The guest reset the machine" + places(result) +
                                           "; on real hardware it would start again and again. "
                                           "Look for the code that resets it on the way up.");
    case Ending::halted:
      return say(
          Verdict::hang_silent,
          "All processors halted after " + duration(result) + " and nothing can wake them" +
              places(result) +
              ". Look for a wait whose interrupt never comes, or for a stop without `sprat exit`.");
    case Ending::guest_limit:
    case Ending::wall_ceiling: return judge_endless(result, last_output);
    case Ending::console_flood:
      return say(Verdict::flood,
                 "More than " + std::to_string(result.console.size()) +
                     " bytes came on the console. The beginning of its log shows what repeats.");
    case Ending::protocol_flood:
      return say(Verdict::flood,
                 "More than " + std::to_string(result.protocol.size()) +
                     " bytes came on port 0xe9. The beginning of its log shows what repeats.");
    case Ending::not_bootable:
      return say(Verdict::early_exit,
                 "The emulator does not boot this kernel" + complaint(result) +
                     ". Compare the Multiboot header and the linker script with the starter's.");
    case Ending::took_too_much:
      return say(Verdict::out_of_memory,
                 "The emulator was ended because it took too " + excess_of(result) +
                     places(result) +
                     ". Look for code that is written and then executed, again and again, and for "
                     "output without end.");
    case Ending::emulator_crashed:
      return say(Verdict::not_run, "The emulator itself crashed while it executed the system" +
                                       places(result) + complaint(result) +
                                       ". That is a fault of the emulator; its log is all that is "
                                       "known. Run it on the other emulator.");
    case Ending::stopped:
      return say(Verdict::not_run, "The run was stopped from outside before its end.");
    case Ending::emulator_broke:
      return say(Verdict::not_run, "The emulator ended by itself with status " +
                                       std::to_string(result.exit_status) + complaint(result) +
                                       ". That is no fault of the system in it. Its log says more; "
                                       "`make doctor` checks what is "
                                       "installed.");
  }
}

}  // namespace sprat::grading
