// stillness.cc — has anything moved?

#include "machine/stillness.hh"

namespace sprat::grading {
namespace {

// An emulator whose guest sleeps still uses a little: timers, its own housekeeping.
constexpr double kIdleShare = 0.05;

}  // namespace

bool StillnessWatch::still(const Observation& now) {
  const double elapsed = now.seconds - since_.seconds;
  const double used = now.cpu_seconds - since_.cpu_seconds;
  const bool idle = used <= kIdleShare * elapsed;
  bool moved;
  if (now.executed) {
    // Before the first instruction an emulator is loading, however long that takes.
    moved = now.executed != since_.executed || *now.executed == 0 || (idle && now.runnable);
  } else {
    moved = !idle || now.runnable;
  }
  // Without a count, a busy emulator shows only over some time.
  const bool can_tell = now.executed || now.runnable || elapsed >= patience_seconds_;
  if (moved && can_tell) since_ = now;
  return !moved && elapsed >= patience_seconds_;
}

}  // namespace sprat::grading
