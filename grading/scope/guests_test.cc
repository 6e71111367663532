// guests_test.cc — the scope in QEMU, on hand-made guests whose sources say each count.
#include <criterion/criterion.h>
#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iterator>
#include <optional>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "score/scope_report.hh"

namespace {

namespace fs = std::filesystem;
using sprat::grading::ScopeReport;
using Counts = ScopeReport::Counts;
using Words = std::vector<std::string>;

constexpr int kDone = 33;  // what guests write to isa-debug-exit becomes this status
constexpr int kLimitReached = 99;
constexpr auto kPatience = std::chrono::seconds(60);

const Words kBareMachine = {"qemu-system-x86_64",
                            "-nodefaults",
                            "-no-reboot",
                            "-display",
                            "none",
                            "-device",
                            "isa-debug-exit,iobase=0xf4,iosize=4",
                            "-qmp",
                            "stdio"};
const Words kOneByOne = {"-icount", "shift=0,sleep=off", "-rtc", "base=2000-01-01,clock=vm"};
const Words kAtOnce = {"-accel", "tcg,thread=multi"};

Words operator+(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// Leaves the test by an exception, which unlike cr_assert ends the machines on its way.
void require(bool met, const std::string& otherwise) {
  if (!met) throw std::runtime_error(otherwise);
}

// A QEMU with the scope in a folder of its own; killed and swept away when it is left.
class Machine {
 public:
  explicit Machine(const std::string& guest, const Words& more,
                   const std::string& scope_arguments = "", bool traces = false) {
    folder_ = (fs::temp_directory_path() / "scope-XXXXXX").string();
    require(mkdtemp(folder_.data()) != nullptr, "cannot make " + folder_);
    const fs::path built = fs::read_symlink("/proc/self/exe").parent_path().parent_path();
    const std::string kernel = built / "scope/guests" / (guest + ".elf");
    const std::string plugin = built / "host/scope.so";
    const std::string files =
        ",out=" + report_path() + ",live=" + live_path() + (traces ? ",trace=" + trace_path() : "");
    Words words =
        kBareMachine + more + Words{"-kernel", kernel, "-plugin", plugin + files + scope_arguments};
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);

    int pipe_ends[2];
    require(pipe2(pipe_ends, O_CLOEXEC) == 0, "cannot make a pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[0], 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, (folder_ + "/errors").c_str(), O_WRONLY | O_CREAT,
                                     0600);
    const int failure =
        posix_spawnp(&process_, pointers[0], &actions, nullptr, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(pipe_ends[0]);
    monitor_ = pipe_ends[1];
    require(failure == 0, "cannot start " + words[0]);
  }
  ~Machine() {
    if (process_ > 0) {
      kill(process_, SIGKILL);
      waitpid(process_, nullptr, 0);
    }
    close(monitor_);
    fs::remove_all(folder_);
  }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // Waits for the end: the status, or -1 when it ended by a signal or would not end.
  int status() {
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    int status = 0;
    while (waitpid(process_, &status, WNOHANG) == 0) {
      if (std::chrono::steady_clock::now() > give_up) return -1;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  // Waits until the guest has made so many steps.
  void wait_for(std::uint64_t steps) const {
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    while (live() < steps && std::chrono::steady_clock::now() < give_up) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    require(live() >= steps, "the guest does not get on; QEMU said: " + errors());
  }
  std::uint64_t live() const {
    std::uint64_t value = 0;
    std::ifstream(live_path(), std::ios::binary)
        .read(reinterpret_cast<char*>(&value), sizeof value);
    return value;
  }

  void terminate() const { kill(process_, SIGTERM); }
  void say(const std::string& text) const {
    require(write(monitor_, text.data(), text.size()) == ssize_t(text.size()), "cannot say it");
  }
  // The events that it noted, but for processors that halted.
  std::vector<unsigned> events() const {
    std::vector<unsigned> events;
    std::istringstream lines(read(trace_path()));
    std::uint64_t time = 0, address = 0;
    for (unsigned vcpu = 0, id = 0; lines >> time >> vcpu >> id >> address;)
      if (id != 0) events.push_back(id);
    return events;
  }
  std::string errors() const { return read(folder_ + "/errors"); }
  bool has_report() const { return fs::exists(report_path()); }
  ScopeReport report() const {
    require(has_report(), "no report; QEMU said: " + errors());
    const std::string text = read(report_path());
    const std::optional<ScopeReport> report = sprat::grading::parse_scope_report(text);
    require(report.has_value(), "this is no report: " + text);
    return *report;
  }

 private:
  std::string report_path() const { return folder_ + "/report.json"; }
  std::string trace_path() const { return folder_ + "/trace"; }
  std::string live_path() const { return folder_ + "/live"; }
  static std::string read(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string folder_;
  pid_t process_ = -1;
  int monitor_ = -1;
};

// The report of a guest that ends by itself, or at the limit if one is given and reached.
ScopeReport run(const std::string& guest, const Words& more,
                const std::string& scope_arguments = "") {
  Machine machine(guest, more, scope_arguments);
  const int status = machine.status();
  require(status == kDone || status == kLimitReached,
          "QEMU ended with status " + std::to_string(status) + " and said: " + machine.errors());
  ScopeReport report = machine.report();
  cr_expect_eq(report.limit_reached, status == kLimitReached);
  return report;
}

// A guest's file, and one that tells the scope to trust it.
std::string guest_file(const std::string& guest) {
  return fs::read_symlink("/proc/self/exe").parent_path().parent_path() /
         ("scope/guests/" + guest + ".elf");
}

class TrustFile {
 public:
  explicit TrustFile(const std::string& guest) {
    require(close(mkstemp(path_.data())) == 0, "cannot make " + path_);
    std::ifstream file(guest_file(guest), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const auto& header = *reinterpret_cast<const Elf32_Ehdr*>(bytes.data());
    const auto* parts = reinterpret_cast<const Elf32_Phdr*>(bytes.data() + header.e_phoff);
    std::ofstream trust(path_);
    trust << std::hex << std::setfill('0');
    for (const Elf32_Phdr& part : std::span(parts, header.e_phnum)) {
      if (part.p_type != PT_LOAD || part.p_filesz == 0) continue;
      trust << "text " << part.p_vaddr << " ";
      for (const unsigned char byte : bytes.substr(part.p_offset, part.p_filesz))
        trust << std::setw(2) << unsigned{byte};
      trust << "\n";
    }
  }
  ~TrustFile() { fs::remove(path_); }

  std::string argument() const { return ",trust=" + path_; }

 private:
  std::string path_ = (fs::temp_directory_path() / "trust-XXXXXX").string();
};

Counts region(const ScopeReport& report, unsigned id, unsigned vcpu = 0) {
  for (const Counts& counts : report.regions)
    if (counts.at("id") == id && counts.at("vcpu") == vcpu) return counts;
  throw std::runtime_error("region " + std::to_string(id) + " of vCPU " + std::to_string(vcpu) +
                           " is missing in the report");
}

void expect(const Counts& row, const Counts& values) {
  for (const auto& [key, value] : values) {
    cr_expect_eq(row.at(key), value, "%s of region %lu should be %lu, not %lu", key.c_str(),
                 row.at("id"), value, row.at(key));
  }
}

std::uint64_t steps(const ScopeReport& report) {
  std::uint64_t total = 0;
  for (const ScopeReport::Vcpu& vcpu : report.vcpus)
    total += vcpu.counts.at("instructions") + vcpu.counts.at("repeats");
  return total;
}

// Where two_vcpus is in its last counting loop. How long it runs depends on the firmware.
std::string limit_near_the_end_of_two_vcpus() {
  return ",limit=" + std::to_string(steps(run("two_vcpus", kOneByOne + Words{"-smp", "2"})) - 2000);
}

// Names what differs.
void expect_same(const ScopeReport& report, const ScopeReport& other) {
  for (std::size_t i = 0; i < report.regions.size() && i < other.regions.size(); ++i)
    expect(report.regions[i], other.regions[i]);
  cr_expect(report == other, "%lu steps, not %lu", steps(report), steps(other));
}

void expect_counts(const ScopeReport& report) {
  expect(region(report, 1), {{"entries", 1},
                             {"ends", 1},
                             {"instructions", 0},
                             {"fetches", 0},
                             {"upgrades", 0},
                             {"locked", 0}});
  expect(region(report, 2), {{"instructions", 1000}, {"repeats", 0}, {"fetches", 0}});
  expect(region(report, 3), {{"instructions", 501}});
  expect(region(report, 4), {{"entries", 5}, {"ends", 5}, {"instructions", 20}});
  expect(region(report, 5), {{"instructions", 4}});
  expect(region(report, 6), {{"instructions", 6}, {"locked", 4}});
  expect(region(report, 7),
         {{"instructions", 30}, {"fetches", 10}, {"upgrades", 0}, {"data_lines", 10}});
  expect(region(report, 8),
         {{"instructions", 3}, {"fetches", 5}, {"upgrades", 0}, {"data_lines", 5}});
  expect(region(report, 9), {{"instructions", 5}, {"fetches", 0}, {"data_lines", 0}});
  expect(region(report, 10), {{"entries", 3}, {"code_lines", 9}, {"data_lines", 9}});
  expect(region(report, 11), {{"entries", 1}, {"code_lines", 4}, {"data_lines", 3}});
}

void expect_entries(const ScopeReport& report, bool at_once) {
  for (const auto& [id, longest] :
       Counts{{"1", 12}, {"2", 102}, {"3", 102}, {"5", 4}, {"6", 37}, {"7", 23}})
    expect(region(report, static_cast<unsigned>(std::stoul(id))), {{"longest_entry", longest}});
  const Counts with_string = region(report, 4);
  cr_expect_eq(with_string.at("longest_entry"), 5);
  // With threads, QEMU 10 makes many repetitions in one go, which the scope does not see.
  const std::uint64_t repeats = with_string.at("repeats");
  cr_expect(repeats >= 499 || at_once, "%llu repeats", static_cast<unsigned long long>(repeats));

  const ScopeReport::Vcpu& vcpu = report.vcpus.at(0);
  const auto count = [&](const char* key) { return vcpu.kernel.at(key); };
  cr_expect(with_string.at("longest_entry_with_repeats") >= 499 + 5 || at_once);
  cr_expect_eq(count("entries"), 10);
  cr_expect_eq(count("instructions"), 12 + 7 + 102 + 2 + 5 + 4 + 27 + 37 + 12 + 23);
  cr_expect_eq(count("longest"), 102);
  cr_expect_eq(count("longest_with_repeats"), std::max<std::uint64_t>(102, 5 + repeats));
  cr_expect(vcpu.longest_at.starts_with("0xffff8000001"), "%s", vcpu.longest_at.c_str());
  cr_expect_gt(count("longest_after"), 0);
  cr_expect_lt(count("longest_after"), vcpu.counts.at("instructions"));
}

}  // namespace

Test(scope, counts_one_vcpu_exactly) { expect_counts(run("counts", kOneByOne)); }

Test(scope, counts_the_same_in_multi_threaded_mode) { expect_counts(run("counts", kAtOnce)); }

Test(scope, defines_every_use_of_markers) {
  const ScopeReport report = run("regions", kOneByOne);
  expect(region(report, 1), {{"entries", 1}, {"ends", 1}, {"instructions", 111 + 3}});
  expect(region(report, 2), {{"entries", 1}, {"ends", 1}, {"instructions", 10 + 1}});
  expect(region(report, 3), {{"entries", 1}, {"ends", 1}, {"instructions", 1100 + 2}});
  expect(region(report, 4), {{"entries", 2}, {"ends", 2}, {"instructions", 3 + 1 + 4}});
  expect(region(report, 5), {{"entries", 0}, {"ends", 1}, {"instructions", 0}});
  expect(region(report, 6), {{"entries", 1}, {"ends", 0}});
  cr_expect_geq(region(report, 6).at("instructions"), 7 + 2);
  cr_expect_leq(region(report, 6).at("instructions"), 7 + 3, "QEMU 9 and later may get to the hlt");
  expect(region(report, 0x3fff), {{"entries", 1}, {"ends", 1}, {"instructions", 2}});
  cr_expect_eq(report.regions.size(), 7);
}

Test(scope, counts_an_instruction_each_time_it_is_tried) {
  const ScopeReport report = run("fault", kOneByOne);
  expect(region(report, 1), {{"instructions", 8}, {"fetches", 1}});
  expect(region(report, 2), {{"instructions", 10}, {"fetches", 1}});
}

Test(scope, counts_each_entry_into_the_kernel) { expect_entries(run("entries", kOneByOne), false); }

Test(scope, counts_entries_into_the_kernel_in_multi_threaded_mode) {
  expect_entries(run("entries", kAtOnce), true);
}

Test(scope, firmware_and_loaders_are_no_kernels) {
  const ScopeReport report = run("counts", kOneByOne);
  cr_expect_eq(report.vcpus.at(0).kernel.at("entries"), 0);
}

Test(scope, firmware_is_not_watched) {
  const ScopeReport report = run("counts", kOneByOne);
  cr_expect_lt(steps(report), 1'000'000, "SeaBIOS alone takes five times as many");
}

Test(scope, counts_one_fetch_and_one_upgrade_per_pass_of_a_line) {
  const ScopeReport report = run("two_vcpus", kOneByOne + Words{"-smp", "2"});
  for (const unsigned vcpu : {0U, 1U}) {
    expect(region(report, 1, vcpu),
           {{"entries", 1}, {"ends", 1}, {"fetches", 100}, {"upgrades", 100}, {"locked", 0}});
    expect(region(report, 2, vcpu), {{"instructions", 200001}, {"fetches", 0}});
  }
  expect(region(report, 3, 0), {{"entries", 1}, {"ends", 0}});
  expect(region(report, 3, 1), {{"entries", 0}, {"ends", 1}, {"instructions", 0}});
}

Test(scope, two_threads_do_not_disturb_each_others_counts) {
  const ScopeReport report = run("two_vcpus", kAtOnce + Words{"-smp", "2"});
  for (const unsigned vcpu : {0U, 1U})
    expect(region(report, 2, vcpu), {{"instructions", 200001}, {"fetches", 0}});
}

Test(scope, reports_the_same_in_every_run) {
  const std::string limit = limit_near_the_end_of_two_vcpus();
  const ScopeReport first = run("two_vcpus", kOneByOne + Words{"-smp", "2"}, limit);
  for (const unsigned vcpu : {0U, 1U}) expect(region(first, 2, vcpu), {{"entries", 1}});
  for (int i = 0; i < 4; ++i) {
    const ScopeReport next = run("two_vcpus", kOneByOne + Words{"-smp", "2"}, limit);
    expect_same(next, first);
  }
}

Test(scope, tells_the_steps_while_the_guest_runs_and_at_its_end) {
  Machine machine("counts", kOneByOne);
  machine.wait_for(1);
  cr_expect_eq(machine.status(), kDone);
  cr_expect_eq(machine.live(), steps(machine.report()));
}

Test(scope, ends_the_run_at_the_limit) {
  const ScopeReport report = run("forever", kOneByOne, ",limit=1000000");
  cr_expect(report.limit_reached);
  cr_expect_eq(steps(report), 1'000'000);
}

Test(scope, ends_the_run_near_the_limit_of_several_vcpus) {
  const std::string limit = limit_near_the_end_of_two_vcpus();
  const ScopeReport report = run("two_vcpus", kOneByOne + Words{"-smp", "2"}, limit);
  const std::uint64_t steps_allowed = std::stoull(limit.substr(limit.find('=') + 1));
  cr_expect_geq(steps(report), steps_allowed);
  cr_expect_leq(steps(report), steps_allowed + 256, "what the other may have made since it looked");
}

Test(scope, does_not_mention_a_limit_that_is_not_reached) {
  cr_expect_not(run("counts", kOneByOne, ",limit=100000000").limit_reached);
}

Test(scope, reports_when_qemu_is_terminated) {
  Machine machine("forever", kAtOnce);
  machine.wait_for(10'000'000);
  machine.terminate();
  cr_expect_eq(machine.status(), 0);
  expect(region(machine.report(), 1), {{"entries", 1}, {"ends", 0}});
  cr_expect_geq(steps(machine.report()), 10'000'000);
}

Test(scope, reports_when_qemu_is_told_to_quit) {
  Machine machine("forever", kOneByOne);
  machine.wait_for(10'000'000);
  machine.say("{\"execute\": \"qmp_capabilities\"}{\"execute\": \"quit\"}");
  cr_expect_eq(machine.status(), 0);
  expect(region(machine.report(), 1), {{"entries", 1}, {"ends", 0}});
}

Test(scope, refuses_arguments_before_anything_runs) {
  Machine machine("counts", kOneByOne, ",limit=many");
  cr_expect_eq(machine.status(), 1);
  cr_expect(
      machine.errors().find("scope: cannot use the argument 'limit=many'") != std::string::npos,
      "%s", machine.errors().c_str());
  cr_expect_not(machine.has_report());
}

Test(scope, markers_of_made_code_are_strangers) {
  const TrustFile trust("made_code");
  const ScopeReport report = run("made_code", kOneByOne, trust.argument());
  expect(region(report, 1), {{"entries", 2}, {"ends", 2}, {"strangers", 2}, {"unpaired", 0}});
  cr_assert_eq(report.witnesses.size(), 1);
  cr_expect_eq(report.witnesses[0].text, "");
}

Test(scope, events_of_made_code_are_none_of_the_trusted_program) {
  const TrustFile trust("made_code");
  Machine with("made_code", kOneByOne, trust.argument(), true);
  cr_expect_eq(with.status(), kDone);
  cr_expect(with.events() == std::vector<unsigned>{7});
  Machine without("made_code", kOneByOne, "", true);
  cr_expect_eq(without.status(), kDone);
  cr_expect((without.events() == std::vector<unsigned>{7, 8}),
            "no program is trusted, and all are noted");
}

Test(scope, markers_out_of_turn_are_told) {
  const TrustFile trust("regions");
  const ScopeReport report = run("regions", kOneByOne, trust.argument());
  expect(region(report, 1), {{"strangers", 0}, {"unpaired", 0}});
  expect(region(report, 4), {{"strangers", 0}, {"unpaired", 2}});
  expect(region(report, 5), {{"strangers", 0}, {"unpaired", 1}});
}

Test(scope, a_program_at_the_trusted_address_with_other_bytes_is_a_stranger) {
  const TrustFile trust("counts");
  const ScopeReport report = run("regions", kOneByOne, trust.argument());
  cr_expect_gt(region(report, 1).at("strangers"), 0);
}
