// teardown.cc — hundreds of CNodes that die at once, while this core has nothing else to do.

#include "lib/upcalls.hh"
#include "machine.hh"

namespace sprat::latency {
namespace {

constexpr std::uint64_t kOuter = 2, kOuters = 8, kFrame = 20, kFirst = 32;
constexpr std::size_t kSpareRootSlot = 200;  // of our root: a CNode that is looked into

// kOuters CNodes that hold 64 each, full of copies of a frame; 512 of them when the outer ones are removed.
void make_nests() {
  must(make(kFrame, Type::frame, 12), "a frame");
  for (std::uint64_t outer = kOuter; outer < kOuter + kOuters; ++outer) {
    must(make(outer, Type::cnode), "a CNode");
    for (const std::uint64_t inner : {1, 33})
      must(invoke(own(outer), Method::retype, inner, own(kRam).raw(), Type::cnode, 14, 32),
           "CNodes");
    must(invoke(task_slot(TaskSlot::root), Method::copy, kSpareRootSlot, own(outer).raw()),
         "a name");
    for (std::uint64_t inner = 1; inner <= 64; ++inner) {
      for (std::uint64_t slot = 1; slot <= 16; ++slot)
        must(invoke(CapAddress(kSpareRootSlot, inner), Method::copy, slot, own(kFrame).raw()),
             "a copy");
    }
    must(remove(CapAddress::in_root(kSpareRootSlot)), "a name");
  }
}

// Blocks until the interval timer interrupts, after 1 ms. Returns after how many cycles it was heard.
std::uint64_t wait_for_timer() {
  constexpr std::uint64_t kLine = 0, kCommand = 0x43, kChannel0 = 0x40, kCountDownOnce = 0x30;
  constexpr std::uint64_t kCount = 1193;
  const auto plain =
      must(retype<Type::notification>(CapRef<Type::dispatcher>(task_slot(TaskSlot::dispatcher))),
           "a notification");
  const auto notification = must(mint(plain, {kAllRights, 2, 0}), "a badge");
  const CapAddress ports = task_slot(TaskSlot::io_ports);
  // First it stops. The firmware left it running, and an interrupt that comes before its time would mask the line.
  must(invoke(ports, Method::out, kCommand, 1, kCountDownOnce), "the interval timer");
  must(invoke(task_slot(TaskSlot::irq), Method::bind, kLine, notification.address().raw()),
       "binding the interval timer");
  must(invoke(ports, Method::out, kChannel0, 1, kCount % 256), "the interval timer");
  must(invoke(ports, Method::out, kChannel0, 1, kCount / 256), "the interval timer");
  const std::uint64_t begin = __builtin_ia32_rdtsc();
  while ((take_notifications() & 2) == 0) wait_for_notification();
  return __builtin_ia32_rdtsc() - begin;
}

}  // namespace

void attempt_teardown() {
  make_nests();
  std::uint64_t cycles = 0;
  measure<30>("lets 512 full CNodes die while the core is idle", [&] {
    for (std::uint64_t outer = kOuter; outer < kOuter + kOuters; ++outer)
      static_cast<void>(invoke_once(kCNode, Method::remove, {outer}));
    cycles = wait_for_timer();
  });
  print("a timer of 1,000 us was heard after {} us\n",
        cycles * 1'000 / (first_process().tsc_hz / 1'000));
  clear();
}

}  // namespace sprat::latency
