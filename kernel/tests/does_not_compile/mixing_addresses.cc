// expect: Address

#include "sprat/address.hh"

using namespace sprat;

void test(PhysicalAddress physical) {
  static_cast<void>(physical);
BROKEN VirtualAddress address = physical;
}
