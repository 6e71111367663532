// worker.hh — dispatchers of the probe's own making, whose every upcall can be looked at.
//
// A worker's page begins with its dispatcher's frame. Its upcalls (worker.S) first write down the registers they came
// with, then call a function; without one, the upcall `run` goes on with the code that was interrupted.
// All workers run the probe's program and see its memory, in the probe's address space or in one of their own.

#pragma once

#include <array>

#include "events.hh"
#include "grading/probe/probe.hh"
#include "sprat/dispatcher_frame.hh"
#include "worker_layout.hh"

namespace sprat::probe {

struct WorkerPage {
  DispatcherFrame frame;
  std::array<std::byte, 1024 - sizeof(DispatcherFrame)> unused;

  // Goes on with `registers`, enabled. Ends with the critical region that the frame names.
  void (*resume)(WorkerPage& page, const Registers& registers);
  using Handler = void (*)(WorkerPage& page);  // does not return
  std::array<Handler, kUpcalls> handlers;
  std::array<std::uint64_t, kUpcalls> counts;  // of upcalls so far
  std::array<Registers, kUpcalls> seen;        // what the last one came with; rip is not filled

  Registers state;                      // for the functions of worker.S
  std::uint64_t done;                   // not 0: the worker has done what it was to do
  std::uint64_t turns;                  // how often its loop has gone round
  std::array<std::uint64_t, 64> notes;  // a test's own
};
static_assert(sizeof(WorkerPage) <= kPageSize);

// Where each address space has a secret of its own.
constexpr VirtualAddress kSecret = kOwnMappings + (std::uint64_t{6} << 30);
inline std::uint64_t own_secret() {
  return *reinterpret_cast<const volatile std::uint64_t*>(kSecret.value());
}

// An address space in which the probe's program and all workers' pages are where they are in the probe's own. The secrets of
// both come from the seed (events.hh).
class Space {
 public:
  explicit Space(std::uint64_t seed = 0);

  CapAddress root() const { return root_.address(); }
  AddressSpace& tables() { return tables_; }

 private:
  Cap<Type::page_table_4> root_;
  AddressSpace tables_;
  Cap<Type::frame> own_secret_, their_secret_;
};

struct WorkerSetup {
  Space* space = nullptr;                         // null: the probe's own
  CapAddress cspace = task_slot(TaskSlot::root);  // its root CNode
  CapAddress report = {};                         // a notification, for when it is stopped
};

class Worker {
 public:
  // Ready to run, by its upcall `run` to `begin`; nothing of it has run yet. WORKERS at most, one Space at most.
  explicit Worker(WorkerPage::Handler begin, const WorkerSetup& setup = {});

  WorkerPage& page() { return *page_; }
  CapAddress dispatcher() const { return dispatcher_.address(); }
  Result<Words> status() const { return invoke(dispatcher(), Method::status); }
  DispatcherState state() const;
  void run() { must(invoke(dispatcher(), Method::run), "running a worker"); }
  void suspend() { must(invoke(dispatcher(), Method::suspend), "suspending a worker"); }

  // Ends it, with all that was made from it.
  void end() { dispatcher_ = Cap<Type::dispatcher>(); }

 private:
  WorkerPage* page_;
  Cap<Type::frame> frame_, frame_in_space_;
  Cap<Type::dispatcher> dispatcher_;
};

inline std::uint64_t& count_of(WorkerPage& page, Upcall which) {
  return page.counts[static_cast<std::size_t>(which)];
}
inline WorkerPage::Handler& handler_of(WorkerPage& page, Upcall which) {
  return page.handlers[static_cast<std::size_t>(which)];
}
inline const Registers& seen_at(const WorkerPage& page, Upcall which) {
  return page.seen[static_cast<std::size_t>(which)];
}

// The scope sees that it happens now, to the worker with that number or page, or to none.
void note(Event what, unsigned worker = 0);
inline void note(Event what, const WorkerPage& page) {
  note(what,
       static_cast<unsigned>((reinterpret_cast<std::uint64_t>(&page) - WORKER_PAGES) / kPageSize));
}

// For a worker's loop, which calls it each time: notes that the worker has a turn, if another one had the processor last.
void note_turn(const WorkerPage& page);
// How often that was the case.
std::uint64_t turns_so_far();

// For a worker's functions: enabled again with `registers`; never to run again.
[[noreturn]] void go_on(WorkerPage& page, const Registers& registers);
[[noreturn]] void sleep_for_ever();
[[noreturn]] void sleep_enabled(WorkerPage& page);

// All registers, rip and rsp left out, from the sequence; flags are arithmetic ones and DF.
Registers random_registers(evidence::Sequence& sequence);
inline constexpr std::uint64_t kRandomFlags = 0xcd5;

// Answers all registers: key NAME.rax and so on.
void answer_registers(evidence::Session& session, std::string_view name, const Registers& r);

}  // namespace sprat::probe
