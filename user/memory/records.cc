// records.cc — two objects for each chunk: a CNode and a frame.

#include "memory/records.hh"

#include <new>

#include "lib/caps.hh"
#include "lib/startup.hh"

namespace sprat::memory {
namespace {

constexpr std::size_t kFirstNode = 100;
constexpr VirtualAddress kRecords = kOwnMappings;
constexpr unsigned kChunkBits = 15;
constexpr std::uint64_t kChunkBytes = std::uint64_t{1} << kChunkBits;
static_assert(Records::kHalvesOfChunk * sizeof(Halves) <= kChunkBytes);
static_assert(kFirstNode + Records::kMostChunks <= kSlotsPerCNode);

// Numbers of blocks: first those of the roots, then the halves of all chunks.
constexpr std::uint64_t kFirstHalf = Records::kMostRoots;

constexpr CapAddress kRoot = task_slot(TaskSlot::root);

Result<void> map_chunk(std::size_t chunk, CapRef<Type::frame> frame) {
  return runtime().space.map(kRecords + chunk * kChunkBytes, frame, kChunkBytes, kWrite);
}

}  // namespace

Halves& Records::halves_at(std::size_t index) {
  const std::size_t chunk = index / kHalvesOfChunk, record = index % kHalvesOfChunk;
  const VirtualAddress begin = kRecords + chunk * kChunkBytes;
  return reinterpret_cast<Halves*>(begin.value())[record];
}

void Records::add_chunk(Reserve& reserve) {
  for (std::size_t i = 0; i < kHalvesOfChunk; ++i) {
    auto* const halves = new (&halves_at(chunks_ * kHalvesOfChunk + i)) Halves;
    reserve.add(*halves, CapAddress(kFirstNode + chunks_, 1 + 2 * i));
  }
  ++chunks_;
}

Result<void> Records::prepare(RamSupply& ram, Reserve& reserve) {
  TRY(ram.make_into(kRoot, kFirstNode, Type::cnode, object_bits(Type::cnode)));
  auto frame = TRY(ram.make<Type::frame>(kChunkBits));
  TRY(map_chunk(0, frame));
  frame.release();  // for good
  add_chunk(reserve);
  return {};
}

// Two blocks, so that neither the CNode nor the frame leaves a hole. With an error what was made is deleted again.
void Records::refill(Buddy& buddy, Reserve& reserve) {
  //@ lab memory.2a: static_cast<void>(buddy), static_cast<void>(reserve), static_cast<void>(server_);
  if (!reserve.is_half_empty() || chunks_ == kMostChunks) return;
  const auto node = buddy.allocate(object_bits(Type::cnode), server_);
  if (!node) return;
  const auto memory = buddy.allocate(kChunkBits, server_);
  if (memory) {
    const auto make = [&]() -> Result<void> {
      TRY(retype_into(kRoot, kFirstNode + chunks_, node.value()->capability, Type::cnode,
                      object_bits(Type::cnode)));
      auto frame =
          TRY(retype<Type::frame>(CapRef<Type::ram>(memory.value()->capability), kChunkBits));
      TRY(map_chunk(chunks_, frame));
      frame.release();  // the chunk's
      return {};
    };
    if (make()) return add_chunk(reserve);
    static_cast<void>(revoke(memory.value()->capability));
    static_cast<void>(revoke(node.value()->capability));
    buddy.release(*memory.value());
  }
  buddy.release(*node.value());
  //@ end
}

Result<Block*> Records::add_root() {
  for (Block& root : roots_)
    if (root.capability == CapAddress()) return &root;
  return Error::out_of_memory;
}

std::uint64_t Records::number_of(const Block& block) const {
  //@ lab memory.2b: static_cast<void>(block), static_cast<void>(kFirstHalf); return 0;
  if (block.parent == nullptr) return static_cast<std::uint64_t>(&block - roots_.data());
  const CapAddress slot = block.capability;
  return kFirstHalf + (slot.node() - kFirstNode) * 2 * kHalvesOfChunk + (slot.slot() - 1);
  //@ end
}

Block* Records::find(std::uint64_t number) {
  //@ lab memory.2c: static_cast<void>(number); return nullptr;
  if (number < kFirstHalf) return &roots_[number];
  const std::uint64_t half = number - kFirstHalf;
  if (half >= chunks_ * 2 * kHalvesOfChunk) return nullptr;
  Halves& halves = halves_at(half / 2);
  return half % 2 == 0 ? &halves.low : &halves.high;
  //@ end
}

Block* Records::root_of(std::uint64_t address) {
  for (Block& root : roots_) {
    const bool is_here = root.capability != CapAddress() && address >= root.base;
    if (is_here && address - root.base < root.bytes()) return &root;
  }
  return nullptr;
}

}  // namespace sprat::memory
