// machine.hh — the common parts of this folder's attempts: the first process's capabilities, and markers around each
// attempt.

#pragma once

#include <array>

#include "lib/console.hh"
#include "lib/first_process.hh"
#include "lib/startup.hh"
#include "sprat/region.hh"

namespace sprat::latency {

// ---- slots and memory of the attempts alone

// A CNode of the first process's that the runtime does not use.
inline constexpr std::size_t kNode = kFirstFreeNode + kFreeNodes - 1;
inline constexpr CapAddress kCNode = CapAddress::in_root(kNode);
constexpr CapAddress own(std::uint64_t slot) { return {kNode, slot}; }

inline constexpr std::uint64_t kRam = 1;  // 2^kRamBits bytes
inline constexpr unsigned kRamBits = 25;

// Objects of the attempts' RAM into slots from `slot` on.
inline Result<Words> make(std::uint64_t slot, Type type, unsigned bits = 0,
                          std::uint64_t count = 1) {
  return invoke(kCNode, Method::retype, slot, own(kRam).raw(), type,
                bits != 0 ? bits : object_bits(type), count);
}
inline Result<Words> copy(std::uint64_t slot, CapAddress source) {
  return invoke(kCNode, Method::copy, slot, source.raw());
}
inline Result<Words> map(CapAddress table, std::uint64_t entry, CapAddress what,
                         Rights rights = {}) {
  return invoke(table, Method::map, entry, what.raw(), rights.bits());
}
// Everything that was made from the attempts' RAM is gone afterwards.
inline void clear() { must(revoke(own(kRam)), "clearing"); }

// ---- attempts

// Lets the scope count the longest stretch without interrupts in `attempt`; the test finds its name by the number.
template <unsigned kNumber, class Attempt>
void measure(const char* name, Attempt attempt) {
  constexpr Region kRegion{2000 + kNumber};
  print("attempt {}: {}\n", 2000 + kNumber, name);
  region_begin<kRegion>();
  attempt();
  region_end<kRegion>();
}

void attempt_objects();   // objects.cc
void attempt_tables();    // tables.cc
void attempt_teardown();  // teardown.cc
void attempt_cores();     // cores.cc: with one more core

// The work of the other cores meanwhile, for ever.
[[noreturn]] void disturb();

}  // namespace sprat::latency
