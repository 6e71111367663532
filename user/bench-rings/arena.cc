// arena.cc — one frame, in the address space of every core.

#include "bench-rings/arena.hh"

#include "lib/runtime.hh"
#include "monitor/doorbells.hh"

namespace sprat::bench {
namespace {

constexpr VirtualAddress kPlace = kOwnMappings + 64 * kLargePageSize;

// For as long as the program lives. Gives the frame.
Result<CapRef<Type::frame>> map(Result<Cap<Type::frame>> made) {
  if (!made) return made.error();
  const CapRef<Type::frame> frame(made.value().release());
  TRY(runtime().space.map(kPlace, frame, kArenaBytes, kWrite));
  return frame;
}

}  // namespace

Arena& arena() { return *reinterpret_cast<Arena*>(kPlace.value()); }

Result<std::uint64_t> make_arena() {
  const auto frame = TRY(map(runtime().ram.make<Type::frame>(kArenaBits)));
  const auto identity = TRY(identify(frame.address()));
  return identity.base;
}

Result<void> join_arena(std::uint64_t begin) {
  const auto frame = map(monitor::adopt_frame(begin, kArenaBytes));
  return frame ? Result<void>() : frame.error();
}

}  // namespace sprat::bench
