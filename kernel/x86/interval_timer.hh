// interval_timer.hh — the 8254, whose frequency is known, as the measure for timers whose frequency is not.
//
// Source: Intel 8254 data sheet (1993). Channel 2 is free: it once drove the loudspeaker, by the gate at port 0x61.

#pragma once

#include <cstdint>

#include "sprat/fields.hh"
#include "x86/io.hh"

namespace sprat::x86 {

namespace interval_control {
inline constexpr Field mode{"mode", 1, 3, Access::write_only};  // 0: counts down once
inline constexpr Field bytes{
    "bytes", 4, 2, Access::write_only};  // 0: latch the count; 3: low byte, then high byte
inline constexpr Field channel{"channel", 6, 2, Access::write_only};
inline constexpr Layout<std::uint8_t, 3> layout{"interval control", {mode, bytes, channel}};
}  // namespace interval_control

namespace speaker_control {
inline constexpr Field gate{"gate", 0, 1};  // channel 2 counts
inline constexpr Field sound{"sound", 1, 1};
inline constexpr Layout<std::uint8_t, 2> layout{"speaker control", {gate, sound}};
}  // namespace speaker_control

class IntervalTimer {
 public:
  static constexpr std::uint64_t kHz = 1'193'182;

  // Lets channel 2 count down from 65,535: 55 ms.
  static void start() {
    const auto speaker =
        Bits<speaker_control::layout>(in8(kSpeakerPort)).with<speaker_control::sound>(0);
    out8(kSpeakerPort, speaker.with<speaker_control::gate>().raw());
    out8(kControlPort, kChannel2.with<interval_control::bytes>(3).raw());
    out8(kChannelPort, 0xff);
    out8(kChannelPort, 0xff);
  }

  // Returns the present count of channel 2, which counts down.
  static std::uint16_t count() {
    out8(kControlPort, kChannel2.raw());
    const std::uint8_t low = in8(kChannelPort);
    return static_cast<std::uint16_t>(in8(kChannelPort) << 8 | low);
  }

 private:
  static constexpr std::uint16_t kChannelPort = 0x42, kControlPort = 0x43, kSpeakerPort = 0x61;
  static constexpr auto kChannel2 =
      Bits<interval_control::layout>().with<interval_control::channel>(2);
};

}  // namespace sprat::x86
