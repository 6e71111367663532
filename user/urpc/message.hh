// message.hh — a message is one cache line: seven words, and a control word that is written last.
//
//            0       8      16      24      32      40      48      56      64
//            ┌───────┬───────┬───────┬───────┬───────┬───────┬───────┬───────┐
//     line   │ word 0│ word 1│ word 2│ word 3│ word 4│ word 5│ word 6│control│
//            └───────┴───────┴───────┴───────┴───────┴───────┴───────┴───────┘
//                                                                    ▲
//                     63           48  47     46  45      32 31      │       0
//                    ┌───────────────┬────┬──────┬──────────┬────────────────┐
//          control   │ acknowledged  │only│epoch │ reserved │ header         │
//                    └───────────────┴────┴──────┴──────────┴────────────────┘
//
// Whoever sees a new control word sees the seven words that were written before it: the control word is stored with
// release and loaded with acquire order, which on x86 are plain moves (SDM volume 3A, section 9.2.2: stores are seen in
// program order, loads are done in program order).

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "sprat/fields.hh"
#include "sprat/trace.hh"
#include "urpc/word.hh"

namespace sprat::urpc {

inline constexpr std::size_t kLineBytes = 64;
inline constexpr std::size_t kPayloadWords = 7;

namespace control {
// Belongs to the layer above: which message this is, which fragment of it.
inline constexpr Field header{"header", 0, 32};
// Which lap around the ring wrote this line (epoch.hh), or whether the line holds a message (used_bit.hh).
inline constexpr Field epoch{"epoch", 46, 1};
// This line is no message: it was sent for what `acknowledged` says.
inline constexpr Field acknowledgement_only{"acknowledgement-only", 47, 1};
// How many lines of the other direction the sender of this one has read, modulo 2^16.
inline constexpr Field acknowledged{"acknowledged", 48, 16};
inline constexpr Layout<std::uint64_t, 4> layout{
    "control word", {header, epoch, acknowledgement_only, acknowledged}};
}  // namespace control
using Control = Bits<control::layout>;

// A line as two dispatchers share it. All access is by atomics: the peer may write at any moment whatever it likes, and
// each load happens exactly once.
struct alignas(kLineBytes) Line {
  std::array<Word, kPayloadWords> words;
  Word control;
};
static_assert(sizeof(Line) == kLineBytes);

// A message as one dispatcher has it for itself. One that needs fewer than seven words says so and moves fewer.
template <std::size_t kWords = kPayloadWords>
struct Message {
  static_assert(kWords <= kPayloadWords);
  std::uint32_t header = 0;
  std::array<std::uint64_t, kWords> words{};

  bool operator==(const Message&) const = default;
};

// What takes about as long as a call and a return is not worth one.
#define SPRAT_INLINE [[gnu::always_inline]] inline

// Puts the payload into `line`; nobody looks at it before the control word says so.
template <std::size_t kWords>
SPRAT_INLINE void fill(Line& line, const Message<kWords>& message) {
  trace<Event::send>(&line);
  [&]<std::size_t... kWord>(std::index_sequence<kWord...>) {
    (line.words[kWord].store(message.words[kWord], std::memory_order_relaxed), ...);
  }(std::make_index_sequence<kWords>());
}

// Takes a copy of what `line`, whose control word is `seen`, holds. Each word is read once.
template <std::size_t kWords>
SPRAT_INLINE void copy_out(const Line& line, Control seen, Message<kWords>& message) {
  trace<Event::receive>(&line);
  message.header = static_cast<std::uint32_t>(seen.get<control::header>());
  [&]<std::size_t... kWord>(std::index_sequence<kWord...>) {
    ((message.words[kWord] = line.words[kWord].load(std::memory_order_relaxed)), ...);
  }(std::make_index_sequence<kWords>());
}

}  // namespace sprat::urpc
