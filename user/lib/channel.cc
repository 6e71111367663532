// channel.cc — who waits, and what the event loop does about it.

#include "lib/channel.hh"

namespace sprat {

void Channel::open(EventLoop& loop, const urpc::View& view, Doorbell bell) {
  end_.emplace(view, bell);
  kept_count_ = 0;
  loop_ = &loop;
  loop.add(*this);
}

void Channel::close() {
  if (!end_) return;
  end_.reset();
  kept_count_ = 0;
  loop_->remove(*this);
  for (WaiterList* queue : {&receivers_, &senders_}) {
    while (!queue->empty()) {
      auto& waiting = static_cast<Waiting&>(queue->front());
      waiting.result = Error::peer_gone;
      loop_->make_ready(waiting);
    }
  }
}

// Takes in the peer's next message.  again: there is none, or no place for it; malformed
Result<void> Channel::keep() {
  if (kept_count_ == kMostKept) return Error::again;
  const auto received = end_->receive(kept_[(kept_first_ + kept_count_) % kMostKept]);
  if (received) ++kept_count_;
  return received;
}

void Channel::go_on(Waiting& waiting) {
  waiting.leave();
  waiting.coroutine.resume();
}

// Need the first sender not wait any longer?
bool Channel::make_room() {
  while (!end_->has_room() && !end_->peer_is_gone())
    if (const auto kept = keep(); !kept) return kept.error() != Error::again || end_->has_room();
  return true;
}

// Room comes with what is received only. While there is some, senders go on, and then it is the receivers' turn.
bool Channel::serve_sender() {
  if (!make_room()) return !receivers_.empty() && serve_receiver();
  go_on(static_cast<Waiting&>(senders_.front()));
  return true;
}

bool Channel::serve_receiver() {
  auto& first = static_cast<Receiving&>(receivers_.front());
  if (!first.try_it()) return false;
  go_on(first);
  return true;
}

bool Channel::look_again() {
  end_->knock();
  if (!receivers_.empty() && has_something()) return true;
  if (senders_.empty()) return false;
  return end_->has_room() || end_->peer_is_gone() || (kept_count_ != kMostKept && end_->has_line());
}

void Channel::announce() {
  has_announced_ = has_waiting();
  if (has_announced_)
    end_->announce(senders_.empty() ? urpc::Wish::message : urpc::Wish::message_or_room);
}

void Channel::withdraw() {
  if (std::exchange(has_announced_, false)) end_->withdraw();
}

}  // namespace sprat
