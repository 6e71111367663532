// expect: UserWord

#include "dispatch/shared_frame.hh"

using namespace sprat;

std::uint64_t test(const dispatch::SharedFrame& frame) {
BROKEN return frame.upcall_stack;
  return frame.upcall_stack.load();
}
