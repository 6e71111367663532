// sink.hh — the receiver of all lines of a link: an object whose function is called for each line, as soon as a poll finds it.
// No coroutine stands between.

#pragma once

#include "sprat/result.hh"
#include "urpc/message.hh"

namespace sprat {

template <std::size_t kWords>
class Sink {
 public:
  // Handles the next line. May end the conversation, and destroy the link and `this`.
  virtual void take(const urpc::Message<kWords>& line) = 0;

  // The conversation has ended with `error`: the link calls neither function again. Resumes no coroutine.
  virtual void end(Error error) = 0;

 protected:
  ~Sink() = default;
};

}  // namespace sprat
