// core_loader.cc — the list of pieces that a new core's memory is made of, and doing them a chunk at a time.

#include <cstring>

#include "boot/core_start.hh"
#include "debug/panic.hh"
#include "memory/window.hh"

namespace sprat::boot {

extern "C" CoreHandover core_handover;  // core_start.cc

namespace {

constexpr std::uint64_t kCopyBytes = 16 << 10;
constexpr std::uint64_t kPages = 64;
constexpr unsigned kLargestPageLevel = 2;  // the new core can drop RAM from its window as well

extern "C" const char text_begin[], rodata_end[], loaded_end[], pristine_data[];

VirtualAddress address_of(const void* object) {
  return VirtualAddress(reinterpret_cast<std::uint64_t>(object));
}

constexpr std::uint64_t round_up(std::uint64_t bytes) {
  return (bytes + kPageSize - 1) / kPageSize * kPageSize;
}

constexpr std::size_t kTables = 16;

// Behind the package is the copy of the image, and behind that are the page tables.
std::uint64_t offset_of_tables(std::uint64_t package_bytes) {
  return round_up(package_bytes) + memory::image_layout().whole().size();
}

memory::FrameReserve reserve_at(PhysicalAddress first) {
  return {{memory::window<x86::PageTable>(first), kTables}, first};
}

[[maybe_unused]] constexpr PhysicalRange page_at(std::uint64_t address) {
  return {PhysicalAddress(address), PhysicalAddress(address + kPageSize)};
}

// How many bytes of `memory` one step may map, if they go to `address`: all large pages, or none.
std::uint64_t mappable(PhysicalRange memory, VirtualAddress address) {
  const bool is_large = memory.begin.is_aligned(kLargePageSize) &&
                        address.is_aligned(kLargePageSize) && memory.size() >= kLargePageSize;
  if (is_large) return std::min(memory.size() & ~(kLargePageSize - 1), kPages * kLargePageSize);
  const std::uint64_t to_large_page = kLargePageSize - memory.begin.value() % kLargePageSize;
  return std::min({memory.size(), to_large_page, kPages * kPageSize});
}

}  // namespace

std::uint64_t CoreLoader::needed_bytes(std::uint64_t package_bytes) {
  return offset_of_tables(package_bytes) + kTables * kPageSize;
}

CoreLoader::CoreLoader(PhysicalRange ram, CoreHandover handover, PhysicalAddress local_apic)
    : handover_(handover),
      local_apic_(local_apic),
      reserve_(reserve_at(ram.begin + offset_of_tables(handover.package.size()))),
      space_(reserve_, kLargestPageLevel) {
  handover_.image = ram.begin + round_up(handover_.package.size());
  handover_.free = {ram.begin + needed_bytes(handover_.package.size()), ram.end};

  //@ lab cpu-driver.9a: pieces_ = {};
  const memory::ImageLayout ours = memory::image_layout();
  const PhysicalRange text = copy_of(ours.text), rodata = copy_of(ours.rodata);
  const PhysicalRange data = copy_of(ours.data), stack = copy_of(ours.stack);
  const std::uint64_t data_bytes = address_of(loaded_end) - address_of(rodata_end);
  const PhysicalRange loaded{data.begin, data.begin + data_bytes};
  const PhysicalRange pristine{loaded.end, loaded.end + data_bytes};
  const auto image_address = [&](PhysicalRange part) {
    return address_of(text_begin) + (part.begin - handover_.image);
  };
  const auto window_address = [](PhysicalRange part) {
    return memory::kWindowBase + part.begin.value();
  };
  const PhysicalRange below{ram.begin, text.begin}, constant{text.begin, rodata.end};
  const PhysicalRange above{rodata.end, ram.end};
  const PhysicalRange trampoline = page_at(SPRAT_TRAMPOLINE), handshake = page_at(SPRAT_HANDSHAKE);

  using enum Action;
  using enum memory::Permissions;
  pieces_ = {{
      {copy, constant, address_of(text_begin)},
      {copy, loaded, address_of(pristine_data)},
      {copy, pristine, address_of(pristine_data)},
      {zero, {pristine.end, handover_.free.begin}, {}},  // variables, stack, page tables
      {map, text, image_address(text), read_execute},
      {map, rodata, image_address(rodata), read},
      {map, data, image_address(data), read_write},
      {map, stack, image_address(stack), read_write},
      {map, below, window_address(below), read_write},
      {map, constant, window_address(constant), read},
      {map, above, window_address(above), read_write},
      {map, trampoline, VirtualAddress(SPRAT_TRAMPOLINE), read_execute},
      {map, handshake, VirtualAddress(SPRAT_HANDSHAKE), read_write},
      {hand_over, {}, {}},
      {drop, ram, window_address(ram)},
  }};
  //@ end
}

std::uint64_t CoreLoader::perform(const Piece& piece) {
  const bool is_mapping = piece.action == Action::map || piece.action == Action::drop;
  const std::uint64_t bytes = is_mapping ? mappable(piece.memory, piece.address)
                                         : std::min(piece.memory.size(), kCopyBytes);
  const PhysicalRange chunk{piece.memory.begin, piece.memory.begin + bytes};
  auto* const target = memory::window<std::byte>(chunk.begin);
  switch (piece.action) {
    case Action::copy:
      std::memcpy(target, reinterpret_cast<const std::byte*>(piece.address.value()), bytes);
      break;
    case Action::zero: std::memset(target, 0, bytes); break;
    case Action::map:
      if (const auto mapped = space_.map(piece.address, chunk, piece.permissions); !mapped) {
        debug::panic("core {}: cannot map {} at {}: {} ({} of {} tables used)", handover_.apic_id,
                     chunk.begin, piece.address, name_of(mapped.error()), reserve_.taken(),
                     kTables);
      }
      break;
    case Action::hand_over: hand_over(); break;
    case Action::drop: memory::drop_from_window(chunk); break;
  }
  return bytes;
}

void CoreLoader::hand_over() const {
  memory::map_device(root(), memory::kLocalApicRegisters, local_apic_);
  const std::uint64_t offset = address_of(&core_handover) - address_of(text_begin);
  *memory::window<CoreHandover>(handover_.image + offset) = handover_;
}

bool CoreLoader::step() {
  Piece& piece = pieces_[piece_];
  const std::uint64_t bytes = perform(piece);
  piece.memory.begin = piece.memory.begin + bytes;
  piece.address = piece.address + bytes;
  if (piece.memory.size() == 0) ++piece_;
  return piece_ < pieces_.size();
}

}  // namespace sprat::boot
