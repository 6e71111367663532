// apic.cc — the registers and the operations on them. The local APIC's are reached by memory or by MSR; the I/O APIC has two
// in memory, one to say which register is meant and one to reach it by.

#include "x86/apic.hh"

#include <algorithm>

#include "x86/cpu.hh"
#include "x86/io.hh"

namespace sprat::x86 {
namespace {

// A register's number: its offset divided by 16, and its MSR less 0x800.
enum class LocalApicRegister : std::uint8_t {
  id = 0x02,
  task_priority = 0x08,
  end_of_interrupt = 0x0b,
  spurious = 0x0f,
  command = 0x30,       // x2APIC: all of it; xAPIC: the low half, which sends
  command_high = 0x31,  // xAPIC only
  timer = 0x32,
  pin0 = 0x35,  // where the legacy interrupt controllers are
  pin1 = 0x36,  // where non-maskable interrupts come in
  error = 0x37,
  initial_count = 0x38,
  current_count = 0x39,
  divide = 0x3e,
};
using Register = LocalApicRegister;

constexpr std::uint32_t kDivideByOne = 0b1011;  // the dividend of the timer's clock

using LocalVector = Bits<local_vector::layout>;
using Command = Bits<command::layout>;

enum class Delivery : std::uint8_t { by_vector = 0, non_maskable = 4, init = 5, startup = 6 };

constinit volatile std::uint32_t* registers = nullptr;  // null: x2APIC

constexpr std::uint32_t msr_of(Register number) {
  return 0x800 + static_cast<std::uint32_t>(number);
}

std::uint32_t read(Register number) {
  if (registers != nullptr) return registers[4 * static_cast<std::size_t>(number)];
  return static_cast<std::uint32_t>(read_msr(msr_of(number)));
}

void write(Register number, std::uint32_t value) {
  if (registers != nullptr) {
    registers[4 * static_cast<std::size_t>(number)] = value;
  } else {
    write_msr(msr_of(number), value);
  }
}

bool has_x2apic() { return (cpuid(1).ecx >> 21 & 1) != 0; }

void send(std::uint32_t apic_id, Delivery delivery, std::uint64_t vector) {
  const auto message = Command()
                           .with<command::vector>(vector)
                           .with<command::delivery>(static_cast<std::uint64_t>(delivery))
                           .with<command::assert>();
  if (registers == nullptr) {
    asm volatile("mfence; lfence");  // unlike a store, this MSR does not wait for stores before it
    return write_msr(msr_of(Register::command), std::uint64_t{apic_id} << 32 | message.raw());
  }
  while (Command(read(Register::command)).get<command::pending>()) pause();
  const std::uint64_t addressed = message.with<command::destination_8>(apic_id).raw();
  write(Register::command_high, static_cast<std::uint32_t>(addressed >> 32));
  write(Register::command, static_cast<std::uint32_t>(addressed));
}

// A timer that every PC has, and whose frequency is known: the measure for those whose frequency is not. Its channel 2 is free: it
// once drove the loudspeaker, by the gate at port 0x61. Source: Intel 8254 data sheet (1993).
constexpr std::uint64_t kIntervalHz = 1'193'182;
constexpr std::uint16_t kChannelPort = 0x42, kControlPort = 0x43, kSpeakerPort = 0x61;
// Commands for a channel: keep the present count for two reads; or count down once from the number that follows.
constexpr std::uint8_t kChannel2 = 2 << 6, kLatch = 0 << 4, kLowThenHighByte = 3 << 4;

// Lets channel 2 count down from 65,535: 55 ms.
void start_interval() {
  constexpr std::uint8_t kGate = 1 << 0, kSound = 1 << 1;
  out8(kSpeakerPort, static_cast<std::uint8_t>((in8(kSpeakerPort) | kGate) & ~kSound));
  out8(kControlPort, kChannel2 | kLowThenHighByte);
  out8(kChannelPort, 0xff);
  out8(kChannelPort, 0xff);
}

// Returns the present count of channel 2, which counts down.
std::uint16_t interval_count() {
  out8(kControlPort, kChannel2 | kLatch);
  const std::uint8_t low = in8(kChannelPort);
  return static_cast<std::uint16_t>(in8(kChannelPort) << 8 | low);
}

// The three clocks at (nearly) the same moment; `doubt` is how long the reading took at most.
struct Reading {
  std::uint16_t interval;
  std::uint32_t timer;
  std::uint64_t time_stamp;
  std::uint64_t doubt;
};

Reading read_clocks() {
  const std::uint64_t before = read_time_stamp();
  const std::uint16_t interval = interval_count();
  const std::uint32_t timer = read(Register::current_count);
  const std::uint64_t after = read_time_stamp();
  return {interval, timer, after, after - before};
}

}  // namespace

void initialise_local_apic(VirtualAddress mapped_registers) {
  auto base = Bits<apic_base::layout>(read_msr(apic_base::kMsr)).with<apic_base::enable>();
  write_msr(apic_base::kMsr, base.raw());
  if (has_x2apic()) {
    write_msr(apic_base::kMsr, base.with<apic_base::x2apic>().raw());
    registers = nullptr;
  } else {
    registers = reinterpret_cast<volatile std::uint32_t*>(mapped_registers.value());
  }
  constexpr auto kMasked = LocalVector().with<local_vector::masked>();
  for (const Register source : {Register::timer, Register::pin0, Register::error})
    write(source, kMasked.raw());
  write(Register::pin1,
        LocalVector()
            .with<local_vector::delivery>(static_cast<std::uint64_t>(Delivery::non_maskable))
            .raw());
  write(Register::divide, kDivideByOne);
  write(Register::task_priority, 0);
  write(Register::spurious, Bits<spurious::layout>()
                                .with<spurious::vector>(kSpuriousVector)
                                .with<spurious::enable>()
                                .raw());
}

std::uint32_t local_apic_id() {
  const std::uint32_t id = read(Register::id);
  return registers == nullptr ? id : id >> 24;
}

void end_of_interrupt() { write(Register::end_of_interrupt, 0); }

void send_interrupt(std::uint32_t apic_id, std::uint64_t vector) {
  send(apic_id, Delivery::by_vector, vector);
}

void send_init(std::uint32_t apic_id) { send(apic_id, Delivery::init, 0); }

void send_startup(std::uint32_t apic_id, PhysicalAddress page) {
  send(apic_id, Delivery::startup, page.value() / kPageSize);
}

// Two readings of all clocks, a tenth of a millisecond apart. An emulator or hypervisor may stop this core in the
// middle of a reading. Then the clocks do not belong together, or the interval timer has begun again, and the reading
// is repeated.
TimerRates measure_timer_rates() {
  constexpr int kWindow = kIntervalHz / 10'000;
  constexpr std::uint32_t kLongest = ~std::uint32_t{0};
  TimerRates rates;
  for (unsigned attempt = 0; attempt < 8; ++attempt) {
    start_interval();
    write(Register::initial_count, kLongest);
    const Reading first = read_clocks();
    Reading last = first;
    while (first.interval - last.interval < kWindow) last = read_clocks();
    const int intervals = first.interval - last.interval;
    const auto hz = [&](std::uint64_t counted) {
      return counted * kIntervalHz / static_cast<std::uint64_t>(intervals);
    };
    const std::uint64_t cycles = last.time_stamp - first.time_stamp;
    rates = {.timer_hz = hz(first.timer - last.timer), .time_stamp_hz = hz(cycles)};
    if (intervals < 2 * kWindow && first.doubt + last.doubt < cycles / 16) break;
  }
  write(Register::initial_count, 0);
  return rates;
}

void set_timer_rates(const TimerRates& rates) {
  timer_rates = rates;
  write(Register::timer, LocalVector().with<local_vector::vector>(kTimerVector).raw());
}

void start_timer(std::uint64_t microseconds) {
  const std::uint64_t count = timer_rates.timer_hz * microseconds / 1'000'000;
  write(Register::initial_count,
        static_cast<std::uint32_t>(std::clamp<std::uint64_t>(count, 1, ~std::uint32_t{0})));
}

bool timer_has_run_out() { return read(Register::current_count) == 0; }

std::uint64_t time_stamps_in(std::uint64_t microseconds) {
  return timer_rates.time_stamp_hz * microseconds / 1'000'000;
}
//@ since monitor

std::uint64_t microseconds_in(std::uint64_t time_stamps) {
  return std::min(time_stamps * 1'000 / (timer_rates.time_stamp_hz / 1'000),
                  std::uint64_t{1'000'000});
}
//@ end

// ---- the I/O APIC

namespace {

constexpr unsigned kVersion = 1;              // bits 16 to 23: the last pin
constexpr unsigned kFirstRedirection = 0x10;  // two registers for each pin

constinit volatile std::uint32_t* io_registers = nullptr;
constinit unsigned pins = 0;
constinit LineRoutes routes{};

using Redirection = Bits<redirection::layout>;

volatile std::uint32_t& select(unsigned number) {
  constexpr std::size_t kSelect = 0x00 / sizeof(std::uint32_t);
  constexpr std::size_t kWindow = 0x10 / sizeof(std::uint32_t);
  io_registers[kSelect] = number;
  return io_registers[kWindow];
}

void set_redirection(unsigned pin, Redirection value) {
  select(kFirstRedirection + 2 * pin) = value.raw();
}

}  // namespace

void initialise_io_apic(VirtualAddress mapped_registers, const LineRoutes& line_routes) {
  io_registers = reinterpret_cast<volatile std::uint32_t*>(mapped_registers.value());
  routes = line_routes;
  pins = 1 + (select(kVersion) >> 16 & 0xff);
  for (unsigned pin = 0; pin < pins; ++pin) {
    set_redirection(pin, Redirection().with<redirection::masked>());
    select(kFirstRedirection + 2 * pin + 1) = local_apic_id() << 24;
  }
}

unsigned interrupt_lines() { return io_registers == nullptr ? 0 : kInterruptLines; }

void mask_line(unsigned line, bool masked) {
  if (line >= interrupt_lines() || routes[line].pin >= pins) return;
  set_redirection(routes[line].pin, Redirection()
                                        .with<redirection::vector>(vector_of(line))
                                        .with<redirection::active_low>(routes[line].active_low)
                                        .with<redirection::level>(routes[line].level_triggered)
                                        .with<redirection::masked>(masked));
}

// ---- the two controllers of the first PCs

void silence_legacy_pic() {
  constexpr std::uint16_t kCommandPorts[] = {0x20, 0xa0};
  constexpr std::uint8_t kInitialise = 0x11;  // and three words follow on the data port
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

}  // namespace sprat::x86
