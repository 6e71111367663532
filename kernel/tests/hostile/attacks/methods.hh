// methods.hh — every method that a process can ask for, with arguments that succeed and the rights they need: from these, attacks
// are made by changing one thing at a time.

#pragma once

#include "attack.hh"

namespace sprat::hostile {

// A word that names a capability, and the rights that this one needs.
struct Named {
  std::size_t word;
  Rights rights;
};

struct Invocation {
  Method method;
  std::uint64_t object;  // a slot of the free CNode
  Rights rights;         // that the object's capability needs
  Words words;
  std::size_t used;  // so many of the words mean something
  std::size_t names = 0;
  std::array<Named, 4> named{};
};

// All of them. Each succeeds by itself after `prepare_objects`.
std::span<const Invocation> invocations();

// Makes the objects that the invocations are about, or makes them anew; slot kFirstOwn is empty then.
void prepare_objects();

inline Result<Words> invoke(CapAddress object, const Invocation& invocation, const Words& words) {
  return invoke(object, invocation.method, words[0], words[1], words[2], words[3], words[4]);
}

// Slots from here on are filled anew each time.
inline constexpr std::uint64_t kFirstPrepared = 40;
inline constexpr std::uint64_t kOtherDispatcher = 46;  // not configured

// Slots that attacks may fill themselves.
inline constexpr std::uint64_t kFirstOwn = 60;

// Replaces the capability in slot `slot` by a copy of the one in `source`, with the rights `keep` at most.
Result<Words> put_copy(std::uint64_t slot, CapAddress source, Rights keep = kAllRights);

}  // namespace sprat::hostile
