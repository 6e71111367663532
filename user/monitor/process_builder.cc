// process_builder.cc — from an ELF image to something that runs.

#include "monitor/process_builder.hh"

#include <algorithm>
#include <cstring>

#include "monitor/fill.hh"
#include "sprat/dispatcher_frame.hh"

namespace sprat::monitor {
namespace {

constexpr std::size_t kTheirRoot = 254, kTheirTask = 255;
constexpr unsigned kPageBits = 12;
constexpr std::uint64_t kStackBytes = 16 << 10;

constexpr CapAddress in_their_task(std::size_t slot) { return CapAddress(kTheirTask, slot); }
constexpr std::size_t number_of(TaskSlot slot) { return static_cast<std::size_t>(slot); }
constexpr std::size_t number_of(ProgramSlot slot) { return static_cast<std::size_t>(slot); }

// COM1.
constexpr std::uint64_t kFirstPort = 0x3f8, kPorts = 8, kLine = 4;

}  // namespace

ProcessBuilder::ProcessBuilder(CapRef<Type::ram> ram) : piece_(ram) {
  static_cast<void>(ram_.add(ram));
}

ProcessBuilder::~ProcessBuilder() {
  static_cast<void>(remove(CapAddress::in_root(kTheirTask)));
  static_cast<void>(remove(CapAddress::in_root(kTheirRoot)));
}

Result<void> ProcessBuilder::make(std::size_t slot, Type type, unsigned size_bits) {
  return ram_.make_into(CapAddress::in_root(kTheirTask), slot, type, size_bits);
}

Result<void> ProcessBuilder::make_cspace() {
  constexpr unsigned kBits = object_bits(Type::cnode);
  const CapAddress our_root = task_slot(TaskSlot::root);
  const CapAddress their_root = CapAddress::in_root(kTheirRoot);
  TRY(ram_.make_into(our_root, kTheirRoot, Type::cnode, kBits));
  TRY(ram_.make_into(their_root, kTaskNode, Type::cnode, kBits));
  TRY(ram_.make_into(their_root, kProgramFreeNode, Type::cnode, kBits));
  TRY(mint_into(our_root, kTheirTask, CapAddress(kTheirRoot, kTaskNode), {}));
  TRY(mint_into(CapAddress::in_root(kTheirTask), number_of(TaskSlot::root), their_root, {}));
  return slots_.add(kTheirTask, number_of(ProgramSlot::objects));
}

Result<void> ProcessBuilder::make_address_space() {
  constexpr std::size_t kSlot = number_of(TaskSlot::address_space);
  TRY(make(kSlot, Type::page_table_4, object_bits(Type::page_table_4)));
  space_ = AddressSpace(CapRef<Type::page_table_4>(in_their_task(kSlot)), slots_, ram_);
  return {};
}

Result<void> ProcessBuilder::make_memory(VirtualAddress address, std::uint64_t bytes, Rights rights,
                                         std::span<const std::byte> file) {
  const VirtualAddress end = (address + (bytes + kPageSize - 1)).round_down(kPageSize);
  while (address < end) {
    const unsigned bits = frame_bits_at(address, end - address);
    const std::uint64_t size = std::uint64_t{1} << bits;
    const auto slot = slots_.take();
    if (!slot) return slot.error();
    TRY(make(slot.value().slot(), Type::frame, bits));
    const auto part = file.first(std::min(file.size(), size));
    if (!part.empty()) {
      const auto filled = fill_frame(slot.value(), size, [&](std::byte* memory) {
        std::memcpy(memory, part.data(), part.size());
      });
      if (!filled) return filled;
    }
    const auto mapped = space_.map(address, CapRef<Type::frame>(slot.value()), size, rights);
    if (!mapped) return mapped;
    file = file.subspan(part.size());
    address = address + size;
  }
  return {};
}

Result<void> ProcessBuilder::load(const ElfImage& image) {
  for (const ElfSegment& segment : image.segments()) {
    const auto made = make_memory(segment.address, segment.memory_bytes,
                                  segment.rights & (kWrite | kExecute), segment.file);
    if (!made) return made;
  }
  return {};
}

// The stack of the beginning, and the dispatcher's frame, in which the process begins by an upcall `run` at its entry.
Result<void> ProcessBuilder::make_stack(VirtualAddress entry) {
  const VirtualAddress bottom(kFirstProcessStackTop.value() - kStackBytes);
  TRY(make_memory(bottom, kStackBytes, kWrite, {}));

  constexpr std::size_t kSlot = number_of(TaskSlot::frame);
  TRY(make(kSlot, Type::frame, kPageBits));
  const auto filled = fill_frame(in_their_task(kSlot), kPageSize, [&](std::byte* memory) {
    auto& frame = *reinterpret_cast<DispatcherFrame*>(memory);
    frame.upcall_stack = kFirstProcessStackTop.value();
    frame.entries[static_cast<std::size_t>(Upcall::run)] = entry.value();
  });
  if (!filled) return filled;
  return space_.map(kFirstDispatcherFrame, CapRef<Type::frame>(in_their_task(kSlot)), kPageSize,
                    kWrite);
}

Result<void> ProcessBuilder::tell(const Startup& startup) {
  return make_memory(kStartupAddress, sizeof(startup), Rights(),
                     std::as_bytes(std::span(&startup, 1)));
}

Result<Cap<Type::dispatcher>> ProcessBuilder::make_dispatcher(CapRef<Type::notification> report) {
  constexpr std::size_t kSlot = number_of(TaskSlot::dispatcher);
  TRY(make(kSlot, Type::dispatcher, object_bits(Type::dispatcher)));
  auto dispatcher = mint(CapRef<Type::dispatcher>(in_their_task(kSlot)));
  if (!dispatcher) return dispatcher;
  TRY(invoke(in_their_task(kSlot), Method::configure, CapAddress::in_root(kTheirRoot).raw(),
             in_their_task(number_of(TaskSlot::address_space)).raw(),
             in_their_task(number_of(TaskSlot::frame)).raw(), kFirstDispatcherFrame.value(),
             report.address().raw()));
  return dispatcher;
}

Result<void> ProcessBuilder::give(const Given& given) {
  const CapAddress their_task = CapAddress::in_root(kTheirTask);
  const auto ram = make(number_of(ProgramSlot::ram), Type::ram, kProgramRamBits);
  if (!ram) return ram;
  const auto endpoint = [&](ProgramSlot slot, std::uint64_t badge) {
    return mint_into(their_task, number_of(slot), given.endpoint.address(),
                     {kWrite | kGrant, badge, 0});
  };
  TRY(endpoint(ProgramSlot::monitor, given.own_badge));
  if (given.core_badge != 0) TRY(endpoint(ProgramSlot::core, given.core_badge));
  //@ since monitor
  if (!given.has_console) return {};  // it prints by way of the monitor (console.hh)
  //@ end
  // To print, and for nothing else.
  const auto console = mint_into(their_task, number_of(TaskSlot::kernel),
                                 task_slot(TaskSlot::kernel), {kMayPrint, 0, 0});
  if (!console || !given.has_console) return console;
  const auto ports = mint_into(their_task, number_of(TaskSlot::io_ports),
                               task_slot(TaskSlot::io_ports), {kAllRights, kFirstPort, kPorts});
  if (!ports) return ports;
  return mint_into(their_task, number_of(TaskSlot::irq), task_slot(TaskSlot::irq),
                   {kAllRights, kLine, 1});
}
//@ since memory

Result<void> ProcessBuilder::give(ProgramSlot slot, CapRef<Type::endpoint> endpoint,
                                  const Mint& mint) {
  return mint_into(task_cnode(), number_of(slot), endpoint.address(), mint);
}

Result<Cap<Type::endpoint>> ProcessBuilder::make_endpoint() {
  return retype<Type::endpoint>(
      CapRef<Type::dispatcher>(in_their_task(number_of(TaskSlot::dispatcher))));
}

Result<Cap<Type::cnode>> ProcessBuilder::copy_task_cnode() {
  return mint(CapRef<Type::cnode>(task_cnode()));
}

CapAddress ProcessBuilder::task_cnode() { return CapAddress::in_root(kTheirTask); }
//@ end

}  // namespace sprat::monitor
