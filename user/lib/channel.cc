// channel.cc — the work of the event loop for the coroutines that wait for a channel.

#include "lib/channel.hh"

namespace sprat {

void Channel::open(EventLoop& loop, const urpc::View& view, Doorbell doorbell) {
  end_.emplace(view, doorbell);
  kept_count_ = 0;
  loop_ = &loop;
  waiters_changed();
  loop.sources().polled.add(*this);
}

void Channel::close() {
  if (!end_) return;
  end_.reset();
  kept_count_ = 0;
  loop_->sources().polled.remove(*this);
  end_all(Error::peer_gone);
}

// Most polls look at three words and find nothing, so that is all there is in this function.
bool Channel::poll() {
  if (direct_sink_ == nullptr || !end_->peer_is_awake()) [[unlikely]]
    return poll_for_waiters();
  return end_->has_line() && poll_for_sink();
}

[[gnu::noinline]] bool Channel::poll_for_sink() {
  // Not set to zero first.
  union Room {
    Room() {}
    urpc::Message<> line;
  } room;
  if (!end_->receive(room.line)) [[unlikely]]
    return deliver_to_sink();
  direct_sink_->take(room.line);
  return true;
}

[[gnu::noinline]] bool Channel::poll_for_waiters() {
  end_->wake_peer();
  if (any_sender()) return poll_for_senders();
  if (sink() != nullptr) waiters_changed();
  return deliver();
}

// Receives the peer's next message and keeps it.  again: there is no message, or `most` are kept; malformed
Result<void> Channel::keep(std::size_t most) {
  if (kept_count_ >= most) return Error::again;
  const auto received = end_->receive(nth_kept(kept_count_));
  if (received) ++kept_count_;
  return received;
}

// Returns whether the first sender need not wait any longer.
bool Channel::make_room() {
  //@ lab urpc.5g: return true;
  while (!end_->has_room() && !end_->peer_is_gone())
    if (const auto kept = keep(); !kept) return kept.error() != Error::again || end_->has_room();
  return true;
  //@ end
}

// While there is room, it resumes senders; then receivers, because room may stand behind lines that they receive.
bool Channel::poll_for_senders() {
  //@ lab urpc.5h: return false;
  if (!make_room()) return deliver();
  resume_sender();
  return true;
  //@ end
}

bool Channel::look_again() {
  end_->wake_peer();
  //@ lab urpc.5i: return false;
  if (any_receiver() && has_something()) return true;
  if (!any_sender()) return false;
  return end_->has_room() || end_->peer_is_gone() || (kept_count_ != kMostKept && end_->has_line());
  //@ end
}

void Channel::announce() {
  has_announced_ = any_receiver() || any_sender();
  if (has_announced_)
    end_->announce(any_sender() ? urpc::Wish::message_or_room : urpc::Wish::message);
}

void Channel::withdraw() {
  if (std::exchange(has_announced_, false)) end_->withdraw();
}

}  // namespace sprat
