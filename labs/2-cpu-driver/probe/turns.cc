// turns.cc — exercise 7: which process has the processor, and for how long.

#include "lib/upcalls.hh"
#include "sprat/region.hh"
#include "worker.hh"

namespace sprat::probe {
namespace {

extern "C" void spin(std::uint64_t turns);  // worker.S

// Known to ../tests/turns_test.cc.
constexpr Region kAlone{1000}, kIdle{1001};

std::uint64_t now() { return __builtin_ia32_rdtsc(); }

// A time stamp.
constinit std::uint64_t deadline = 0;
constinit CapAddress done_notification{};

// Goes round a loop until time is up, and tells the probe; the scope sees when it has a turn.
void spin_and_tell(WorkerPage& page) {
  while (now() < deadline) note_turn(page);
  note(Event::is_done, page);
  static_cast<void>(invoke_once(done_notification, Method::signal, {}));
}

void spin_on(WorkerPage& page) {
  spin_and_tell(page);
  for (;;) note_turn(page);
}

void spin_and_wait(WorkerPage& page) {
  spin_and_tell(page);
  sleep_for_ever();
}

void yield_all_the_time(WorkerPage& page) {
  for (;;) {
    yield(Yield::stay);
    note_turn(page);
  }
}

Cap<Type::notification> own_notification(std::uint64_t badge) {
  const auto plain =
      must(retype<Type::notification>(CapRef<Type::dispatcher>(task_slot(TaskSlot::dispatcher))),
           "ours");
  return must(mint(plain, {kAllRights, badge, 0}), "a badge");
}

// Lets the workers have the processor for so many milliseconds, the probe sleeping.
void let_run(std::span<Worker> workers, std::uint64_t time) {
  const auto notification = own_notification(1);
  done_notification = notification.address();
  deadline = now() + milliseconds(time);
  for (Worker& worker : workers) worker.run();
  while ((take_notifications() & 1) == 0) wait_for_notification();
  note(Event::ends);
  for (Worker& worker : workers) worker.suspend();
}

}  // namespace
}  // namespace sprat::probe

using namespace sprat;
using namespace sprat::probe;

PROBE(equal_turns) {
  Space space(session.seed());
  Worker workers[] = {Worker(spin_on), Worker(spin_on, {.space = &space}), Worker(spin_on)};
  let_run(workers, 1500);
}

// One of two gives its turn away each time.
PROBE(yielding) {
  Worker workers[] = {Worker(spin_on), Worker(yield_all_the_time)};
  let_run(workers, 1000);
}

// After others have been there, the probe is alone: nothing interrupts it.
PROBE(alone) {
  {
    Worker workers[] = {Worker(spin_on), Worker(spin_on)};
    let_run(workers, 100);
    for (Worker& worker : workers) worker.end();
  }
  const std::uint64_t turns = 100'000 + session.seed() % 65536;
  spin(200'000);  // more than the rest of a turn, whose end is the last interrupt
  region_begin<kAlone>();
  spin(turns);
  region_end<kAlone>();
}

// All wait, workers that had turns as well, until the interval timer interrupts: 50 ms of nothing.
PROBE(idle) {
  Worker workers[] = {Worker(spin_and_wait), Worker(spin_and_wait)};
  let_run(workers, 50);
  for (Worker& worker : workers) worker.run();
  yield(Yield::stay);
  constexpr std::uint64_t kLine = 0, kCommand = 0x43, kChannel0 = 0x40, kCountDownOnce = 0x30;
  constexpr std::uint64_t kCount = 59'659;
  const auto notification = own_notification(2);
  const CapAddress ports = task_slot(TaskSlot::io_ports);
  // First it stops. The firmware left it running, and an interrupt that comes before its time would mask the line.
  must(invoke(ports, Method::out, kCommand, 1, kCountDownOnce), "the interval timer");
  must(invoke(task_slot(TaskSlot::irq), Method::bind, kLine, notification.address().raw()),
       "binding the interval timer");
  must(invoke(ports, Method::out, kChannel0, 1, kCount % 256), "the interval timer");
  must(invoke(ports, Method::out, kChannel0, 1, kCount / 256), "the interval timer");
  take_notifications();
  const std::uint64_t begin = now();
  region_begin<kIdle>();
  wait_for_notification();
  region_end<kIdle>();
  session.answer("milliseconds", (now() - begin) / milliseconds(1));
  session.answer("came", take_notifications());
}
