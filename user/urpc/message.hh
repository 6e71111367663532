// message.hh — a message is one cache line: seven words, and a control word that is written last.
//
//            0       8      16      24      32      40      48      56      64
//            ┌───────┬───────┬───────┬───────┬───────┬───────┬───────┬───────┐
//     line   │ word 0│ word 1│ word 2│ word 3│ word 4│ word 5│ word 6│control│
//            └───────┴───────┴───────┴───────┴───────┴───────┴───────┴───────┘
//                                                                    ▲
//                    63                        32 31      │     16 15              0
//                    ┌───────────────────────────┬────────────────┬────────────────┐
//          control   │ header                    │ acknowledged   │ lap            │
//                    └───────────────────────────┴────────────────┴────────────────┘
//
// A receiver that sees a new control word sees the seven words that were written before it: the control word is stored with
// release and loaded with acquire order, which on x86 are plain moves (SDM volume 3A, section 9.2.2: stores are seen in
// program order, loads are done in program order).
//
// The lower half belongs to the ring. Lines are numbered from W on, W being the number of slots, so that line n is in slot
// n mod W and the first lap has number W. A line of zeros belongs to no lap.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "sprat/fields.hh"
#include "sprat/region.hh"
#include "urpc/word.hh"

namespace sprat::urpc {

inline constexpr std::size_t kLineBytes = 64;
inline constexpr std::size_t kPayloadWords = 7;

namespace control {
// The number of the first line of the lap that wrote this line, modulo 2^16 (epoch.hh).
inline constexpr Field lap{"lap", 0, 16};
// The number of the line of the other direction that the sender of this one reads next, modulo 2^16.
inline constexpr Field acknowledged{"acknowledged", 16, 16};
// Belongs to the layer above: which message this is, which fragment of it.
inline constexpr Field header{"header", 32, 32};
inline constexpr Layout<std::uint64_t, 3> layout{"control word", {lap, acknowledged, header}};
}  // namespace control
using Control = Bits<control::layout>;

// A line as two dispatchers share it. All access is by atomics: the peer may write any words at any moment, and
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

// For functions that take no longer than a call and a return.
#define SPRAT_INLINE [[gnu::always_inline]] inline

// Puts the payload into `line`. The receiver looks at it when the control word says that it is there.
template <std::size_t kWords>
SPRAT_INLINE void fill(Line& line, const Message<kWords>& message) {
  trace<Event::send>(&line);
  [&]<std::size_t... kWord>(std::index_sequence<kWord...>) {
    (line.words[kWord].store(message.words[kWord], std::memory_order_relaxed), ...);
  }(std::make_index_sequence<kWords>());
}

// Copies the message in `line`, whose control word is `seen`. Each word is read once.
template <std::size_t kWords>
SPRAT_INLINE void copy_out(const Line& line, Control seen, Message<kWords>& message) {
  trace<Event::receive>(&line);
  message.header = static_cast<std::uint32_t>(seen.get<control::header>());
  [&]<std::size_t... kWord>(std::index_sequence<kWord...>) {
    ((message.words[kWord] = line.words[kWord].load(std::memory_order_relaxed)), ...);
  }(std::make_index_sequence<kWords>());
}

}  // namespace sprat::urpc
