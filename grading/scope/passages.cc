// passages.cc — entries, and places that were left.
#include "scope/passages.hh"

#include <cstring>

namespace sprat::scope {
namespace {

template <class Offset>
std::uint64_t target(std::span<const std::uint8_t> bytes, std::uint64_t behind) {
  Offset offset;
  std::memcpy(&offset, bytes.data() + bytes.size() - sizeof offset, sizeof offset);
  return behind + static_cast<std::uint64_t>(std::int64_t{offset});
}

bool is_prefix(std::uint8_t byte) {
  return byte == 0x66 || byte == 0xf2 || byte == 0xf3 || byte == 0x3e || byte == 0x2e ||
         (byte & 0xf0) == 0x40;
}

}  // namespace

// Opcodes of near jumps, calls and returns (SDM volume 2).
void add_places_behind(TrustedBlock& block, std::uint64_t last,
                       std::span<const std::uint8_t> bytes) {
  const std::uint64_t behind = last + bytes.size();
  block.places.push_back(behind);
  while (bytes.size() > 1 && is_prefix(bytes[0])) bytes = bytes.subspan(1);
  if (bytes.empty()) return;
  const std::uint8_t opcode = bytes[0], next = bytes.size() > 1 ? bytes[1] : std::uint8_t{0};
  const bool is_short = (opcode & 0xf0) == 0x70 || opcode == 0xeb || (opcode & 0xfc) == 0xe0;
  const bool is_near =
      opcode == 0xe8 || opcode == 0xe9 || (opcode == 0x0f && (next & 0xf0) == 0x80);
  if (is_short && bytes.size() >= 2) {
    block.places.push_back(target<std::int8_t>(bytes, behind));
  } else if (is_near && bytes.size() >= 5) {
    block.places.push_back(target<std::int32_t>(bytes, behind));
  } else if (opcode == 0xc3 || opcode == 0xc2) {
    block.goes_anywhere = true;
  } else if (opcode == 0xff) {
    const unsigned operation = next >> 3 & 7;
    block.goes_anywhere = operation == 2 || operation == 4;
  }
}

void Passages::enter(std::uint64_t address) {
  if (trust_->entries().empty()) return;
  if (trust_->entries().contains(address) || places_.contains(address)) return;
  std::uint64_t& unknown = trust_->speech().holds(address) ? unknown_in_speech_ : unknown_;
  if (unknown != 0) {
    --unknown;
    return;
  }
  if (intrusions_.count++ == 0) intrusions_.first_at = address;
}

void Passages::leave() {
  const TrustedBlock& block = *inside_;
  inside_ = nullptr;
  if (block.goes_anywhere) ++(trust_->speech().holds(block.begin) ? unknown_in_speech_ : unknown_);
  if (!left_.insert(&block).second) return;
  places_.insert(block.places.begin(), block.places.end());
}

}  // namespace sprat::scope
