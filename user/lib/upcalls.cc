// upcalls.cc — from the entries in upcall_entry.S to the process's handlers.

#include "lib/upcalls.hh"

#include <atomic>
#include <cstddef>

#include "lib/console.hh"
#include "lib/lrpc.hh"
#include "lib/processes.hh"
#include "lib/runtime.hh"

namespace sprat {
namespace {

constinit DispatcherFrame* own = nullptr;
constinit TrapHandler trap_handler = nullptr;
//@ since monitor
constinit TrapHandler page_fault_handler = nullptr;
//@ end
alignas(16) constinit std::array<std::byte, 16 << 10> upcall_stack{};

extern "C" {
// Addresses of code in upcall_entry.S, never called from here.
void upcall_run();
void upcall_page_fault();
void upcall_trap();
void upcall_lrpc();
extern const char critical_begin[];
extern const char critical_end[];
}

std::uint64_t address_of(void (*code)()) { return reinterpret_cast<std::uint64_t>(code); }

std::atomic_ref<std::uint64_t> pending() { return std::atomic_ref(*notification_word); }

[[noreturn]] void die(const DispatcherFrame& frame) {
  //@ since monitor
  set_text_receiver(nullptr);  // it may be in any state
  //@ end
  print_trap(frame);
  exit_process(kExitTrapped);
}

constexpr std::uint64_t kPageFault = 14;

}  // namespace

constinit std::uint64_t* notification_word = nullptr;

DispatcherFrame& own_frame() { return *own; }

void set_up_upcalls(DispatcherFrame& frame) {
  own = &frame;
  notification_word = &frame.pending;
  frame.critical_begin = reinterpret_cast<std::uint64_t>(critical_begin);
  frame.critical_end = reinterpret_cast<std::uint64_t>(critical_end);
  frame.upcall_stack = reinterpret_cast<std::uint64_t>(upcall_stack.data() + upcall_stack.size());
  frame.entries = {address_of(upcall_run), address_of(upcall_page_fault), address_of(upcall_trap),
                   address_of(upcall_lrpc)};
  std::atomic_ref(frame.is_disabled).store(0);
}

void set_trap_handler(TrapHandler handler) { trap_handler = handler; }

//@ since monitor
void set_page_fault_handler(TrapHandler handler) { page_fault_handler = handler; }

//@ end

void print_trap(const DispatcherFrame& frame) {
  print("{}: trap {}, error {x}, at rip {x}, address {x}\n", process_name(), frame.trap.vector,
        frame.trap.error, frame.trap.rip, frame.trap_address);
}

std::uint64_t take_notifications() { return any_notification() ? pending().exchange(0) : 0; }

void notify_myself(std::uint64_t bits) { pending().fetch_or(bits); }

void wait_for_notification() { yield(Yield::wait); }

extern "C" void handle_trap(DispatcherFrame& frame) {
  if (trap_handler == nullptr || !trap_handler(frame)) die(frame);
}

extern "C" void handle_page_fault(DispatcherFrame& frame) {
  const auto filled = runtime().memory.fill(VirtualAddress(frame.trap_address));
  if (filled) return;
  //@ since monitor
  if (page_fault_handler != nullptr && page_fault_handler(frame)) return;
  //@ end
  bool is_reserved = filled.error() == Error::out_of_memory;
  //@ since memory
  is_reserved |= filled.error() == Error::quota_exceeded;
  //@ end
  if (is_reserved) print("{}: no memory left for {x}\n", process_name(), frame.trap_address);
  frame.trap.vector = kPageFault;
  handle_trap(frame);
}

}  // namespace sprat
