// methods.hh — every method that a process can ask for, with arguments that succeed: from these, attacks are made by changing
// one thing at a time.

#pragma once

#include "attack.hh"

namespace sprat::hostile {

struct Invocation {
  Method method;
  std::uint64_t object;  // a slot of the free CNode
  Words words;
  std::size_t used;       // so many of the words mean something
  unsigned capabilities;  // bit i: word i names a capability
};

// All of them. Each succeeds by itself after `prepare_objects`.
std::span<const Invocation> invocations();

// Makes the objects that the invocations are about, or makes them anew.
void prepare_objects();

inline Result<Words> invoke(const Invocation& invocation, const Words& words) {
  return invoke(own(invocation.object), invocation.method, words[0], words[1], words[2], words[3],
                words[4]);
}

// What is made anew each time: slots from here on.
inline constexpr std::uint64_t kFirstPrepared = 40;
inline constexpr std::uint64_t kOtherDispatcher = 46;  // not configured

}  // namespace sprat::hostile
