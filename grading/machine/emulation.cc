// emulation.cc — how an emulator is started, and its inputs and outputs.

#include "machine/emulation.hh"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <utility>

#include "machine/boot_files.hh"
#include "machine/qemu.hh"
#include "machine/quick_disc.hh"

namespace sprat::grading {
namespace {

constexpr std::size_t kLogLimit = 4 << 20;    // bytes of an emulator's log
constexpr std::size_t kBochsWords = 1 << 16;  // bytes Bochs adds to the protocol channel
constexpr std::size_t kOwnMemory = std::size_t{1}
                                   << 30;  // bytes an emulator needs beside its guest's memory
constexpr unsigned kTasksOfEmulator = 128;

std::string read_file(const std::filesystem::path& file) {
  std::ostringstream bytes;
  bytes << std::ifstream(file, std::ios::binary).rdbuf();
  return std::move(bytes).str();
}

}  // namespace

Emulation::Emulation(const MachineConfig& config, bool typed) : config_(config) {
  copy_boot_files(config_, boot_folder());
  if (!config_.scope.empty()) copy_for_the_wall(config_.scope, boot_folder() / kScopePlugin);
  log_ = std::make_unique<Channel>(kLogLimit);
  if (on_bochs()) {
    start_bochs(typed);
  } else {
    start_qemu(typed);
  }
}

Emulation::~Emulation() {
  if (keys_to_guest_ >= 0) close(keys_to_guest_);
  if (keys_of_guest_ >= 0) close(keys_of_guest_);
}

void Emulation::launch(std::vector<std::string> arguments, Descriptors descriptors,
                       std::vector<std::filesystem::path> devices) {
  Confinement confinement{.wall = config_.wall,
                          .folder = view(),
                          .runs_in = "boot",
                          .writable = {"out"},
                          .devices = std::move(devices),
                          .listens = on_bochs()};
  confinement.limits.memory_bytes = (std::size_t{config_.memory_mib} << 20) + kOwnMemory;
  confinement.limits.tasks = kTasksOfEmulator;
  process_ = std::make_unique<Process>(
      Command{
          .arguments = std::move(arguments),
          .descriptors = std::move(descriptors),
          // The guest's memory in large pages, where the host has them: a page fault is dear, most of all
          // in a virtual machine.
          .environment = {"GLIBC_TUNABLES=glibc.malloc.hugetlb=1"}},
      confinement, directory_);
  started_ = Clock::now();
  log_->close_child_end();
  protocol_->close_child_end();
  console_->close_child_end();
}

void Emulation::start_qemu(bool typed) {
  console_ = std::make_unique<Channel>(config_.console_limit);
  protocol_ = std::make_unique<Channel>(config_.protocol_limit);
  control_ = std::make_unique<Control>();
  if (!config_.trust.empty()) {
    std::ofstream file(boot_folder() / kScopeTrust, std::ios::binary);
    if (!(file << config_.trust).flush()) throw MachineError("cannot write; is the disk full?");
  }
  if (!config_.scope.empty()) live_ = std::make_unique<LiveCount>(boot_folder() / kScopeLive);
  Descriptors descriptors = {{console_->child_end(), 1},
                             {log_->child_end(), 2},
                             {protocol_->child_end(), kProtocolDescriptor},
                             {control_->child_end(), kControlDescriptor}};
  if (typed) {
    int keys[2];
    if (pipe2(keys, O_CLOEXEC) != 0) throw MachineError("no more pipes; raise ulimit -n");
    keys_of_guest_ = keys[0];
    keys_to_guest_ = keys[1];
    fcntl(keys_to_guest_, F_SETFL, O_NONBLOCK);
    descriptors.push_back({keys_of_guest_, 0});
  }
  launch(qemu_arguments(config_), descriptors);
  control_->close_child_end();
}

void Emulation::start_bochs(bool typed) {
  write_quick_disc(config_, boot_folder() / kBochsDisc);
  protocol_ = std::make_unique<Channel>(config_.protocol_limit + kBochsWords);
  Descriptors descriptors = {{protocol_->child_end(), 1}, {log_->child_end(), 2}};
  std::string serial = "/dev/fd/" + std::to_string(kControlDescriptor);
  std::vector<std::filesystem::path> devices;
  if (typed) {
    // Only a terminal device lets Bochs' serial port go both ways.
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) {
      throw MachineError("no more pseudo terminals; close some");
    }
    serial = ptsname(master);
    devices.push_back(serial);
    keys_to_guest_ = fcntl(master, F_DUPFD_CLOEXEC, 0);
    console_ = std::make_unique<Channel>(master, config_.console_limit);
  } else {
    console_ = std::make_unique<Channel>(config_.console_limit);
    descriptors.push_back({console_->child_end(), kControlDescriptor});
  }
  write_bochs_files(config_, boot_folder(), serial, typed);
  launch(bochs_arguments(), descriptors, devices);
}

std::string_view Emulation::pump() {
  // Events come first: the guest's output before one of them is then read below, and not only the next time.
  if (control_) control_->pump();
  const std::string_view shown = console_->pump();
  if (!shown.empty()) console_times_.note(Clock::now());
  const std::size_t said = protocol().size();
  const std::string_view news = protocol_->pump();
  if (on_bochs()) sieve_.take(news);
  if (protocol().size() != said) protocol_times_.note(Clock::now());
  log_->pump();
  return shown;
}

bool Emulation::type(char key) { return write(keys_to_guest_, &key, 1) == 1 || errno != EAGAIN; }

void Emulation::wait(int also, int milliseconds) const {
  std::vector<pollfd> events = {{process_->ended_descriptor(), POLLIN, 0}};
  for (const Channel* channel : {console_.get(), protocol_.get(), log_.get()}) {
    if (channel->open()) events.push_back({channel->descriptor(), POLLIN, 0});
  }
  if (control_ && control_->open()) events.push_back({control_->descriptor(), POLLIN, 0});
  if (also >= 0) events.push_back({also, POLLIN, 0});
  poll(events.data(), events.size(), milliseconds);
}

std::optional<std::uint64_t> Emulation::instructions() {
  return live_ ? live_->value() : std::nullopt;
}

std::string Emulation::scope_report() const { return read_file(boot_folder() / kScopeReport); }
std::string Emulation::scope_trace() const { return read_file(boot_folder() / kScopeTrace); }

std::optional<std::string> Emulation::memory(std::uint64_t physical, std::size_t bytes) {
  static constexpr char kFile[] = "../out/memory";
  if (!control_ || !control_->save_memory(physical, bytes, kFile)) return std::nullopt;
  return read_file(boot_folder() / kFile);
}

}  // namespace sprat::grading
