// paging_test.cc — exercise 5: a process whose heap grows, block by block, and gives back blocks in which nothing is left. The test is its
// memory server.

#include <bit>
#include <map>
#include <set>
#include <sstream>

#include "lab/trial.hh"
#include "sprat/capability.hh"

using sprat::grading::bare;
using sprat::grading::Trial;

namespace {

constexpr unsigned kOwnBits = 19;  // of the RAM that a process begins with
constexpr unsigned kLeastBlock = 16, kUnitBits = 14;
constexpr std::uint64_t kUnit = std::uint64_t{1} << kUnitBits;
constexpr std::uint64_t kFirstSlot = 192, kSlots = 64;
enum Request : std::uint64_t { kAllocate = 0, kGiveBack = 1 };

class Process {
 public:
  explicit Process(Trial& trial, std::uint64_t its_limit = std::uint64_t{1} << 30)
      : limit(its_limit), trial_(trial) {
    trial.expect_equal("new", "ok", trial.ask("process new " + bare(kOwnBits)));
  }

  std::string ask(const std::string& question) {
    calls = 0;
    question_ = "process " + question;
    std::string line = trial_.ask(question_);
    while (line.starts_with("ask ")) {
      if (++calls > 200) wrong("an end of the calls to the server", line);
      line = trial_.ask(serve(line));
    }
    return line;
  }
  // Of "ok NUMBER"; an error fails the test.
  std::uint64_t number(const std::string& question) {
    const std::string answer = ask(question);
    if (!answer.starts_with("ok ")) wrong("ok", answer);
    return std::strtoull(answer.c_str() + 3, nullptr, 16);
  }
  std::uint64_t reserve(std::uint64_t size) { return number("reserve " + bare(size)); }
  std::uint64_t touch(std::uint64_t address, std::uint64_t value) {
    return number("touch " + bare(address) + " " + bare(value));
  }
  std::uint64_t make(sprat::Type type, unsigned bits) {
    return number("make " + bare(static_cast<unsigned>(type)) + " " + bare(bits));
  }
  void drop(std::uint64_t slot) { expect_ok("drop " + bare(slot)); }
  void give_back(std::uint64_t address) { expect_ok("give-back " + bare(address)); }

  [[noreturn]] void wrong(const std::string& expected, const std::string& came) {
    trial_.wrong(expected, came, "After the question:  " + question_);
  }

  struct Block {
    std::uint64_t base, bits, slot;
  };
  std::map<std::uint64_t, Block> blocks;  // by number
  std::uint64_t limit, bytes = 0;
  std::string refusal = "quota_exceeded";
  std::size_t calls = 0;  // to the server, by the last question
  std::size_t all_calls = 0;
  bool is_generous = false;  // the server gives as much as is asked for

 private:
  void expect_ok(const std::string& question) {
    const std::string answer = ask(question);
    if (answer != "ok") wrong("ok", answer);
  }

  std::string serve(const std::string& line) {
    std::istringstream words(line.substr(4));
    std::uint64_t word[5]{};
    for (std::uint64_t& one : word) words >> std::hex >> one;
    ++all_calls;
    if (word[0] == kAllocate) return allocate(word[1], word[2], word[3], line);
    if (word[0] != kGiveBack) wrong("a call to allocate or to give back", line);
    const auto block = blocks.find(word[1]);
    if (block == blocks.end()) wrong("the number of a block that this process has", line);
    if (word[4] != 0)
      wrong("a block of which nothing is left", line + ": it has " + bare(word[4]) + " objects");
    bytes -= std::uint64_t{1} << block->second.bits;
    blocks.erase(block);
    return "ok 0 0 0";
  }

  std::string allocate(std::uint64_t most, std::uint64_t least, std::uint64_t slot,
                       const std::string& line) {
    if (least < kLeastBlock || most < least || most > 40)
      wrong("64 KiB at least, and no more than `most`", line);
    const std::uint64_t has = bytes + (std::uint64_t{1} << kOwnBits);
    const auto quarter = static_cast<std::uint64_t>(std::bit_width(has / 4) - 1);
    if (most != std::max(least, quarter))
      wrong("a quarter of the RAM that the process has, or the least that it needs: " +
                bare(std::max(least, quarter)),
            line);
    if (slot < kFirstSlot || slot >= kFirstSlot + kSlots) wrong("a slot from c0 to ff", line);
    for (const auto& [number, block] : blocks)
      if (block.slot == slot) wrong("a slot in which no block is", line);
    // Sometimes less than was asked for.
    std::uint64_t bits =
        !is_generous && trial_.below(4) == 0 ? least + trial_.below(most - least + 1) : most;
    while (bits >= least && bytes + (std::uint64_t{1} << bits) > limit) --bits;
    if (bits < least) return "error " + refusal;
    const std::uint64_t size = std::uint64_t{1} << bits;
    next_base_ = (next_base_ + size - 1) & ~(size - 1);
    const std::uint64_t number = next_number_ += 1 + trial_.below(3);
    blocks[number] = {next_base_, bits, slot};
    bytes += size;
    next_base_ += size;
    return "ok " + bare(number) + " " + bare(bits) + " " + bare(blocks[number].base);
  }

  Trial& trial_;
  std::uint64_t next_base_ = std::uint64_t{1} << 32, next_number_ = 100;
  std::string question_;
};

}  // namespace

LAB_TEST(paging, heap_grows_beyond_what_the_process_began_with, "host") {
  Process process(trial);
  constexpr std::uint64_t kBytes = 8 << 20;
  const std::uint64_t begin = process.reserve(kBytes);
  for (std::uint64_t unit = 0; unit < kBytes; unit += kUnit) {
    const std::uint64_t address = begin + unit + trial.below(kUnit / 8) * 8;
    if (process.touch(address, address ^ 0x55) != 0)
      process.wrong("a page of zeros", "another word");
    if (process.calls > 1)
      process.wrong("one call to the server in a page fault, at most", bare(process.calls));
    if (process.touch(address, address) != (address ^ 0x55))
      process.wrong("the word that was written", "another one");
    if (process.calls != 0) process.wrong("no call: the page is there", bare(process.calls));
  }
  if (process.bytes < kBytes - (1 << kOwnBits))
    trial.wrong("memory of the server", bare(process.bytes) + " bytes");
}

// Each call asks for a quarter of the RAM that is there, so their number grows with the logarithm of the memory.
LAB_TEST(paging, calls_to_the_server_are_few, "host") {
  Process process(trial);
  constexpr std::uint64_t kBytes = 16 << 20;
  const std::uint64_t begin = process.reserve(kBytes);
  for (std::uint64_t unit = 0; unit < kBytes; unit += kUnit) process.touch(begin + unit, 1);
  if (process.all_calls > 40)
    trial.wrong("40 calls at most for " + bare(kBytes / kUnit) + " page faults",
                bare(process.all_calls));
}

LAB_TEST(paging, range_that_is_given_back_leaves_no_block, "host") {
  Process process(trial);
  std::set<std::uint64_t> begins;
  for (int round = 0; round < 6; ++round) {
    const std::uint64_t bytes = (2 + trial.below(4)) << 20;
    const std::uint64_t begin = process.reserve(bytes);
    for (std::uint64_t unit = 0; unit < bytes; unit += kUnit)
      if (trial.below(8) != 0 && process.touch(begin + unit, ~begin) != 0)
        process.wrong("a page of zeros", "another word");
    process.give_back(begin);
    begins.insert(begin);
    if (!process.blocks.empty())
      process.wrong("no block of RAM", bare(process.blocks.size()) + " blocks");
    const std::string answer = process.ask("touch " + bare(begin) + " 1");
    if (answer != "error not_found") process.wrong("a fault: the range is given back", answer);
  }
}

LAB_TEST(paging, block_with_an_object_stays, "host") {
  Process process(trial);
  std::map<std::uint64_t, sprat::Type> objects;  // by slot
  for (int event = 0; event < 250; ++event) {
    switch (trial.below(5)) {
      case 0:
        if (objects.empty()) break;
        {
          auto place = objects.begin();
          std::advance(place, trial.below(objects.size()));
          process.drop(place->first);
          objects.erase(place);
        }
        break;
      case 1: process.number("give-back-memory"); break;
      default: {
        const bool is_frame = trial.below(2) == 0;
        const sprat::Type type = is_frame ? sprat::Type::frame : sprat::Type::cnode;
        const unsigned bits = is_frame ? 12 + static_cast<unsigned>(trial.below(8)) : 14;
        objects[process.make(type, bits)] = type;
      }
    }
  }
  while (!objects.empty()) {
    process.drop(objects.begin()->first);
    objects.erase(objects.begin());
  }
  const std::uint64_t held = process.bytes, back = process.number("give-back-memory");
  if (back != held) trial.wrong(bare(held) + " bytes are given back", bare(back));
  if (!process.blocks.empty()) trial.wrong("no block", bare(process.blocks.size()) + " blocks");
}

// Frames of 1 MiB, each of which needs a block of its own once the process's own RAM is used up.
LAB_TEST(paging, older_block_that_is_empty_is_used_again, "host") {
  constexpr unsigned kBits = 20;
  Process process(trial, std::uint64_t{4} << kBits);
  std::vector<std::uint64_t> frames{process.make(sprat::Type::frame, kBits)};
  while (frames.size() != 4) frames.push_back(process.make(sprat::Type::frame, kBits));
  const std::string frame =
      "make " + bare(static_cast<unsigned>(sprat::Type::frame)) + " " + bare(kBits);
  for (int round = 0; round < 10; ++round) {
    const std::string refused = process.ask(frame);
    if (refused != "error quota_exceeded")
      process.wrong("the error of the server: quota_exceeded", refused);
    const std::size_t victim = trial.below(4);
    process.drop(frames[victim]);
    frames[victim] = process.number(frame);
  }
}

LAB_TEST(paging, error_of_the_server_is_the_error_of_the_fault, "host") {
  Process process(trial, 0);
  const std::uint64_t begin = process.reserve(4 << 20);
  std::uint64_t address = begin;
  while (process.ask("touch " + bare(address) + " 1") == "ok 0" && address < begin + (2 << 20))
    address += kUnit;
  if (address < begin + (1 << (kOwnBits - 1)))
    process.wrong("an error when its own RAM is used up", "sooner");
  for (const std::string refusal : {"out_of_memory", "quota_exceeded", "no_capability"}) {
    process.refusal = refusal;
    const std::string right =
        refusal == "no_capability" ? "error out_of_memory" : "error " + refusal;
    const std::string answer = process.ask("touch " + bare(address) + " 1");
    if (answer != right) process.wrong(right, answer);
  }
  process.limit = 1 << 20;  // there is RAM again
  process.touch(address, 1);
  process.give_back(begin);
}

LAB_TEST(checkpoint, page_faults, "host") {
  Process process(trial);
  process.is_generous = true;
  constexpr std::uint64_t kBytes = 16 << 20;
  const std::uint64_t begin = process.reserve(kBytes);
  for (std::uint64_t unit = 0; unit < kBytes; unit += kUnit) process.touch(begin + unit, 1);
  trial.value("calls_of_1024_page_faults", static_cast<double>(process.all_calls));
}
