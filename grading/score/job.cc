// job.cc — see job.hh.

#include "score/job.hh"

#include <fmt/format.h>
#include <poll.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <memory>

#include "machine/channel.hh"
#include "machine/config.hh"
#include "machine/load.hh"

namespace sprat::grading {
namespace {

constexpr int kTickMilliseconds = 100;

using How = JobEnd::How;

volatile std::sig_atomic_t caught_signal = 0;

How how_of(Excess excess) {
  switch (excess) {
    case Excess::tasks: return How::too_many_tasks;
    case Excess::disk: return How::too_much_disk;
    case Excess::memory:
    case Excess::none: break;
  }
  return How::too_much_memory;
}

std::size_t memory_limit(const Job& job) {
  return job.confinement ? job.confinement->limits.memory_bytes
                         : static_cast<std::size_t>(job.most_bytes);
}

}  // namespace

JobEnd run(const Job& job) {
  std::ofstream log(job.log,
                    std::ios::binary | (job.adds_to_log ? std::ios::app : std::ios::trunc));
  Channel output(job.most_log_bytes);
  const auto keep = [&] {
    log << output.pump() << std::flush;
    if (!log)
      throw MachineError("cannot write " + job.log.string() +
                         "; is the disk full or the folder read-only?");
  };
  keep();

  Command command = job.command;
  command.descriptors = {{output.child_end(), 1}, {output.child_end(), 2}};
  RunDirectory keeper;
  const std::unique_ptr<Process> process =
      job.confinement ? std::make_unique<Process>(command, *job.confinement, keeper)
                      : std::make_unique<Process>(command, Trusted(), keeper);
  output.close_child_end();

  const Clock::time_point begin = Clock::now();
  while (true) {
    std::array<pollfd, 2> waiting{pollfd{process->ended_descriptor(), POLLIN, 0},
                                  pollfd{output.descriptor(), POLLIN, 0}};
    poll(waiting.data(), waiting.size(), kTickMilliseconds);
    keep();
    if (job.while_it_runs) job.while_it_runs();
    if (const auto status = process->ended()) {
      keep();
      // A terminal interrupts the job as well, and however it ended then says nothing.
      if (interrupted()) return {How::interrupted, interrupted()};
      if (status->excess != Excess::none) return {how_of(status->excess)};
      return status->signal ? JobEnd{How::signalled, status->signal}
                            : JobEnd{How::exited, status->code};
    }
    const std::chrono::duration<double> passed = Clock::now() - begin;
    if (interrupted()) return {How::interrupted, interrupted()};
    if (passed.count() > job.most_seconds && passed.count() > job.most_seconds * load_factor())
      return {How::too_long};
    if (!job.confinement && process->activity().resident_bytes > job.most_bytes)
      return {How::too_much_memory};
  }
}

std::string describe(const JobEnd& end, const Job& job) {
  switch (end.how) {
    case How::exited: return fmt::format("exited with status {}", end.number);
    case How::signalled:
      return fmt::format("was ended by signal {} ({})", end.number, strsignal(end.number));
    case How::too_long: return fmt::format("was stopped after {:.0f} s", job.most_seconds);
    case How::too_much_memory:
      return fmt::format("was stopped at {} MiB of memory", memory_limit(job) >> 20);
    case How::too_many_tasks:
      return fmt::format("was stopped with more than {} processes and threads",
                         job.confinement->limits.tasks);
    case How::too_much_disk:
      return fmt::format("was stopped at {} MiB of files",
                         job.confinement->limits.disk_bytes >> 20);
    case How::interrupted: return fmt::format("was interrupted ({})", strsignal(end.number));
  }
  return "ended";
}

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = [](int signal) { caught_signal = signal; };
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
}

int interrupted() { return caught_signal; }

}  // namespace sprat::grading
