// capabilities.cc — copying, removing, revoking, retyping.

#include "bench/measure.hh"
#include "bench/measurements.hh"
#include "lib/runtime.hh"

namespace sprat::bench {
namespace {

constexpr unsigned kFrameBits = 12;

// Whether the frame holds zeros. It does not afterwards.
bool was_clean(CapRef<Type::frame> frame) {
  constexpr std::uint64_t kWords = (1 << kFrameBits) / sizeof(std::uint64_t);
  must(runtime().space.map(kOwnMappings, frame, kPageSize, kWrite), "mapping a frame");
  auto* const words = reinterpret_cast<volatile std::uint64_t*>(kOwnMappings.value());
  bool is_clean = true;
  for (std::uint64_t i = 0; i < kWords; ++i) {
    is_clean = is_clean && words[i] == 0;
    words[i] = ~i;
  }
  must(runtime().space.unmap(kOwnMappings), "unmapping it");
  return is_clean;
}

Cap<Type::frame> frame_to_copy() {
  return must(runtime().ram.make<Type::frame>(kFrameBits), "a frame to copy");
}

}  // namespace

// Retype makes a frame of 4 KiB, zeroing it, from RAM whose newest descendant then goes again.
void measure_retyping() {
  const auto ram = must(runtime().ram.make<Type::ram>(kFrameBits + 1), "RAM to retype");
  const CapAddress slot = must(take_slot(), "a slot for a frame");
  const Place place = place_of(slot);
  for (std::size_t i = 0; i < kRepetitions; ++i) {
    measured_invocation<Region::retype>(
        place.cnode, Method::retype,
        {place.slot, ram.address().raw(), static_cast<std::uint64_t>(Type::frame), kFrameBits, 1});
    expect_done(was_clean(CapRef<Type::frame>(slot)), "a frame of zeros");
    measured_invocation<Region::remove_last>(place.cnode, Method::remove, {place.slot});
  }
  give_back_slot(slot);
}

// A copy comes and goes.
void measure_copying() {
  const auto frame = frame_to_copy();
  const CapAddress slot = must(take_slot(), "a slot for a copy");
  const Place place = place_of(slot);
  for (std::size_t i = 0; i < kRepetitions; ++i) {
    measured_invocation<Region::copy>(place.cnode, Method::copy,
                                      {place.slot, frame.address().raw()});
    measured_invocation<Region::remove_copy>(place.cnode, Method::remove, {place.slot});
  }
  give_back_slot(slot);
}

// As many copies as one step of the kernel's takes at most. All steps are measured, and the loop around them: how many there
// are is the kernel's choice, and the last one finds that there are no copies left.
void measure_revoking() {
  const auto frame = frame_to_copy();
  std::array<CapAddress, kRevokedCopies> slots;
  for (CapAddress& slot : slots) slot = must(take_slot(), "a slot for a copy");
  for (std::size_t i = 0; i < kRepetitions; ++i) {
    for (const CapAddress slot : slots) {
      const Place target = place_of(slot);
      must(mint_into(target.cnode, target.slot, frame.address(), {}), "a copy");
    }
    const std::uint64_t begin = now();
    region_begin<Region::revoke>();
    must(revoke(frame.address()), "revoking");
    region_end<Region::revoke>();
    samples_of(Region::revoke).add(now() - begin);
    for (const CapAddress slot : slots) expect_done(!identify(slot), "revoking all copies");
  }
  for (const CapAddress slot : slots) give_back_slot(slot);
}

}  // namespace sprat::bench
