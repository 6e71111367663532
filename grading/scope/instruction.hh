// instruction.hh — the scope's facts about an x86 instruction, read from its bytes.
#pragma once

#include <cstdint>
#include <span>

namespace sprat::scope {

enum class Kind : std::uint8_t {
  plain,
  locked,         // LOCK prefix, or xchg with memory, which locks without one
  string,         // string instruction with a REP prefix
  halt,           // HLT
  interrupts_on,  // STI
  region_begin,   // marker, `region` says which
  region_end,
  event,  // a marker as well: `region` is the event's number
  word,   // of the trusted program's speech (speech.hh): `region` is the word
};

struct Instruction {
  Kind kind = Kind::plain;
  std::uint16_t region = 0;  // 1 … kMaxRegion for markers, 0 … kMaxWord for words, else 0
};

inline constexpr std::uint16_t kMaxRegion = 0x3fff;
inline constexpr std::uint16_t kMaxWord = 0x3f;

// Says what the instruction made of `bytes` is. Expects exactly the bytes of one instruction, of
// 32- or 64-bit code. A marker is `nopl 0x5a5eNNNN(%rax)`: 0f 1f 80, NNNN in little endian, 5e 5a.
// NNNN is the region, | 0x8000 at its end, or an event's number | 0x4000; any other number makes it
// the plain NOP that it also is. A word is `nopl 0x5a5fNNNN(%rax)`, NNNN the word.
Instruction classify(std::span<const std::uint8_t> bytes);

}  // namespace sprat::scope
