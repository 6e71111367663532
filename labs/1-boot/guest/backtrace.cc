// backtrace.cc — panics at the bottom of a chain of calls that the seed decides.

#include "boot/guest_test.hh"
#include "debug/panic.hh"
#include "grading/guest/evidence.hh"

using namespace sprat;

// The grader looks for these names, so the functions are not in an anonymous namespace. Digits of `path`, in base
// 4, lowest first, choose the next function to call; when `depth` calls are made, the last one panics.
namespace calls {

using Step = std::uint64_t (*)(std::uint64_t path, unsigned depth);

std::uint64_t next(std::uint64_t path, unsigned depth);

// The addition after the call keeps each of them a frame of its own.
[[gnu::noinline]] std::uint64_t herring(std::uint64_t path, unsigned depth) {
  return next(path, depth) + 1;
}
[[gnu::noinline]] std::uint64_t anchovy(std::uint64_t path, unsigned depth) {
  return next(path, depth) + 2;
}
[[gnu::noinline]] std::uint64_t sardine(std::uint64_t path, unsigned depth) {
  return next(path, depth) + 3;
}
[[gnu::noinline]] std::uint64_t pilchard(std::uint64_t path, unsigned depth) {
  return next(path, depth) + 4;
}

constexpr Step kSteps[] = {herring, anchovy, sardine, pilchard};

[[gnu::noinline]] std::uint64_t next(std::uint64_t path, unsigned depth) {
  if (depth == 0) debug::panic("the end of the path: {x}", path);
  return kSteps[path % 4](path / 4, depth - 1) + 5;
}

// Calls itself until the stack has run out.
[[gnu::noinline]] std::uint64_t whirlpool(volatile std::uint64_t* turns) {
  *turns = *turns + 1;
  if (*turns == 0) return 0;
  return whirlpool(turns) + *turns;
}

}  // namespace calls

// The seed's lowest hexadecimal digit gives the depth, from 1; the digits above it the path.
SPRAT_GUEST_TEST(backtrace) {
  evidence::Session session(machine.command_line, "backtrace");
  const auto depth = static_cast<unsigned>(session.seed() % 16 / 2 + 1);
  session.answer("sum", calls::next(session.seed() / 16, depth));
}

SPRAT_GUEST_TEST(stack_overflow) {
  evidence::Session session(machine.command_line, "stack_overflow");
  volatile std::uint64_t turns = 0;
  session.answer("turns", calls::whirlpool(&turns));
}
