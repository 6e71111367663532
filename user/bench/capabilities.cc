// capabilities.cc — copying, removing, revoking, retyping.

#include "bench/measure.hh"
#include "bench/measurements.hh"
#include "lib/runtime.hh"

namespace sprat::bench {
namespace {

constexpr unsigned kFrameBits = 12;

// Retype makes a frame of 4 KiB, zeroing it, from RAM whose newest descendant then goes again.
void measure_retype() {
  const auto ram = must(runtime().ram.make<Type::ram>(kFrameBits + 1), "RAM to retype");
  const CapAddress slot = must(take_slot(), "a slot for a frame");
  const Place place = place_of(slot);
  for (std::size_t i = 0; i < kRepetitions; ++i) {
    measured_invocation<Region::retype>(
        place.cnode, Method::retype,
        {place.slot, ram.address().raw(), static_cast<std::uint64_t>(Type::frame), kFrameBits, 1});
    measured_invocation<Region::remove_last>(place.cnode, Method::remove, {place.slot});
  }
  give_back_slot(slot);
}

// A copy comes and goes.
void measure_copy(const Cap<Type::frame>& frame) {
  const CapAddress slot = must(take_slot(), "a slot for a copy");
  const Place place = place_of(slot);
  for (std::size_t i = 0; i < kRepetitions; ++i) {
    measured_invocation<Region::copy>(place.cnode, Method::copy,
                                      {place.slot, frame.address().raw()});
    measured_invocation<Region::remove_copy>(place.cnode, Method::remove, {place.slot});
  }
  give_back_slot(slot);
}

// As many copies as one step of the kernel's takes; the second step finds that there are none left.
void measure_revoke(const Cap<Type::frame>& frame) {
  std::array<CapAddress, kRevokedCopies> slots;
  for (CapAddress& slot : slots) slot = must(take_slot(), "a slot for a copy");
  const Place place = place_of(frame.address());
  for (std::size_t i = 0; i < kRepetitions; ++i) {
    for (const CapAddress slot : slots) {
      const Place target = place_of(slot);
      must(mint_into(target.cnode, target.slot, frame.address(), {}), "a copy");
    }
    const std::uint64_t rdi = place.cnode.raw() | static_cast<std::uint64_t>(Method::revoke) << 32;
    static_cast<void>(measured_call<Region::revoke>(SystemCall::invoke, rdi, {place.slot}));
    must(revoke(frame.address()), "revoking");
  }
  for (const CapAddress slot : slots) give_back_slot(slot);
}

}  // namespace

void measure_capabilities() {
  measure_retype();
  const auto frame = must(runtime().ram.make<Type::frame>(kFrameBits), "a frame to copy");
  measure_copy(frame);
  measure_revoke(frame);
}

}  // namespace sprat::bench
