// backtrace_test.cc — exercise 4: stacks and symbol tables made up by the test, and a panic in a booted kernel.

#include <algorithm>
#include <sstream>

#include "lab/trial.hh"

using namespace sprat::grading;

namespace {

// A stack of made-up words with a chain of frames in it.
struct Stack {
  std::vector<std::string> words;
  std::uint64_t first_frame = 0;                // offset in bytes
  std::vector<std::uint64_t> frames;            // offsets, innermost first
  std::vector<std::uint64_t> return_addresses;  // innermost first

  std::string question(std::uint64_t most) const {
    std::string text = "backtrace " + bare(most) + " +" + bare(first_frame);
    for (const std::string& word : words) text += " " + word;
    return text;
  }
};

std::uint64_t code_address(Trial& trial) { return 0xffffffff80100000 + trial.below(1 << 20); }

// Frames of random sizes; the outermost returns to 0, as entry.S arranges it, unless it is the stack that ends.
Stack make_stack(Trial& trial, std::uint64_t depth) {
  Stack stack;
  const auto noise = [&] {
    for (std::uint64_t i = 0, count = trial.below(6); i < count; ++i)
      stack.words.push_back(bare(trial.random()()));
  };
  noise();
  for (std::uint64_t i = 0; i <= depth; ++i) {
    stack.frames.push_back(stack.words.size() * 8);
    stack.words.push_back("0");
    const std::uint64_t address = i == depth ? 0 : code_address(trial);
    stack.words.push_back(bare(address));
    if (address != 0) stack.return_addresses.push_back(address);
    noise();
  }
  for (std::size_t i = 0; i + 1 < stack.frames.size(); ++i) {
    stack.words[stack.frames[i] / 8] = "+" + bare(stack.frames[i + 1]);
  }
  stack.first_frame = stack.frames.front();
  return stack;
}

std::string answer_of(const std::vector<std::uint64_t>& addresses, std::size_t most) {
  std::string answer = "ok";
  for (std::size_t i = 0; i < std::min(most, addresses.size()); ++i)
    answer += " " + bare(addresses[i]);
  return answer;
}

// "ok 1f 2f" as "0x1f 0x2f", in the words of a failure.
std::string text_of_calls(const std::string& answer) {
  std::istringstream words(answer);
  std::string text, word;
  words >> word;
  if (word != "ok") return answer;
  while (words >> word) text += (text.empty() ? "0x" : " 0x") + word;
  return text.empty() ? "no address" : text;
}

// Asks for all of the stack's frames; only those before `valid` may be found.
void expect_first(Trial& trial, const Stack& stack, std::size_t valid, const std::string& what) {
  trial.keep_log("stack", stack.question(64) + "\n");
  trial.expect_equal(what, text_of_calls(answer_of(stack.return_addresses, valid)),
                     text_of_calls(trial.ask(stack.question(64))));
}

// "ok f3 12" as "f3+0x12", "none" as "no function".
std::string text_of_place(const std::string& answer) {
  std::istringstream words(answer);
  std::string result, function, offset;
  words >> result >> function >> offset;
  if (result == "none") return "no function";
  return result == "ok" ? function + "+0x" + offset : answer;
}

}  // namespace

LAB_TEST(backtrace, follows_the_chain, "host") {
  for (unsigned round = 0; round < 200; ++round) {
    const Stack stack = make_stack(trial, trial.below(20));
    const std::uint64_t most = trial.below(25);
    trial.keep_log("stack", stack.question(most) + "\n");
    trial.expect_equal("return addresses of a stack of " +
                           std::to_string(stack.return_addresses.size()) + " calls, at most " +
                           std::to_string(most) + " wanted",
                       text_of_calls(answer_of(stack.return_addresses, most)),
                       text_of_calls(trial.ask(stack.question(most))));
  }
}

LAB_TEST(backtrace, survives_broken_stacks, "host") {
  for (unsigned round = 0; round < 60; ++round) {
    const Stack good = make_stack(trial, 3 + trial.below(8));
    const std::size_t depth = good.return_addresses.size();
    const std::size_t broken = trial.below(depth);
    const auto with_link = [&](const std::string& link) {
      Stack stack = good;
      stack.words[stack.frames[broken] / 8] = link;
      return stack;
    };
    const std::uint64_t size = good.words.size() * 8;
    expect_first(trial, with_link("0"), broken + 1, "a chain that ends with a null frame pointer");
    expect_first(trial, with_link("+" + bare(good.frames[broken])), broken + 1,
                 "a frame that is its own caller");
    expect_first(trial, with_link("+" + bare(good.frames[0])), broken + 1, "a chain that loops");
    expect_first(trial, with_link("+" + bare(good.frames[broken + 1] + 1 + trial.below(7))),
                 broken + 1, "a frame pointer that is not a multiple of 8");
    expect_first(trial, with_link("+" + bare(size)), broken + 1,
                 "a frame pointer at the stack's end");
    expect_first(trial, with_link("+" + bare(size - 8)), broken + 1,
                 "a frame whose second word is behind the stack's end");
    expect_first(trial, with_link("+" + bare(size + 8 * trial.below(1 << 20))), broken + 1,
                 "a frame beyond the stack");
    expect_first(trial, with_link(bare(trial.random()())), broken + 1,
                 "a frame pointer that is noise");
    expect_first(trial, with_link("fffffffffffffff8"), broken + 1,
                 "a frame at the end of the address space");
  }
  for (const char* frame : {"0", "8", "fffffffffffffff0", "fffffffffffffff8", "+4"}) {
    const std::string answer =
        trial.ask(std::string("backtrace 10 ") + frame + " 1111 2222 3333 4444");
    trial.expect_equal(std::string("a first frame pointer of ") + frame, "no address",
                       text_of_calls(answer));
  }
}

LAB_TEST(backtrace, finds_the_calling_function, "host") {
  for (unsigned round = 0; round < 40; ++round) {
    std::vector<std::uint64_t> addresses;
    for (std::uint64_t at = 0xffffffff80100000, i = 0, count = 1 + trial.below(30); i < count;
         ++i) {
      at += 5 + trial.below(200);
      addresses.push_back(at);
    }
    std::string table;
    for (std::size_t i = 0; i < addresses.size(); ++i)
      table += " " + bare(addresses[i]) + " f" + std::to_string(i);

    const auto check = [&](std::uint64_t address) {
      // The call is the byte before: the last function that begins at or before that byte.
      std::string expected = "no function";
      for (std::size_t i = 0; i < addresses.size(); ++i) {
        if (addresses[i] <= address - 1)
          expected = "f" + std::to_string(i) + "+" + hex(address - addresses[i]);
      }
      trial.keep_log("symbols", "symbol " + bare(address) + table + "\n");
      trial.expect_equal("function of the call that returns to " + hex(address), expected,
                         text_of_place(trial.ask("symbol " + bare(address) + table)));
    };
    for (const std::uint64_t address : addresses) {
      check(address);
      check(address + 1);
      check(address - 1);
      check(address + 2 + trial.below(300));
    }
  }
  trial.expect_equal("an empty table", "no function",
                     text_of_place(trial.ask("symbol ffffffff80100000")));
}

LAB_TEST(backtrace, panic_names_every_caller, "qemu-icount") {
  const Booted booted = trial.boot({.test = "backtrace", .may_panic = true});

  // The chain of calls that guest/backtrace.cc makes from its seed.
  static constexpr const char* kNames[] = {"calls::herring", "calls::anchovy", "calls::sardine",
                                           "calls::pilchard"};
  std::vector<std::string> callers{"guest_test_backtrace", "calls::next"};
  std::uint64_t path = booted.seed / 16;
  for (std::uint64_t i = 0; i < booted.seed % 16 / 2 + 1; ++i, path /= 4) {
    callers.push_back(kNames[path % 4]);
    callers.push_back("calls::next");
  }
  std::ranges::reverse(callers);

  std::size_t at = booted.run.protocol.find("backtrace:\n");
  if (at == std::string::npos)
    trial.wrong("a panic with a backtrace", "no line \"backtrace:\" on the debug port");
  std::string came;
  std::string wanted;
  const std::string text = booted.run.protocol.substr(at);
  for (std::size_t i = 0; i < callers.size(); ++i) {
    const std::string number = "#" + std::to_string(i + 1) + " ";
    const std::size_t begin = text.find("\n  " + number);
    wanted += number + callers[i] + "\n";
    if (begin == std::string::npos) break;
    const std::string line = text.substr(begin + 3, text.find('\n', begin + 1) - begin - 3);
    const std::size_t name = line.rfind(' ');
    came += number + line.substr(name + 1, line.find('+', name) - name - 1) + "\n";
  }
  if (wanted != came)
    trial.wrong(wanted, came.empty() ? "no callers at all" : came, "functions, innermost first");
}
