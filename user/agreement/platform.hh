// platform.hh — all that the protocols need of the core on which they run: in the system its monitor, in tests a core of a
// simulated network.

#pragma once

#include "agreement/core_set.hh"
#include "interfaces/fragments.hh"
#include "lib/task.hh"

namespace sprat::agreement {

class Platform {
 public:
  // Sends a line to `core`, another one. Never waits: links have room for all that the protocols can have in
  // flight. A line to a core without a link is dropped: that core is dead, or not in the system yet.
  virtual void post(CoreNumber core, const urpc::Message<>& line) = 0;

  // Whether the link with `core` has room for one more line that a process of this core has asked for, beside all lines that
  // the protocols may have to post there by themselves.
  virtual bool has_room(CoreNumber) const { return true; }

  // Makes a link with `core`, which joins: new rings, without a line.
  virtual void open(CoreNumber core) = 0;

  // Ends the link with `core`, which is dead. Lines from there that were not received are discarded.
  virtual void close(CoreNumber core) = 0;

  // Stops `core`. When this returns, that core executes nothing, and never will. Only on core 0.
  virtual void fence(CoreNumber core) = 0;

  // This core has prepared a view: lines that waited for it can be handled.
  virtual void view_is_prepared() = 0;

  // Resumes the coroutine of `waiter` when its turn comes.
  virtual void make_ready(Waiter& waiter) = 0;

 protected:
  ~Platform() = default;
};

// Posts a message, which must take one line and have numbers that fit.
template <const auto& kMessage>
void post(Platform& platform, CoreNumber core, const BodyOf<kMessage>& body) {
  Fragments<kMessage, urpc::kPayloadWords> lines;
  static_assert(lines.kLines == 1, "a message between monitors takes one line");
  if (!lines.encode(body)) __builtin_trap();
  urpc::Message<> line{};
  const auto only = lines.only_line(0);
  line.header = only.header;
  copy_words<lines.kWordsInOneLine>(only.words.data(), line.words.data());
  platform.post(core, line);
}

}  // namespace sprat::agreement
