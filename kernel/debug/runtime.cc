// runtime.cc — what the standard library's headers call instead of throwing. Each call is a broken invariant.

#include "debug/panic.hh"

namespace std {

void __throw_out_of_range_fmt(const char* text, ...) {
  sprat::debug::panic("out of range: {}", text);
}

}  // namespace std
