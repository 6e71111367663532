// window.hh — physical memory for code under test on the host: an array.
//
// Takes the place of kernel/memory/window.hh when the kernel's sources are compiled for the host.

#pragma once

#include "sprat/address.hh"

namespace sprat::memory {

// The host's address of the byte at `address`; provided by the harness around the code under test.
void* host_address(PhysicalAddress address);

template <class T>
T* window(PhysicalAddress address) {
  return static_cast<T*>(host_address(address));
}

}  // namespace sprat::memory
