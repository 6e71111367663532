// memory_client.cc — the blocks of this process, by the slots of their capabilities.

#include "lib/memory_client.hh"

#include <algorithm>
#include <bit>
#include <utility>

#include "lib/memory_requests.hh"
#include "lib/processes.hh"
#include "lib/runtime.hh"

namespace sprat {
namespace {

// All objects of one page fault fit into the least block: a CNode, a frame, and page tables of three levels.
constexpr unsigned kLeastBits = 16, kSmallBits = SelfPaging::kUnitBits;
static_assert(2 * (1 << kSmallBits) + 3 * kPageSize <= 1 << kLeastBits);

constexpr std::size_t kNone = kRamSlots;

struct OwnBlock {
  std::uint32_t number = 0;  // the server's
  std::uint8_t bits = 0;     // 0: there is none
  bool is_asked_for = false;
  bool is_for_frames = false;
};

constinit CapRef<Type::endpoint> memory_server{};
constinit std::array<OwnBlock, kRamSlots> blocks{};
constinit std::array<std::size_t, 2> current{kNone, kNone};  // the newest block of each pool
constinit std::uint64_t bytes_of_blocks = 0;
constinit const OtherCores* other_cores = nullptr;
constinit bool may_go_back = false;  // RAM of other cores, from the server

// How often other cores are asked for one block: another process of this core may be quicker to take the RAM that they lend.
constexpr int kMostTries = 4;

// Others lend no more than a piece at a time.
bool may_come_from_others(MemoryRequest request, std::uint64_t least) {
  return request == MemoryRequest::allocate && least <= kMostBlockBits && other_cores != nullptr;
}

Result<Words> ask_server(MemoryRequest request, std::uint64_t a1 = 0, std::uint64_t a2 = 0,
                         std::uint64_t a3 = 0) {
  for (int tries = 0;; ++tries) {
    const auto answer = ask(memory_server, {static_cast<std::uint64_t>(request), a1, a2, a3});
    if (answer) {
      may_go_back |= request == MemoryRequest::give_back && answer.value().words[0] != 0;
      return answer.value().words;
    }
    const bool is_final = answer.error() != Error::out_of_memory || tries == kMostTries;
    if (is_final || !may_come_from_others(request, a2)) return answer.error();
    TRY(other_cores->wait_for_more());
  }
}

constexpr CapAddress slot_of(std::size_t index) {
  return CapAddress(kTaskNode, kFirstRamSlot + index);
}

// Gives the index of the new block. A page fault may come in between, and ask for another one.
Result<std::size_t> ask_for_block(unsigned bits, bool is_for_frames) {
  //@ lab memory.5a: static_cast<void>(bits), static_cast<void>(is_for_frames), static_cast<void>(ask_server), static_cast<void>(current); return Error::not_implemented;
  auto* const place = std::ranges::find_if(
      blocks, [](const OwnBlock& block) { return block.bits == 0 && !block.is_asked_for; });
  if (place == blocks.end()) return Error::out_of_memory;
  place->is_asked_for = true;
  const auto index = static_cast<std::size_t>(place - blocks.begin());
  const std::uint64_t has = bytes_of_blocks + (std::uint64_t{1} << kProgramRamBits);
  const auto quarter = static_cast<unsigned>(std::bit_width(has / 4)) - 1;
  const unsigned least = std::max(bits, kLeastBits);
  const auto allocated =
      ask_server(MemoryRequest::allocate, std::max(least, quarter), least, kFirstRamSlot + index);
  place->is_asked_for = false;
  if (!allocated) return allocated.error();
  const auto& [number, size_bits, unused, more, last] = allocated.value();
  *place = {static_cast<std::uint32_t>(number), static_cast<std::uint8_t>(size_bits), false,
            is_for_frames};
  bytes_of_blocks += std::uint64_t{1} << size_bits;
  current[is_for_frames] = index;
  return index;
  //@ end
}

// Without a server (no_capability) there is no more than the process began with.
Result<void> make_into(CapAddress cnode, std::uint64_t slot, Type type, unsigned size_bits) {
  const auto make_of = [&](std::size_t index) -> Result<void> {
    if (index == kNone || blocks[index].bits == 0) return Error::out_of_memory;
    return retype_into(cnode, slot, slot_of(index), type, size_bits);
  };
  const auto is_final = [](const Result<void>& made) {
    return made || made.error() != Error::out_of_memory;
  };
  //@ lab memory.5b: static_cast<void>(make_of), static_cast<void>(is_final), static_cast<void>(type), static_cast<void>(ask_for_block); return Error::out_of_memory;
  const bool is_frame = type == Type::frame;
  if (const auto made = make_of(current[is_frame]); is_final(made)) return made;
  // Rather of the other pool than by another call.
  if (size_bits <= kSmallBits)
    if (const auto made = make_of(current[!is_frame]); is_final(made)) return made;
  const auto added = ask_for_block(size_bits, is_frame);
  if (added) return make_of(added.value());
  // Older blocks may have room again: objects in them were deleted.
  for (std::size_t index = 0; index < kRamSlots; ++index)
    if (const auto made = make_of(index); is_final(made)) return made;
  return added.error() == Error::no_capability ? Error::out_of_memory : added.error();
  //@ end
}

// Gives back the block if nothing is left of it: then all of it can be one object.
bool give_back(std::size_t index) {
  //@ lab memory.5c: static_cast<void>(index); return false;
  OwnBlock& block = blocks[index];
  auto all = retype<Type::ram>(CapRef<Type::ram>(slot_of(index)), block.bits);
  if (!all) return false;
  all = Error::no_capability;  // deletes it
  if (!ask_server(MemoryRequest::give_back, block.number)) return false;
  bytes_of_blocks -= std::uint64_t{1} << block.bits;
  block = OwnBlock();
  return true;
  //@ end
}

}  // namespace

void use_memory_server(CapRef<Type::endpoint> server, const OtherCores* others) {
  memory_server = server;
  other_cores = others;
  runtime().ram.set_source(make_into);
}

std::uint64_t give_back_memory() {
  const std::uint64_t before = bytes_of_blocks;
  for (std::size_t index = 0; index < kRamSlots; ++index)
    if (blocks[index].bits != 0) static_cast<void>(give_back(index));
  if (std::exchange(may_go_back, false) && other_cores != nullptr) other_cores->tell_released();
  return before - bytes_of_blocks;
}

Result<std::uint64_t> memory_left() { return TRY(ask_server(MemoryRequest::left))[0]; }

}  // namespace sprat
