// checked_messages.hh — messages that can be checked, and stalls between them, for stress tests.

#pragma once

#include "urpc/message.hh"

namespace sprat::bench {

// Numbers from a seed (Marsaglia's xorshift).
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 2 + 1) {}

  std::uint64_t roll() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    return state_ ^= state_ << 17;
  }

 private:
  std::uint64_t state_;
};

// The message of that number in the stream of that seed: no word is like that of another message.
inline urpc::Message<> checked_message(std::uint64_t seed, std::uint64_t number) {
  urpc::Message<> message{static_cast<std::uint32_t>(number), {}};
  std::uint64_t mixed = (number + 1) * 0x9e37'79b9'7f4a'7c15 ^ seed;
  for (std::uint64_t& word : message.words) word = mixed = mixed * 0xd129'0d2c'7a4f'b2a5 + number;
  return message;
}

// Does nothing, mostly for no time, sometimes for some, and rarely for so long that a peer polls in vain.
inline void stall(Dice& dice) {
  const std::uint64_t roll = dice.roll();
  std::uint64_t turns = 0;
  if (roll % 64 == 0) turns = (roll >> 32) % 64;
  if (roll % 8192 == 0) turns = (roll >> 32) % 8192;
  for (; turns != 0; --turns) __builtin_ia32_pause();
}

}  // namespace sprat::bench
