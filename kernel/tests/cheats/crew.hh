// crew.hh — dispatchers that share this program's memory, each with a frame and a stack of its own: an honest one, and the cheats
// beside it.

#pragma once

#include <array>

#include "lib/console.hh"
#include "lib/first_process.hh"
#include "lib/startup.hh"

namespace sprat::cheats {

inline std::uint64_t now() { return __builtin_ia32_rdtsc(); }
inline std::uint64_t microseconds(std::uint64_t count) {
  return first_process().tsc_hz / 1'000 * count / 1'000;
}

// The code of a dispatcher from its upcall `run` on; never returns. It stays disabled, and so is resumed where it was
// interrupted, unless it enables itself: then it begins anew.
using Code = void (*)();

// A dispatcher with all parts that it needs to run.
class Member {
 public:
  // Number `number` of the crew, 0 to 3; it does not run yet. `serve`, if there is one, takes calls and ends with `reply`.
  Member(std::size_t number, Code code, Code serve = nullptr);
  ~Member();

  void run();
  DispatcherFrame& frame() { return frame_; }
  CapAddress bell() const { return bell_.address(); }
  CapAddress endpoint() const { return endpoint_.address(); }

 private:
  DispatcherFrame& frame_;
  Cap<Type::frame> memory_;
  Cap<Type::dispatcher> dispatcher_;
  Cap<Type::notification> plain_bell_, bell_;
  Cap<Type::endpoint> endpoint_;
};

inline void wait() { yield(Yield::wait); }
inline void signal(CapAddress bell) { static_cast<void>(invoke_once(bell, Method::signal, {})); }
inline void call(CapAddress endpoint) {
  static_cast<void>(system_call(SystemCall::lrpc, endpoint.raw()));
}
inline void reply() { static_cast<void>(system_call(SystemCall::reply, 0)); }

}  // namespace sprat::cheats
