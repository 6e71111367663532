// turns.cc — exercise 7: who has the processor, and for how long.

#include "lib/upcalls.hh"
#include "sprat/region.hh"
#include "worker.hh"

namespace sprat::probe {
namespace {

extern "C" void spin(std::uint64_t turns);  // worker.S

// Known to ../tests/turns_test.cc.
constexpr Region kAlone{1000}, kIdle{1001};

std::uint64_t now() { return __builtin_ia32_rdtsc(); }

// Of time stamps. Workers in another space do not see where it is said how fast these count.
constinit std::uint64_t deadline = 0, five_milliseconds = 0;
constinit CapAddress done_notification{};

// Goes round a loop; note 0 counts how often the processor was away for more than 5 ms. Tells the probe when time is up.
void spin_until_deadline(WorkerPage& page) {
  bool told = false;
  for (std::uint64_t before = now();;) {
    const std::uint64_t time = now();
    if (time - before > five_milliseconds) ++page.notes[0];
    before = time;
    page.turns = page.turns + 1;
    asm volatile("" : : : "memory");
    if (time < deadline || told) continue;
    told = true;
    static_cast<void>(invoke_once(done_notification, Method::signal, {}));
  }
}

void yield_and_count(WorkerPage& page) {
  for (;;) {
    yield(Yield::stay);
    page.turns = page.turns + 1;
    asm volatile("" : : : "memory");
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
  five_milliseconds = milliseconds(5);
  deadline = now() + milliseconds(time);
  for (Worker& worker : workers) worker.run();
  while ((take_notifications() & 1) == 0) wait_for_notification();
  for (Worker& worker : workers) worker.suspend();
}

}  // namespace
}  // namespace sprat::probe

using namespace sprat;
using namespace sprat::probe;

PROBE(equal_turns) {
  Space space;
  Worker workers[] = {Worker(spin_until_deadline), Worker(spin_until_deadline, {.space = &space}),
                      Worker(spin_until_deadline)};
  let_run(workers, 1500);
  session.answer("loops", workers[0].page().turns, workers[1].page().turns,
                 workers[2].page().turns);
  session.answer("away", workers[0].page().notes[0], workers[1].page().notes[0],
                 workers[2].page().notes[0]);
}

// One of two gives its turn away each time.
PROBE(yielding) {
  Worker workers[] = {Worker(spin_until_deadline), Worker(yield_and_count)};
  let_run(workers, 1000);
  session.answer("away", workers[0].page().notes[0]);
  session.answer("turns", workers[1].page().turns);
}

// After others have been there, the probe is alone: nothing interrupts it.
PROBE(alone) {
  {
    Worker workers[] = {Worker(spin_until_deadline), Worker(spin_until_deadline)};
    let_run(workers, 100);
    for (Worker& worker : workers) worker.end();
  }
  const std::uint64_t turns = 100'000 + session.seed() % 65536;
  spin(200'000);  // more than the rest of a turn, whose end is the last interrupt
  region_begin<kAlone>();
  spin(turns);
  region_end<kAlone>();
}

// All wait, until the interval timer interrupts: 50 ms of nothing.
PROBE(idle) {
  constexpr std::uint64_t kLine = 0, kCommand = 0x43, kChannel0 = 0x40, kCountDownOnce = 0x30;
  constexpr std::uint64_t kCount = 59'659;
  const auto notification = own_notification(2);
  must(invoke(task_slot(TaskSlot::irq), Method::bind, kLine, notification.address().raw()),
       "binding the interval timer");
  const CapAddress ports = task_slot(TaskSlot::io_ports);
  must(invoke(ports, Method::out, kCommand, 1, kCountDownOnce), "the interval timer");
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
