// runtime.cc — the order in which a process comes to life.

#include "lib/runtime.hh"

#include <new>

#include "lib/console.hh"
#include "lib/processes.hh"
#include "lib/startup.hh"
#include "lib/upcalls.hh"

namespace sprat {
namespace {

constexpr std::uint64_t kStackBytes = 256 << 10;
constexpr std::uint64_t kHeapBytes = std::uint64_t{1} << 30;
constexpr std::size_t kHeapStep = 64 << 10;
//@ since memory
// From this size on a block has pages of its own, which go back to the memory server when it is released.
constexpr std::size_t kOwnPagesBytes = 64 << 10;
//@ end

// Another CNode is made when fewer slots are left: enough for it and for the caller.
constexpr std::size_t kFewSlots = 16;

constinit std::uint64_t next_root_slot = 0;

extern "C" {
[[noreturn]] void go_on_with_stack(std::uint64_t stack_top, void (*function)());  // start.S
extern void (*const first_constructor[])();                                       // program.ld
extern void (*const last_constructor[])();
}

Result<void> grow_heap(std::byte* begin, std::size_t bytes) {
  return runtime().memory.fill_all(VirtualAddress(reinterpret_cast<std::uint64_t>(begin)), bytes);
}

//@ since memory
// All pages are there when this returns: memory that is missing is found out now, and not by a page fault.
void* allocate_pages(std::size_t bytes) {
  SelfPaging& memory = runtime().memory;
  const auto begin = memory.reserve_for_a_time(bytes);
  if (!begin) return nullptr;
  if (memory.fill_all(begin.value(), bytes)) return reinterpret_cast<void*>(begin.value().value());
  memory.give_back(begin.value());
  return nullptr;
}
//@ end

Result<void> add_node() {
  SlotAllocator& slots = runtime().slots;
  if (next_root_slot == kSlotsPerCNode || !slots.has_room()) return Error::out_of_memory;
  const Place place = place_of(CapAddress::in_root(next_root_slot));
  const auto made =
      runtime().ram.make_into(place.cnode, place.slot, Type::cnode, object_bits(Type::cnode));
  if (!made) return made;
  return slots.add(next_root_slot++);
}

// Calls the constructors of global objects, which have none but in programs that want some.
void construct_globals() {
  for (auto constructor = first_constructor; constructor != last_constructor; ++constructor)
    (*constructor)();
}

}  // namespace

Runtime& runtime() {
  alignas(Runtime) static constinit std::array<std::byte, sizeof(Runtime)> place{};
  return *std::launder(reinterpret_cast<Runtime*>(place.data()));
}

Result<CapAddress> take_slot() {
  SlotAllocator& slots = runtime().slots;
  if (slots.unused() < kFewSlots) static_cast<void>(add_node());  // if it fails, some are left
  return slots.take();
}

void give_back_slot(CapAddress slot) { runtime().slots.give_back(slot); }

void* allocate(std::size_t bytes) noexcept {
  //@ since memory
  if (bytes >= kOwnPagesBytes && bytes <= kHeapBytes)
    if (void* const pages = allocate_pages(bytes)) return pages;
  //@ end
  const auto memory = runtime().heap.allocate(bytes);
  return memory ? memory.value() : nullptr;
}

void release(void* memory) noexcept {
  //@ since memory
  const VirtualAddress begin(reinterpret_cast<std::uint64_t>(memory));
  if (runtime().memory.is_for_a_time(begin)) return runtime().memory.give_back(begin);
  //@ end
  runtime().heap.release(memory);
}

void start_runtime(const Resources& resources, void (*function)()) {
  Runtime& own = *new (&runtime()) Runtime;
  for (std::size_t i = 0; i < resources.free_nodes; ++i)
    static_cast<void>(own.slots.add(resources.first_free_node + i));
  next_root_slot = resources.first_free_node + resources.free_nodes;
  for (const auto piece : resources.ram) static_cast<void>(own.ram.add(piece));
  const CapRef<Type::page_table_4> root(task_slot(TaskSlot::address_space));
  own.space = AddressSpace(root, own.slots, own.ram);
  own.memory = SelfPaging(kSelfPagedBegin, kSelfPagedEnd, own.space, own.ram);
  set_up_upcalls(resources.frame);

  const auto stack = own.memory.reserve(kStackBytes);
  const auto room = own.memory.reserve(kHeapBytes);
  if (!stack || !room || !own.memory.fill(stack.value() + (kStackBytes - 1)))
    exit_process(kExitTrapped);
  own.heap =
      Heap({reinterpret_cast<std::byte*>(room.value().value()), kHeapBytes}, kHeapStep, grow_heap);
  construct_globals();
  go_on_with_stack(stack.value().value() + kStackBytes, function);
}

}  // namespace sprat

// ---- functions that the compiler and the standard library's headers call

void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return sprat::allocate(bytes);
}
void operator delete(void* memory) noexcept { sprat::release(memory); }
void operator delete(void* memory, std::size_t) noexcept { sprat::release(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { sprat::release(memory); }
