// expect: private

#include "cap/slot.hh"

using namespace sprat;

cap::LocalMemory test(const cap::Slot& frame) {
BROKEN return cap::LocalMemory(PhysicalAddress(frame.base));
  return cap::LocalMemory::of(frame).value();
}
