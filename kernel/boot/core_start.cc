// core_start.cc — which cores there are, how far each has come, and the two sides of the handshake.

#include "boot/core_start.hh"

#include <cstring>
#include <optional>

#include "memory/window.hh"
#include "x86/cpu.hh"

namespace sprat::boot {

extern "C" {
constinit CoreHandover core_handover{};  // filled in each copy of the image but the first
}

namespace {

extern "C" const std::byte trampoline_begin[], trampoline_root[], trampoline_end[];
//@ since monitor
extern "C" const std::byte parking_begin[], parking_end[];
//@ end

struct Core {
  std::uint32_t apic_id = 0;
  CoreState state = CoreState::absent;
  PhysicalAddress root{};
  //@ since monitor
  PhysicalRange ram{};
  //@ end
};

constinit BoundedList<Core, kMaxCores> cores{};
constinit std::optional<CoreLoader> loader{};
constinit PhysicalAddress local_apic{};

// The second STARTUP is due when the time-stamp counter has come so far; zero: it was sent.
constinit std::uint64_t second_startup_time = 0;

constexpr PhysicalAddress kTrampoline{SPRAT_TRAMPOLINE};
constexpr std::uint32_t kArrived = 1;

volatile std::uint32_t& handshake() {
  return *memory::window<volatile std::uint32_t>(PhysicalAddress(SPRAT_HANDSHAKE));
}

Core* find_core(std::uint32_t apic_id) {
  const auto items = cores.items();
  const auto found = std::ranges::find(items, apic_id, &Core::apic_id);
  return found == items.end() ? nullptr : &*found;
}

// A core that was started and has not come may still come, through pages that are needed for the next one now.
[[maybe_unused]] void give_up_started_cores() {
  for (Core& core : cores.items()) {
    if (core_state(core.apic_id) != CoreState::started) continue;
    x86::send_init(core.apic_id);
    core.state = CoreState::absent;
  }
}

}  // namespace

void initialise_core_start(const MachineDescription& machine) {
  local_apic = machine.local_apic;
  for (const FirstProcess::Core& processor : machine.processors.items()) {
    const bool is_other = processor.usable != 0 && processor.apic_id != x86::local_apic_id();
    if (is_other) static_cast<void>(cores.append({.apic_id = processor.apic_id}));
  }
}

Result<void> begin_loading(std::uint32_t apic_id, PhysicalRange ram, std::uint64_t package_bytes) {
  if (apic_id == x86::local_apic_id()) return Error::in_use;
  Core* const core = find_core(apic_id);
  if (core == nullptr) return Error::not_found;
  if (loader) return Error::busy;
  if (core->state != CoreState::absent) return Error::in_use;
  if (!ram.begin.is_aligned(kLargePageSize) || !ram.end.is_aligned(kLargePageSize))
    return Error::misaligned;
  if (ram.end > PhysicalAddress(std::uint64_t{1} << 32)) return Error::invalid_argument;
  if (package_bytes > ram.size() || CoreLoader::needed_bytes(package_bytes) > ram.size())
    return Error::out_of_memory;

  CoreHandover handover{.apic_id = apic_id,
                        .package = {ram.begin, ram.begin + package_bytes},
                        .rates = x86::timer_rates};
  //@ since urpc
  memory::shareable_memory.add_driver(
      {ram.begin, ram.begin + CoreLoader::needed_bytes(package_bytes)});
  handover.shareable = memory::shareable_memory;
  //@ end
  //@ since monitor
  core->ram = ram;
  //@ end
  x86::send_init(apic_id);
  loader.emplace(ram, handover, local_apic);
  return {};
}

bool is_loading(std::uint32_t apic_id) { return loader && loader->handover().apic_id == apic_id; }

Result<void> go_on_loading() {
  if (!loader) return Error::invalid_argument;
  if (loader->step()) return Error::again;
  Core& core = *find_core(loader->handover().apic_id);
  core.state = CoreState::loaded;
  core.root = loader->root();
  loader.reset();
  return {};
}

Result<void> start_core(std::uint32_t apic_id) {
  //@ lab cpu-driver.9b: return Error::not_implemented;
  Core* const core = find_core(apic_id);
  if (core == nullptr || core->state != CoreState::loaded) return Error::invalid_argument;
  give_up_started_cores();

  auto* const page = memory::window<std::byte>(kTrampoline);
  const auto root = static_cast<std::uint32_t>(core->root.value());
  std::memcpy(page, trampoline_begin, static_cast<std::size_t>(trampoline_end - trampoline_begin));
  std::memcpy(page + (trampoline_root - trampoline_begin), &root, sizeof(root));
  handshake() = 0;
  x86::send_startup(apic_id, kTrampoline);
  core->state = CoreState::started;
  second_startup_time = x86::read_time_stamp() + x86::time_stamps_in(200);
  return {};
  //@ end
}

//@ since monitor
Result<void> stop_core(std::uint32_t apic_id) {
  if (apic_id == x86::local_apic_id()) return Error::in_use;
  Core* const core = find_core(apic_id);
  if (core == nullptr) return Error::not_found;
  const auto is_on_its_way = [&](const Core& other) {
    const CoreState state = core_state(other.apic_id);
    return &other != core && (state == CoreState::started || state == CoreState::stopping);
  };
  if (loader || std::ranges::any_of(cores.items(), is_on_its_way)) return Error::busy;
  if (core->state != CoreState::started && core->state != CoreState::running)
    return Error::invalid_argument;

  auto* const page = memory::window<std::byte>(kTrampoline);
  std::memcpy(page, parking_begin, static_cast<std::size_t>(parking_end - parking_begin));
  handshake() = 0;
  x86::send_init(apic_id);
  x86::send_startup(apic_id, kTrampoline);
  core->state = CoreState::stopping;
  second_startup_time = x86::read_time_stamp() + x86::time_stamps_in(200);
  return {};
}

Result<PhysicalRange> reclaim_core(std::uint32_t apic_id) {
  Core* const core = find_core(apic_id);
  if (core == nullptr) return Error::not_found;
  const CoreState state = core_state(apic_id);
  if (state == CoreState::absent) return Error::not_found;
  if (state != CoreState::stopped && state != CoreState::loaded) return Error::in_use;
  core->state = CoreState::absent;
  memory::shareable_memory.remove_driver(core->ram);
  memory::add_to_window(core->ram);
  return std::exchange(core->ram, {});
}

//@ end
CoreState core_state(std::uint32_t apic_id) {
  Core* const core = find_core(apic_id);
  if (core == nullptr) return CoreState::absent;
  CoreState next = core->state;
  if (next == CoreState::started) next = CoreState::running;
  //@ since monitor
  if (next == CoreState::stopping) next = CoreState::stopped;
  //@ end
  if (next == core->state) return next;
  if (handshake() == kArrived) {
    core->state = next;
  } else if (second_startup_time != 0 && x86::read_time_stamp() >= second_startup_time) {
    second_startup_time = 0;
    x86::send_startup(apic_id, kTrampoline);
  }
  return core->state;
}

void leave_trampoline(const CoreHandover& handover) {
  //@ lab cpu-driver.9d: static_cast<void>(handover);
  memory::set_image_base(handover.image);
  const VirtualAddress shared(SPRAT_HANDSHAKE);
  *reinterpret_cast<volatile std::uint32_t*>(shared.value()) = kArrived;
  auto& root = *memory::window<x86::PageTable>(x86::read_cr3());
  root[x86::entry_index(shared, x86::kRootLevel)] = x86::PageEntry();
  x86::write_cr3(x86::read_cr3());
  //@ end
}

}  // namespace sprat::boot
