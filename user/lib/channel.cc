// channel.cc — what the event loop does for those who wait.

#include "lib/channel.hh"

namespace sprat {

void Channel::open(EventLoop& loop, const urpc::View& view, Doorbell bell) {
  end_.emplace(view, bell);
  kept_count_ = 0;
  loop_ = &loop;
  loop.channels_.add(*this);
}

void Channel::close() {
  if (!end_) return;
  end_.reset();
  kept_count_ = 0;
  loop_->channels_.remove(*this);
  tell_all(Error::peer_gone);
}

// Takes in the peer's next message.  again: there is none, or no place for it; malformed
Result<void> Channel::keep() {
  if (kept_count_ == kMostKept) return Error::again;
  const auto received = end_->receive(kept_[(kept_first_ + kept_count_) % kMostKept]);
  if (received) ++kept_count_;
  return received;
}

// Need the first sender not wait any longer?
bool Channel::make_room() {
  //@ lab urpc.5g: return true;
  while (!end_->has_room() && !end_->peer_is_gone())
    if (const auto kept = keep(); !kept) return kept.error() != Error::again || end_->has_room();
  return true;
  //@ end
}

// While there is room, senders go on; then it is the receivers' turn, for room may stand behind lines that they receive.
bool Channel::serve_both() {
  //@ lab urpc.5h: return false;
  if (!make_room()) return any_receiver() && serve_receiver();
  serve_sender();
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
