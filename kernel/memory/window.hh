// window.hh — from a physical address to memory the kernel can touch.

#pragma once

#include "memory/layout.hh"

namespace sprat::memory {

// Returns the object at `address`, seen through the window. Boot tables show the first GiB, the kernel's own all
// memory.
template <class T>
T* window(PhysicalAddress address) {
  return reinterpret_cast<T*>((kWindowBase + address.value()).value());
}

}  // namespace sprat::memory
