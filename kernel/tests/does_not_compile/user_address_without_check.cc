// expect: private

#include "dispatch/shared_frame.hh"

using namespace sprat;

dispatch::UserAddress test(std::uint64_t value) {
BROKEN return dispatch::UserAddress(value);
  return dispatch::UserAddress::of(value).value();
}
