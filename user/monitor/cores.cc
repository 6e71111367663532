// cores.cc — RAM, package, load, start, wait.

#include "monitor/cores.hh"

#include <algorithm>
#include <bit>
#include <cstring>

#include "lib/console.hh"
#include "lib/startup.hh"
#include "monitor/fill.hh"
#include "monitor/package.hh"
#include "monitor/ram_shares.hh"
#include "sprat/region.hh"

namespace sprat::monitor {
namespace {

constexpr CapAddress kKernel = task_slot(TaskSlot::kernel);
// Much more than a core needs; an emulator may have many more processors than its host.
constexpr std::uint64_t kPatienceSeconds = 5;

// Only RAM below 4 GiB can be handed to a core that is started.
std::uint64_t ram_for_cores(const FirstProcess& process) {
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 32;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < process.ram_regions; ++i) {
    const auto& [base, size] = process.ram[i];
    bytes += std::min(base + size, kLimit) - std::min(base, kLimit);
  }
  return bytes;
}

// The last word ram=... of the kernel's command line, without its name.
std::string_view asked_shares(const FirstProcess& process) {
  constexpr std::string_view kName = "ram=";
  std::string_view words = until_zero({process.command_line.data(), process.command_line.size()}),
                   shares;
  for (std::string_view word = next_word(words); !word.empty(); word = next_word(words))
    if (word.starts_with(kName)) shares = slice(word, kName.size());
  return shares;
}

// The RAM of each core by its number, in bits: half of all at most is for the other cores, in equal parts, unless the command line asks
// for other shares.
void share_ram(const FirstProcess& process, std::span<unsigned> bits) {
  const std::uint64_t bytes = ram_for_cores(process), others = bits.size() - 1;
  const auto equal = static_cast<unsigned>(std::bit_width(bytes / (2 * others))) - 1;
  std::ranges::fill(bits, std::clamp(equal, kLeastRamBits, kMostRamBits));
  const std::string_view wanted = asked_shares(process);
  if (wanted.empty()) return;
  std::array<unsigned, kMaxCores> asked;
  std::ranges::copy(bits, asked.begin());
  const auto shares = std::span(asked).first(bits.size());
  if (const auto read = read_ram_shares(wanted, bytes >> 20, shares); !read) {
    print(
        "monitor: ram={}: {}; use ram=CORE:MIB,... with cores 0 to {}, powers of two from 4 to "
        "1024, and {} MiB in all; "
        "all other cores have the same now\n",
        wanted, name_of(read.error()), others, bytes >> 20);
    return;
  }
  std::ranges::copy(shares, bits.begin());
}

std::string_view reason(Error error) {
  return error == Error::peer_gone ? "it was sent its wake-up calls and does not answer"
                                   : name_of(error);
}

}  // namespace

void Cores::start_all(const Parts& parts) {
  std::uint64_t usable = 0;
  for (std::size_t i = 0; i < process_.cores; ++i) usable += process_.core[i].usable != 0 ? 1 : 0;
  if (usable < 2) return;
  std::array<unsigned, kMaxCores> ram_bits;
  share_ram(process_, std::span(ram_bits).first(usable));
  // All at once, and the largest first: nothing else then lies between two cores' RAM.
  std::array<Cap<Type::ram>, kMaxCores> ram;
  for (unsigned bits = kMostRamBits; bits >= kLeastRamBits; --bits)
    for (std::uint64_t number = 1; number < usable; ++number)
      if (ram_bits[number] == bits)
        if (auto made = runtime().ram.make<Type::ram>(bits)) ram[number] = std::move(made.value());
  std::uint64_t number = 1;
  for (std::size_t i = 0; i < process_.cores; ++i) {
    const FirstProcess::Core& core = process_.core[i];
    if (core.usable == 0 || core.apic_id == process_.apic_id) continue;
    auto& own = ram[number];
    const auto started =
        own ? start(number, core.apic_id, std::move(own), parts) : Error::out_of_memory;
    if (!started)
      print("monitor: core {} (APIC {}) does not start: {}\n", number, core.apic_id,
            reason(started.error()));
    ++number;
  }
}

Result<void> Cores::start(std::uint64_t number, std::uint32_t apic_id, Cap<Type::ram> ram,
                          const Parts& parts) {
  const auto identity = TRY(identify(ram.address()));
  CorePackage header{};
  header.core_id = number;
  TRY(parts.before_start(static_cast<std::uint32_t>(number), apic_id, header));
  region_begin<Region::pack_core>();
  const auto bytes = pack(process_, header, ram);
  region_end<Region::pack_core>();
  if (!bytes) return bytes.error();
  region_begin<Region::load_core>();
  const auto loaded =
      invoke(kKernel, Method::load_core, apic_id, ram.address().raw(), bytes.value());
  region_end<Region::load_core>();
  if (!loaded) return loaded.error();
  bytes_ += identity.bytes;
  region_begin<Region::start_core>();
  TRY(invoke(kKernel, Method::start_core, apic_id));
  const bool runs = wait_until(CoreState::running, apic_id);
  region_end<Region::start_core>();
  return runs ? Result<void>() : Error::peer_gone;
}

CoreState Cores::state_of(std::uint32_t apic_id) const {
  if (apic_id == process_.apic_id) return CoreState::running;
  const auto state = invoke(kKernel, Method::core_state, apic_id);
  return state ? static_cast<CoreState>(state.value()[0]) : CoreState::absent;
}

bool Cores::wait_until(CoreState state, std::uint32_t apic_id) const {
  const std::uint64_t limit = process_.tsc_hz * kPatienceSeconds;
  for (const std::uint64_t begin = __builtin_ia32_rdtsc(); __builtin_ia32_rdtsc() - begin < limit;
       __builtin_ia32_pause()) {
    if (state_of(apic_id) == state) return true;
    yield(Yield::stay);
  }
  return false;
}

Result<Cores::Entry> Cores::nth(std::size_t n) const {
  if (n == 0) return Entry{process_.core_id, process_.apic_id, CoreState::running};
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < process_.cores; ++i) {
    const FirstProcess::Core& core = process_.core[i];
    if (core.usable == 0 || core.apic_id == process_.apic_id) continue;
    if (++number == n) return Entry{number, core.apic_id, state_of(core.apic_id)};
  }
  return Error::not_found;
}

//@ since monitor
Result<void> Cores::start_again(std::uint32_t number, const Parts& parts) {
  const auto core = TRY(nth(number));
  if (core.state != CoreState::absent || !ram_[number]) return Error::in_use;
  return start(number, static_cast<std::uint32_t>(core.apic_id), std::exchange(ram_[number], {}),
               parts);
}

// The kernel stops one core at a time, and not while it starts another one.
void Cores::stop(std::uint32_t number) {
  const auto core = nth(number);
  if (!core || number == 0) return;
  const auto apic_id = static_cast<std::uint32_t>(core.value().apic_id);
  const auto stopped = invoke(kKernel, Method::stop_core, apic_id);
  if (stopped && !wait_until(CoreState::stopped, apic_id))
    print("monitor: core {} was sent INIT and does not say that it has stopped\n", number);
}

Result<void> Cores::reclaim(std::uint32_t number) {
  const auto core = TRY(nth(number));
  auto ram = TRY(fill_slot<Type::ram>([&](CapAddress slot) -> Result<void> {
    const Place place = place_of(slot);
    const auto taken =
        invoke(kKernel, Method::reclaim, place.cnode.raw(), place.slot, core.apic_id);
    return taken ? Result<void>() : taken.error();
  }));
  bytes_ -= TRY(identify(ram.address())).bytes;
  ram_[number] = std::move(ram);
  return {};
}

//@ end
}  // namespace sprat::monitor
