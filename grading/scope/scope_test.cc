// scope_test.cc — the parts of the scope, without an emulator.
#include <criterion/criterion.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "scope/counts.hh"
#include "scope/directory.hh"
#include "scope/instruction.hh"
#include "scope/options.hh"
#include "scope/report.hh"
#include "scope/speech.hh"
#include "scope/trace.hh"

using namespace sprat::scope;

namespace {

Kind kind_of(std::initializer_list<std::uint8_t> bytes) {
  return classify({std::data(bytes), bytes.size()}).kind;
}
int region_of(std::initializer_list<std::uint8_t> bytes) {
  return classify({std::data(bytes), bytes.size()}).region;
}

std::string error_of(std::vector<std::string> arguments) {
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  std::string error;
  cr_assert(!parse_options(pointers, error), "these arguments should have been refused");
  return error;
}

}  // namespace

Test(instruction, markers_carry_their_region) {
  cr_expect(kind_of({0x0f, 0x1f, 0x80, 0x34, 0x12, 0x5e, 0x5a}) == Kind::region_begin);
  cr_expect(kind_of({0x0f, 0x1f, 0x80, 0x34, 0x92, 0x5e, 0x5a}) == Kind::region_end);
  cr_expect_eq(region_of({0x0f, 0x1f, 0x80, 0x34, 0x12, 0x5e, 0x5a}), 0x1234);
  cr_expect_eq(region_of({0x0f, 0x1f, 0x80, 0xff, 0xbf, 0x5e, 0x5a}), kMaxRegion);
}

Test(instruction, markers_carry_their_event) {
  cr_expect(kind_of({0x0f, 0x1f, 0x80, 0x01, 0x40, 0x5e, 0x5a}) == Kind::event);
  cr_expect_eq(region_of({0x0f, 0x1f, 0x80, 0x34, 0x52, 0x5e, 0x5a}), 0x1234);
  cr_expect(kind_of({0x0f, 0x1f, 0x80, 0x01, 0xc0, 0x5e, 0x5a}) == Kind::plain, "an end of none");
}

Test(trace, is_in_the_order_of_time_and_names_each_event) {
  Trace trace(2);
  trace.accessed(0, 0x111);
  trace.happened(1, 30, 2);
  trace.happened(0, 10, 1);
  trace.accessed(0, 64);
  trace.accessed(0, 128);
  trace.happened(0, 20, Trace::kHalted);
  trace.happened(0, 40, 3);
  trace.accessed(0, 192);
  const std::string text = trace.to_text();
  cr_expect_str_eq(text.c_str(), "10 0 1 64\n20 0 0 0\n30 1 2 0\n40 0 3 192\n");
}

Test(trace, has_an_end) {
  Trace trace(1);
  for (std::size_t i = 0; i < Trace::kMostEvents + 3; ++i) trace.happened(0, i, 1);
  const std::string text = trace.to_text();
  cr_expect_eq(std::ranges::count(text, '\n'), Trace::kMostEvents);
}

Test(instruction, nops_that_name_no_region_are_plain) {
  cr_expect(kind_of({0x0f, 0x1f, 0x80, 0x00, 0x00, 0x5e, 0x5a}) == Kind::plain, "region 0");
  cr_expect(kind_of({0x0f, 0x1f, 0x80, 0x00, 0x40, 0x5e, 0x5a}) == Kind::plain, "region 0x4000");
  cr_expect(kind_of({0x0f, 0x1f, 0x80, 0x01, 0x00, 0x5e, 0x5b}) == Kind::plain,
            "another signature");
  cr_expect(kind_of({0x0f, 0x1f, 0x81, 0x01, 0x00, 0x5e, 0x5a}) == Kind::plain, "another register");
  cr_expect(kind_of({0x66, 0x0f, 0x1f, 0x80, 0x01, 0x00, 0x5e, 0x5a}) == Kind::plain, "a prefix");
}

Test(instruction, a_lock_prefix_locks_wherever_it_stands) {
  cr_expect(kind_of({0xf0, 0x01, 0x03}) == Kind::locked, "lock add %%eax, (%%rbx)");
  cr_expect(kind_of({0xf0, 0x48, 0x0f, 0xb1, 0x0b}) == Kind::locked, "lock cmpxchg %%rcx, (%%rbx)");
  cr_expect(kind_of({0x66, 0xf0, 0x01, 0x03}) == Kind::locked, "lock add %%ax, (%%rbx)");
  cr_expect(kind_of({0x01, 0x03}) == Kind::plain, "add %%eax, (%%rbx)");
}

Test(instruction, xchg_locks_when_an_operand_is_in_memory) {
  cr_expect(kind_of({0x87, 0x03}) == Kind::locked, "xchg %%eax, (%%rbx)");
  cr_expect(kind_of({0x86, 0x03}) == Kind::locked, "xchg %%al, (%%rbx)");
  cr_expect(kind_of({0x48, 0x87, 0x43, 0x08}) == Kind::locked, "xchg %%rax, 8(%%rbx)");
  cr_expect(kind_of({0x87, 0xcb}) == Kind::plain, "xchg %%ecx, %%ebx");
  cr_expect(kind_of({0x93}) == Kind::plain, "xchg %%eax, %%ebx");
  cr_expect(kind_of({0x90}) == Kind::plain, "nop");
}

Test(instruction, only_string_instructions_repeat) {
  cr_expect(kind_of({0xf3, 0x48, 0xab}) == Kind::string, "rep stosq");
  cr_expect(kind_of({0xf2, 0xae}) == Kind::string, "repne scasb");
  cr_expect(kind_of({0xf3, 0x6e}) == Kind::string, "rep outsb");
  cr_expect(kind_of({0x48, 0xab}) == Kind::plain, "stosq");
  cr_expect(kind_of({0xf3, 0x90}) == Kind::plain, "pause");
  cr_expect(kind_of({0xf3, 0x0f, 0xb8, 0xc3}) == Kind::plain, "popcnt");
}

Test(instruction, a_halt_is_one_byte) {
  cr_expect(kind_of({0xf4}) == Kind::halt);
  cr_expect(kind_of({0x0f, 0xf4, 0xc1}) == Kind::plain, "pmuludq");
}

Test(instruction, a_lone_byte_is_not_taken_for_more) {
  cr_expect(kind_of({0x40}) == Kind::plain, "inc %%eax in 32-bit code");
  cr_expect(kind_of({0xf0}) == Kind::plain, "a cut-off instruction");
}

Test(directory, a_line_is_fetched_once_by_each_reader) {
  Directory directory(2);
  cr_expect(directory.read(0, 0x1000).fetched);
  cr_expect_not(directory.read(0, 0x103f).fetched, "the same line");
  cr_expect(directory.read(0, 0x1040).fetched, "the next line");
  cr_expect(directory.read(1, 0x1000).fetched);
  cr_expect_not(directory.read(0, 0x1000).fetched, "readers share");
}

Test(directory, a_write_takes_the_line_from_the_others) {
  Directory directory(3);
  const Moves cold = directory.write(0, 0x1000);
  cr_expect(cold.fetched && !cold.upgraded, "no vCPU had it");
  directory.read(1, 0x1000);
  directory.read(2, 0x1000);
  const Moves held = directory.write(0, 0x1000);
  cr_expect(!held.fetched && held.upgraded, "one upgrade, however many lose it");
  const Moves again = directory.write(0, 0x1000);
  cr_expect(!again.fetched && !again.upgraded, "alone now");
  const Moves stolen = directory.write(1, 0x1000);
  cr_expect(stolen.fetched && stolen.upgraded);
  cr_expect(directory.read(0, 0x1000).fetched);
}

Test(directory, pages_that_share_a_place_in_the_memory_of_recent_ones_stay_apart) {
  Directory directory(1);
  for (std::uint64_t page = 0; page < 200; ++page)
    cr_expect(directory.write(0, page << 12).fetched);
  for (std::uint64_t page = 0; page < 200; ++page)
    cr_expect_not(directory.write(0, page << 12).fetched);
}

Test(directory, threads_lose_no_line) {
  constexpr unsigned kThreads = 4;
  constexpr std::uint64_t kLines = 20'000;
  Directory directory(kThreads);
  std::vector<std::uint64_t> fetched(kThreads);
  std::vector<std::thread> threads;
  for (unsigned vcpu = 0; vcpu < kThreads; ++vcpu) {
    threads.emplace_back([&directory, &fetched, vcpu] {
      for (std::uint64_t line = 0; line < kLines; ++line)
        fetched[vcpu] += directory.read(vcpu, line * 64).fetched;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::uint64_t count : fetched) cr_expect_eq(count, kLines);
}

Test(counts, repetitions_are_steps_of_one_instruction) {
  VcpuCounts vcpu;
  for (int i = 0; i < 5; ++i) vcpu.string(0x1000);
  cr_expect_eq(vcpu.counts().instructions(), 1);
  vcpu.plain();  // an interrupt handler, say
  vcpu.string(0x1000);
  vcpu.string(0x1000);
  vcpu.string(0x1002);
  cr_expect_eq(vcpu.counts().instructions(), 4,
               "one more for the way back, one for the next instruction");
  cr_expect_eq(vcpu.counts().repeats, 5);
  cr_expect_eq(vcpu.steps(), 9);
}

Test(counts, a_region_counts_the_instructions_between_its_markers) {
  VcpuCounts vcpu;
  vcpu.moved({.fetched = true, .upgraded = false});
  for (int entry = 0; entry < 3; ++entry) {
    vcpu.plain();
    vcpu.region_begin(7);
    vcpu.plain();
    vcpu.locked();
    vcpu.moved({.fetched = true, .upgraded = true});
    vcpu.region_end(7);
  }
  const Region region = vcpu.regions().at(7);
  cr_expect_eq(region.entries, 3);
  cr_expect_eq(region.ends, 3);
  const Counts inside = {.steps = 6, .repeats = 0, .locked = 3, .fetches = 3, .upgrades = 3};
  cr_expect(region.inside == inside);
  cr_expect_eq(vcpu.counts().instructions(), 15, "markers are instructions of the vCPU");
}

Test(counts, an_open_region_is_counted_up_to_now) {
  VcpuCounts vcpu;
  vcpu.region_begin(1);
  vcpu.plain();
  cr_expect_eq(vcpu.regions().at(1).inside.instructions(), 1);
  vcpu.plain();
  cr_expect_eq(vcpu.regions().at(1).inside.instructions(), 2);
  cr_expect_eq(vcpu.regions().at(1).ends, 0);
}

Test(counts, a_line_is_new_to_each_entry_of_each_region) {
  VcpuCounts vcpu;
  vcpu.touched_code(1);  // in no region
  for (int entry = 0; entry < 2; ++entry) {
    vcpu.region_begin(1);
    for (const std::uint64_t line : {1, 2, 1000, 1}) vcpu.touched_code(line);
    vcpu.region_begin(2);
    for (const std::uint64_t line : {1, 3, 3}) vcpu.touched_code(line);
    vcpu.region_begin(1);  // is open
    vcpu.region_end(2);
    vcpu.touched_data(1);  // is another line than that of code
    vcpu.touched_code(2);
    vcpu.region_end(1);
    vcpu.touched_code(4);
  }
  cr_expect_eq(vcpu.regions().at(1).code_lines, 8, "1, 2, 1000, 3, twice");
  cr_expect_eq(vcpu.regions().at(1).data_lines, 2);
  cr_expect_eq(vcpu.regions().at(2).code_lines, 4, "1, 3, twice");
  cr_expect_eq(vcpu.regions().at(2).data_lines, 0);
}

namespace {

constexpr std::uint64_t kUserCode = 0x400000, kKernelCode = 0xffff'ffff'8000'0000;

// Executes `instructions` from `address` on.
void execute(VcpuCounts& vcpu, std::uint64_t address, int instructions) {
  vcpu.block(address);
  for (int i = 0; i < instructions; ++i) vcpu.plain();
}

}  // namespace

Test(kernel_entries, begin_and_end_at_the_border) {
  VcpuCounts vcpu;
  execute(vcpu, kUserCode, 100);    // firmware
  execute(vcpu, kKernelCode, 200);  // booting
  execute(vcpu, kUserCode, 10);
  for (const int length : {3, 7, 5}) {
    execute(vcpu, kKernelCode + 16 * std::uint64_t(length), 1);
    execute(vcpu, kKernelCode, length - 1);
    execute(vcpu, kUserCode, 10);
  }
  execute(vcpu, kKernelCode, 50);  // not ended
  const KernelReport report = vcpu.kernel();
  cr_expect_eq(report.entries, 3);
  cr_expect_eq(report.instructions, 3 + 7 + 5);
  cr_expect_eq(report.longest.instructions, 7);
  cr_expect_eq(report.longest.address, kKernelCode + 16 * 7);
  cr_expect_eq(report.longest.after, 100 + 200 + 10 + 3 + 10);
}

Test(kernel_entries, end_with_a_halt_and_begin_when_it_is_over) {
  VcpuCounts vcpu;
  execute(vcpu, kKernelCode, 1);
  vcpu.halt();  // before there is a user
  execute(vcpu, kKernelCode, 100);
  execute(vcpu, kUserCode, 1);
  execute(vcpu, kKernelCode, 4);
  vcpu.halt();
  execute(vcpu, kKernelCode + 8, 9);
  execute(vcpu, kUserCode, 1);
  const KernelReport report = vcpu.kernel();
  cr_expect_eq(report.entries, 2);
  cr_expect_eq(report.instructions, 5 + 9);
  cr_expect_eq(report.longest.address, kKernelCode + 8);
}

Test(kernel_entries, repetitions_count_apart) {
  VcpuCounts vcpu;
  execute(vcpu, kKernelCode, 1);
  execute(vcpu, kUserCode, 1);
  execute(vcpu, kKernelCode, 2);
  for (int i = 0; i < 100; ++i) vcpu.string(kKernelCode + 2);
  execute(vcpu, kUserCode, 1);
  execute(vcpu, kKernelCode, 5);
  execute(vcpu, kUserCode, 1);
  cr_expect_eq(vcpu.kernel().longest.instructions, 5);
  cr_expect_eq(vcpu.kernel().longest_with_repeats, 102);
}

Test(kernel_entries, a_region_has_the_longest_that_ended_in_it) {
  VcpuCounts vcpu;
  execute(vcpu, kKernelCode, 1);
  execute(vcpu, kUserCode, 1);
  execute(vcpu, kKernelCode, 20);
  execute(vcpu, kUserCode, 1);
  vcpu.region_begin(1);
  execute(vcpu, kKernelCode, 6);
  execute(vcpu, kUserCode, 1);
  vcpu.region_end(1);
  execute(vcpu, kKernelCode, 30);
  execute(vcpu, kUserCode, 1);
  cr_expect_eq(vcpu.regions().at(1).longest.instructions, 6);
}

Test(options, are_key_and_value) {
  std::vector<std::string> arguments = {"out=a=b", "live=/l", "limit=18446744073709551615"};
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  std::string error;
  const auto options = parse_options(pointers, error);
  cr_assert(options.has_value(), "%s", error.c_str());
  cr_expect(options->out == "a=b");
  cr_expect(options->live == "/l");
  cr_expect(options->limit == ~std::uint64_t{0});
}

Test(options, unusable_arguments_are_named) {
  cr_expect(error_of({}).find("out=FILE is missing") != std::string::npos);
  for (const char* const bad : {"limit=0", "limit=12x", "limit=", "limit=18446744073709551616",
                                "colour=on", "live", "out="}) {
    cr_expect(error_of({"out=f", bad}).find(bad) != std::string::npos, "%s", bad);
  }
}

Test(report, replaces_a_file_as_a_whole) {
  std::string folder = (std::filesystem::temp_directory_path() / "scope-XXXXXX").string();
  cr_assert(mkdtemp(folder.data()) != nullptr, "cannot make %s", folder.c_str());
  const std::string path = folder + "/report";
  cr_expect(replace_file(path, "a longer first text"));
  cr_expect(replace_file(path, "second"));
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  cr_expect(text == "second");
  cr_expect_eq(std::distance(std::filesystem::directory_iterator(folder), {}), 1,
               "nothing else is left behind");
  cr_expect_not(replace_file(folder + "/missing/report", "text"));
  std::filesystem::remove_all(folder);
}

Test(instruction, words_of_the_speech_are_told_from_markers) {
  cr_expect(kind_of({0x0f, 0x1f, 0x80, 0x05, 0x00, 0x5f, 0x5a}) == Kind::word);
  cr_expect_eq(region_of({0x0f, 0x1f, 0x80, 0x30, 0x00, 0x5f, 0x5a}), kWordEnd);
  cr_expect(kind_of({0x0f, 0x1f, 0x80, 0x40, 0x00, 0x5f, 0x5a}) == Kind::plain);
}

Test(counts, markers_out_of_turn_and_of_strangers_are_told) {
  VcpuCounts counts;
  counts.region_begin(7);
  counts.region_end(7, false);
  counts.region_begin(7, false);
  counts.region_begin(7);
  counts.region_end(7);
  counts.region_end(7);
  const Region region = counts.regions().at(7);
  cr_expect_eq(region.strangers, 2);
  cr_expect_eq(region.unpaired, 2);
}
