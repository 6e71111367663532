// first_process.cc — building the monitor: a CSpace, an address space, a dispatcher.

#include "dispatch/first_process.hh"

#include <cstring>

#include "debug/panic.hh"
#include "dispatch/scheduler.hh"
#include "sprat/elf.hh"
#include "x86/apic.hh"
#include "x86/io.hh"
#include "x86/page_table.hh"

namespace sprat::dispatch {
namespace {

using cap::Slot;

// The capabilities to RAM from which all objects are made, until the monitor has them.
constinit std::array<Slot, kMaxRamRegions> ram_slots{};

// The first process's dispatcher, and the core's number.
constinit const Dispatcher* first = nullptr;
constinit std::uint32_t own_core = 0;

template <class T>
T expect(const Result<T>& result, const char* what) {
  if (!result) debug::panic("cannot make the monitor: {} ({})", what, name_of(result.error()));
  if constexpr (!std::is_void_v<T>) return result.value();
}

// Makes the monitor's objects from one capability to RAM, and puts each into its slot.
class Builder {
 public:
  // `ram` is large enough for the monitor and its tables.
  explicit Builder(Slot& ram) : ram_(ram) {
    Slot root;  // until it is in its own task node
    make(root, Type::cnode);
    nodes_ = &cap::slots_in(root);
    for (std::size_t node = kTaskNode; node < kFirstFreeNode + kFreeNodes; ++node)
      make((*nodes_)[node], Type::cnode);
    make(task(TaskSlot::address_space), Type::page_table_4);
    expect(cap::move(root, task(TaskSlot::root)), "its root CNode");
  }

  Slot& slot(std::size_t node, std::size_t number) {
    return cap::slots_in((*nodes_)[node])[number];
  }
  Slot& task(TaskSlot number) { return slot(kTaskNode, static_cast<std::size_t>(number)); }

  // An object in `target`; frames have a size.
  void make(Slot& target, Type type, unsigned size_bits = 0) {
    Result<void> made;
    do {
      made = cap::retype(ram_, {type, size_bits, 1}, {&target, 1});
    } while (!made && made.error() == Error::again);
    expect(made, name_of(type));
  }

  // A new frame of 2^size_bits bytes at `address`; returns its address in the kernel's window.
  std::byte* map_new(VirtualAddress address, unsigned size_bits, Rights rights) {
    Slot& frame = next_in_memory_node();
    make(frame, Type::frame, size_bits);
    map(address, frame, rights);
    return memory::window<std::byte>(PhysicalAddress(frame.base));
  }

  void map(VirtualAddress address, Slot& frame, Rights rights) {
    Slot* table = &task(TaskSlot::address_space);
    for (unsigned level = x86::kRootLevel; level > 1; --level) {
      const std::size_t entry = x86::entry_index(address, level);
      Slot* const& mapped = cap::table_at(table->base).mapped[entry];
      if (mapped == nullptr) {
        Slot& lower = next_in_memory_node();
        make(lower, page_table_type(level - 1));
        expect(cap::map(*table, entry, lower, {}), "a page table");
      }
      table = mapped;
    }
    expect(cap::map(*table, x86::entry_index(address, 1), frame, rights), "a mapping");
  }

 private:
  Slot& next_in_memory_node() {
    if (used_ == kSlotsPerCNode) debug::panic("cannot make the monitor: its program is too large");
    return slot(kMemoryNode, used_++);
  }

  Slot& ram_;
  cap::CNodeObject* nodes_;
  std::size_t used_ = 1;
};

// Maps one segment page by page and copies its bytes from the file.
void load_segment(Builder& builder, const ElfSegment& segment) {
  auto file = segment.file;
  for (VirtualAddress page = segment.address; page < segment.end(); page = page + kPageSize) {
    std::byte* const memory = builder.map_new(page, 12, segment.rights);
    const auto piece = file.first(std::min<std::size_t>(file.size(), kPageSize));
    std::ranges::copy(piece, memory);
    file = file.subspan(piece.size());
  }
}

// Loads the program; returns its entry point.
VirtualAddress load_program(Builder& builder, const boot::Module& module) {
  const ElfImage image = expect(
      parse_elf({memory::window<const std::byte>(module.memory.begin), module.memory.size()}),
      "its file is no program of Sprat's");
  for (const ElfSegment& segment : image.segments()) load_segment(builder, segment);
  return image.entry;
}

// Completes `information`, and gives the process the memory that it lists.
void describe(Builder& builder, FirstProcess& information, const FirstProcessMemory& memory) {
  for (const boot::Module& module : memory.modules) {
    const std::uint64_t bytes = module.memory.size();
    FirstProcess::ModuleEntry& entry = information.module[information.modules++];
    cap::grant(builder.slot(kModuleNode, information.modules), Type::frame,
               module.memory.begin.value(), (bytes + kPageSize - 1) / kPageSize * kPageSize,
               kRead | kGrant);
    entry.bytes = bytes;
    std::ranges::copy(slice(module.command_line, 0, entry.command_line.size() - 1),
                      entry.command_line.begin());
  }
  for (const PhysicalRange& region : memory.ram)
    information.ram[information.ram_regions++] = {region.begin.value(), region.size()};
  std::memcpy(builder.map_new(kFirstProcessAddress, 13, kRead), &information, sizeof information);
  // Last, because everything else was made from it.
  for (std::size_t region = 0; region < memory.ram.size(); ++region)
    expect(cap::move(ram_slots[region], builder.slot(kRamNode, 1 + region)), "its RAM");
}

// The region with the most bytes.
std::size_t largest(std::span<const PhysicalRange> regions) {
  const auto by_size = [](const auto& a, const auto& b) { return a.size() < b.size(); };
  return static_cast<std::size_t>(std::ranges::max_element(regions, by_size) - regions.begin());
}

std::uint64_t lines_of_this_core() {
  //@ since urpc
  if (x86::interrupt_lines() <= kFirstDoorbell) return kFirstDoorbell + kDoorbells;
  //@ end
  return x86::interrupt_lines();
}

}  // namespace

void run_first_process(FirstProcess& information, const FirstProcessMemory& memory) {
  const auto program = std::ranges::find(memory.modules, "monitor", &boot::Module::name);
  if (program == memory.modules.end()) return;
  initialise_address_spaces(x86::read_cr3());
  if (memory.ram.empty()) debug::panic("cannot make the monitor: there is no memory");
  for (std::size_t i = 0; i < memory.ram.size(); ++i)
    cap::grant(ram_slots[i], Type::ram, memory.ram[i].begin.value(), memory.ram[i].size());
  Builder builder(ram_slots[largest(memory.ram)]);

  const VirtualAddress entry = load_program(builder, *program);
  builder.map_new(VirtualAddress(kFirstProcessStackTop.value() - kFirstProcessStackBytes), 16,
                  kRead | kWrite);
  builder.make(builder.task(TaskSlot::frame), Type::frame, 12);
  builder.map(kFirstDispatcherFrame, builder.task(TaskSlot::frame), kRead | kWrite);
  builder.make(builder.task(TaskSlot::dispatcher), Type::dispatcher);
  cap::grant(builder.task(TaskSlot::kernel), Type::kernel, 0, 1);
  if (const std::uint64_t lines = lines_of_this_core(); lines != 0)
    cap::grant(builder.task(TaskSlot::irq), Type::irq, 0, lines);
  cap::grant(builder.task(TaskSlot::io_ports), Type::io_ports, 0, 1 << 16);
  cap::grant(builder.task(TaskSlot::devices), Type::physical_memory, memory.devices.begin.value(),
             memory.devices.size());
  describe(builder, information, memory);

  Dispatcher& dispatcher = dispatcher_at(builder.task(TaskSlot::dispatcher));
  first = &dispatcher;
  own_core = information.core_id;
  //@ since monitor
  prefer(dispatcher);
  //@ end
  expect(configure(dispatcher,
                   {&builder.task(TaskSlot::root), &builder.task(TaskSlot::address_space),
                    &builder.task(TaskSlot::frame), nullptr},
                   kFirstDispatcherFrame),
         "its dispatcher");
  dispatcher.frame->entries[static_cast<std::size_t>(Upcall::run)] = entry.value();
  dispatcher.frame->upcall_stack = kFirstProcessStackTop.value();
  expect(run(dispatcher), "its first upcall");
  schedule(x86::user_frame());
  x86::leave_kernel();
}

void report_if_first(const Dispatcher& dispatcher) {
  if (&dispatcher != first) return;
  debug::print("The first process of core {} was stopped: vector {} at {x}, address {x}\n",
               own_core, dispatcher.stop_vector, dispatcher.stop_rip, dispatcher.stop_address);
  if (own_core != 0) return;
  debug::drain_console();
  x86::power_off(false);
}

}  // namespace sprat::dispatch
