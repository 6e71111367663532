// backtrace.cc — walking up the stack, trusting nothing on it, and finding the name of the code at an address.

#include "debug/backtrace.hh"

#include <algorithm>

namespace sprat::debug {

//@ lab boot.4a: // Helpers of your own go here.
namespace {

struct StackFrame {
  std::uint64_t caller;  // its frame pointer
  std::uint64_t return_address;
};

bool can_be_frame(std::uint64_t frame_pointer, StackBounds stack) {
  return frame_pointer % 8 == 0 && frame_pointer >= stack.begin && frame_pointer <= stack.end &&
         stack.end - frame_pointer >= sizeof(StackFrame);
}

}  // namespace
//@ end

std::size_t backtrace(std::uint64_t frame_pointer, StackBounds stack,
                      std::span<std::uint64_t> addresses) {
  //@ lab boot.4b: return 0;
  std::size_t count = 0;
  while (count < addresses.size() && can_be_frame(frame_pointer, stack)) {
    const StackFrame frame = *reinterpret_cast<const StackFrame*>(frame_pointer);
    if (frame.return_address == 0) break;
    addresses[count++] = frame.return_address;
    if (frame.caller <= frame_pointer) break;
    frame_pointer = frame.caller;
  }
  return count;
  //@ end
}

std::optional<Place> find_caller(std::span<const Symbol> symbols, std::uint64_t return_address) {
  //@ lab boot.4c: return std::nullopt;
  const auto after = std::ranges::lower_bound(symbols, return_address, {}, &Symbol::address);
  if (after == symbols.begin()) return std::nullopt;
  const Symbol& symbol = *std::prev(after);
  return Place{symbol.name, return_address - symbol.address};
  //@ end
}

}  // namespace sprat::debug
