// instruction.cc — prefixes, opcode and one bit of ModRM are enough.
#include "scope/instruction.hh"

#include <algorithm>
#include <array>

namespace sprat::scope {
namespace {

constexpr std::size_t kMarkerBytes = 7;
constexpr std::uint8_t kMarkerSignature = 0x5e, kWordSignature = 0x5f;
constexpr std::uint16_t kEndFlag = 0x8000;
constexpr std::uint16_t kEventFlag = 0x4000;

// A long NOP with one of our signatures.
bool is_signed(std::span<const std::uint8_t> bytes, std::uint8_t signature) {
  return bytes.size() == kMarkerBytes && bytes[0] == 0x0f && bytes[1] == 0x1f && bytes[2] == 0x80 &&
         bytes[5] == signature && bytes[6] == 0x5a;
}

bool is_legacy_prefix(std::uint8_t byte) {
  constexpr std::array<std::uint8_t, 11> kPrefixes = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65,
                                                      0x66, 0x67, 0xf0, 0xf2, 0xf3};
  return std::ranges::find(kPrefixes, byte) != kPrefixes.end();
}

// ins, outs, movs, cmps, stos, lods, scas.
bool is_string_opcode(std::uint8_t opcode) {
  return (opcode >= 0x6c && opcode <= 0x6f) || (opcode >= 0xa4 && opcode <= 0xa7) ||
         (opcode >= 0xaa && opcode <= 0xaf);
}

}  // namespace

Instruction classify(std::span<const std::uint8_t> bytes) {
  if (is_signed(bytes, kWordSignature)) {
    const auto word = static_cast<std::uint16_t>(bytes[3] | bytes[4] << 8);
    return word <= kMaxWord ? Instruction{Kind::word, word} : Instruction{};
  }
  if (is_signed(bytes, kMarkerSignature)) {
    const auto number = static_cast<std::uint16_t>(bytes[3] | bytes[4] << 8);
    const auto region = static_cast<std::uint16_t>(number & ~kEndFlag);
    const auto event = static_cast<std::uint16_t>(number & ~kEventFlag);
    if (event != number && event >= 1 && event <= kMaxRegion) return {Kind::event, event};
    if (region < 1 || region > kMaxRegion) return {};
    return {number & kEndFlag ? Kind::region_end : Kind::region_begin, region};
  }

  bool lock = false;
  bool repeat = false;
  std::size_t at = 0;
  for (; at < bytes.size() && is_legacy_prefix(bytes[at]); ++at) {
    lock |= bytes[at] == 0xf0;
    repeat |= bytes[at] == 0xf2 || bytes[at] == 0xf3;
  }
  // 40 … 4f is REX in 64-bit code; in 32-bit code it is an instruction with nothing after it.
  if (at + 1 < bytes.size() && (bytes[at] & 0xf0) == 0x40) ++at;
  if (at >= bytes.size()) return {};

  const std::uint8_t opcode = bytes[at];
  if (lock) return {Kind::locked};
  if (opcode == 0xf4) return {Kind::halt};
  if (opcode == 0xfb) return {Kind::interrupts_on};
  if (repeat && is_string_opcode(opcode)) return {Kind::string};
  const bool xchg = opcode == 0x86 || opcode == 0x87;
  const bool operand_in_memory = at + 1 < bytes.size() && bytes[at + 1] < 0xc0;
  return {xchg && operand_in_memory ? Kind::locked : Kind::plain};
}

}  // namespace sprat::scope
