// legacy_devices.hh — two devices of the first PCs that every PC still has: interrupt controllers, which are to keep quiet,
// and a timer whose frequency is known, the measure for timers whose frequency is not.
//
// Sources: Intel 8259A data sheet (1988), "Initialization command words"; Intel 8254 data sheet (1993). The timer's
// channel 2 is free: it once drove the loudspeaker, by the gate at port 0x61.

#pragma once

#include <cstdint>

#include "sprat/fields.hh"
#include "x86/io.hh"
#include "x86/traps.hh"

namespace sprat::x86 {

// Masks all lines of the two controllers. Their vectors are moved first, away from the exceptions: an interrupt that is withdrawn at
// the wrong moment comes even when masked, as the controller's line 7, and is a spurious one then.
inline void silence_legacy_pic() {
  constexpr std::uint16_t kCommandPorts[] = {0x20, 0xa0};
  constexpr std::uint8_t kInitialise =
      0x11;  // four words follow on the data port, the first of them implied
  constexpr std::uint8_t kFirstVector = kSpuriousVector - 7;
  constexpr std::uint8_t kCascade[] = {1 << 2, 2};  // the second hangs on line 2 of the first
  constexpr std::uint8_t kMode8086 = 1;
  constexpr std::uint8_t kAllLines = 0xff;
  for (unsigned controller = 0; controller < 2; ++controller) {
    const std::uint16_t command = kCommandPorts[controller];
    const auto data = static_cast<std::uint16_t>(command + 1);
    out8(command, kInitialise);
    out8(data, kFirstVector);
    out8(data, kCascade[controller]);
    out8(data, kMode8086);
    out8(data, kAllLines);
  }
}

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
