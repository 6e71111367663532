// memory_test.cc — exercise 3: find_free_memory against a model, and the memory of booted machines.

#include <algorithm>
#include <sstream>

#include "lab/trial.hh"
#include "memory_model.hh"

using namespace sprat::grading;
using lab::LoaderRange;
using lab::Range;

namespace {

struct Case {
  std::vector<LoaderRange> loader;
  std::vector<Range> reserved;
};

std::string question_of(const Case& the_case) {
  std::string text = "memory " + bare(the_case.loader.size());
  for (const LoaderRange& range : the_case.loader) {
    text += " " + bare(range.begin) + " " + bare(range.length) + (range.available ? " 1" : " 0");
  }
  text += " " + bare(the_case.reserved.size());
  for (const Range& range : the_case.reserved)
    text += " " + bare(range.begin) + " " + bare(range.end);
  return text;
}

std::string text_of(const Case& the_case) {
  std::string text = "loader:";
  for (const LoaderRange& range : the_case.loader) {
    text += " " + hex(range.begin) + "+" + hex(range.length) +
            (range.available ? " available," : " taken,");
  }
  return text + " reserved: " + lab::text_of(the_case.reserved);
}

// The subject's answer in the words of text_of.
std::string text_of_regions(const std::string& answer) {
  if (!answer.starts_with("ok")) return answer;
  std::istringstream words(answer.substr(2));
  std::vector<Range> regions;
  for (Range region; words >> std::hex >> region.begin >> region.end;) regions.push_back(region);
  return lab::text_of(regions);
}

// One question, compared with the model. More regions than MemoryMap has room for must be refused.
void check(Trial& trial, const Case& the_case) {
  constexpr std::size_t kMostRegions = 64;
  const std::vector<Range> regions = lab::free_memory_model(the_case.loader, the_case.reserved);
  std::string expected = "ok";
  for (const Range& region : regions) expected += " " + bare(region.begin) + " " + bare(region.end);
  if (regions.size() > kMostRegions) expected = "error out_of_memory";

  const std::string came = trial.ask(question_of(the_case));
  if (came == expected) return;
  const std::string wanted = text_of_regions(expected), got = text_of_regions(came);
  trial.keep_log("case", text_of(the_case) + "\nexpected: " + wanted + "\ncame:     " + got + "\n");
  trial.wrong(wanted, got, text_of(the_case));
}

// A list as firmware makes it: low memory, a hole, memory up to some size, a piece of it kept by the firmware.
Case plain_case(Trial& trial) {
  const std::uint64_t top = (16 + trial.below(4000)) << 20;
  const std::uint64_t firmware = (1 + trial.below(64)) * lab::kPage;
  Case result;
  result.loader = {{0, 0x9fc00, true},
                   {0x9fc00, 0x400, false},
                   {0xf0000, 0x10000, false},
                   {0x100000, top - 0x100000 - firmware, true},
                   {top - firmware, firmware, false},
                   {0xfffc0000, 0x40000, false}};
  if (trial.below(2) == 0)
    result.loader.push_back({std::uint64_t{1} << 32, (1 + trial.below(64)) << 30, true});
  std::uint64_t at = 0x100000;
  for (std::uint64_t i = 0, count = 1 + trial.below(5); i < count; ++i) {
    const std::uint64_t begin = at + trial.below(4) * lab::kPage;
    at = begin + (1 + trial.below(50)) * lab::kPage;
    result.reserved.push_back({begin, at});
  }
  return result;
}

// Ranges anywhere in a small space, so that they meet often.
Case tangled_case(Trial& trial, std::uint64_t granule) {
  constexpr std::uint64_t kPages = 64;
  Case result;
  const auto place = [&] {
    return 0x100000 - 8 * lab::kPage + trial.below(kPages * lab::kPage / granule) * granule;
  };
  const auto length = [&] { return trial.below(24 * lab::kPage / granule) * granule; };
  for (std::uint64_t i = 0, count = 1 + trial.below(12); i < count; ++i) {
    result.loader.push_back({place(), length(), trial.below(3) != 0});
  }
  for (std::uint64_t i = 0, count = trial.below(5); i < count; ++i) {
    const std::uint64_t begin = place();
    result.reserved.push_back({begin, begin + length() / 4});
  }
  std::ranges::shuffle(result.loader, trial.random());
  return result;
}

std::uint64_t number_of(const std::string& word) { return std::strtoull(word.c_str(), nullptr, 0); }

// FNV-1a, as the guest computes it (guest/memory.cc).
std::uint64_t digest(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) hash = (hash ^ static_cast<std::uint8_t>(byte)) * 0x100000001b3;
  return hash;
}

std::string random_bytes(Trial& trial, std::size_t count) {
  std::string bytes(count, '\0');
  for (char& byte : bytes) byte = static_cast<char>(trial.below(256));
  return bytes;
}

// Boots with modules of random content and compares the guest's report with the expected one.
void check_machine(Trial& trial, unsigned memory_mib) {
  std::vector<BootModule> modules;
  std::vector<std::string> contents;
  for (unsigned i = 0; i < 3; ++i) {
    const std::string name = "module" + std::to_string(i);
    contents.push_back(random_bytes(trial, 1 + trial.below(20'000)));
    modules.push_back({trial.make_file(name, contents.back()), name + " some arguments"});
  }
  const Booted booted =
      trial.boot({.test = "memory", .memory_mib = memory_mib, .modules = modules});
  const Transcript& transcript = booted.transcript;

  Case the_case;
  for (const char* kind : {"available", "taken"}) {
    for (const auto& words : list_of(transcript, kind)) {
      the_case.loader.push_back(
          {number_of(words[1]), number_of(words[2]), kind == std::string_view("available")});
    }
  }
  for (const auto& words : list_of(transcript, "occupied")) {
    the_case.reserved.push_back({number_of(words[1]), number_of(words[2])});
  }
  const std::string image = transcript.answers.at("image");
  char* image_end = nullptr;
  const std::uint64_t image_begin = std::strtoull(image.c_str(), &image_end, 0);
  the_case.reserved.push_back({image_begin, number_of(image_end)});

  const std::vector<Range> expected = lab::free_memory_model(the_case.loader, the_case.reserved);
  std::vector<Range> came;
  std::uint64_t pages = 0;
  for (const auto& words : list_of(transcript, "free"))
    came.push_back({number_of(words[1]), number_of(words[2])});
  for (const Range& region : expected) pages += (region.end - region.begin) / lab::kPage;
  if (came != expected) trial.wrong(lab::text_of(expected), lab::text_of(came), text_of(the_case));

  trial.expect_equal("pages written and read back", std::to_string(pages),
                     transcript.answers.at("pages"));
  trial.expect_equal("words that came back different", "0 0x0000000000000000",
                     transcript.answers.at("faults"));
  for (std::size_t i = 0; i < contents.size(); ++i) {
    const std::string name = "module" + std::to_string(i);
    trial.expect_equal(
        "length and digest of " + name,
        std::to_string(contents[i].size()) + " " + std::to_string(digest(contents[i])),
        transcript.answers.at(name));
  }
}

}  // namespace

LAB_TEST(memory, plain_lists_give_their_free_regions, "host") {
  for (unsigned round = 0; round < 200; ++round) check(trial, plain_case(trial));
}

LAB_TEST(memory, unsorted_and_overlapping_lists_are_resolved, "host") {
  for (unsigned round = 0; round < 2000; ++round) check(trial, tangled_case(trial, lab::kPage));
}

LAB_TEST(memory, edge_cases_follow_the_contract, "host") {
  constexpr std::uint64_t kLast = ~std::uint64_t{0};
  check(trial, {{}, {}});
  check(trial, {{{0, 0, true}}, {}});
  check(trial, {{{0x200000, 0, false}, {0x100000, 0x300000, true}}, {}});
  check(trial, {{{0x100001, 0x1ffe, true}}, {}});
  check(trial, {{{0x100000, 0x800, true}, {0x100800, 0x800, true}}, {}});
  check(trial, {{{0x100000, 0x800, true}, {0x100801, 0x7ff, true}}, {}});
  check(trial, {{{0x100000, kLast, true}}, {}});
  check(trial, {{{kLast - 0x1000, 0x10000, true}, {0x100000, 0x10000, true}}, {}});
  check(trial, {{{0x100000, 0x10000, true}, {0x108000, kLast, false}}, {}});
  check(trial, {{{0x100000, 0x10000, true}}, {{0x103fff, 0x104001}}});
  check(trial, {{{0x100000, 0x10000, true}}, {{0, lab::kPhysicalEnd}}});
  check(trial, {{{0x100000, 0x10000, true}}, {{0x104000, 0x104000}}});
  check(trial, {{{0, 0x200000, true}}, {}});
  for (std::uint64_t regions : {63, 64, 65, 100}) {
    Case many;
    for (std::uint64_t i = 0; i < regions; ++i)
      many.loader.push_back({0x100000 + i * 0x2000, 0x1000, true});
    std::ranges::shuffle(many.loader, trial.random());
    check(trial, many);
  }
  for (unsigned round = 0; round < 2000; ++round)
    check(trial, tangled_case(trial, 1 + trial.below(3000)));
}

LAB_TEST(memory, free_regions_are_usable_on_qemu, "qemu-icount") {
  check_machine(trial, 32);
  check_machine(trial, 33 + static_cast<unsigned>(trial.below(40)));
}

LAB_TEST(memory, free_regions_are_usable_on_bochs, "bochs") { check_machine(trial, 32); }
