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
  for (Queue* queue : {&receivers_, &senders_})
    while (!queue->waiting.empty()) loop_->make_ready(queue->waiting.front());
}

void Channel::let_go_on(Queue& queue) {
  auto& first = static_cast<Queued&>(queue.waiting.front());
  queue.next = &first;
  loop_->make_ready(first);
}

// Takes in the peer's next message.  again: there is none, or no place for it; malformed
Result<void> Channel::keep() {
  if (kept_count_ == kMostKept) return Error::again;
  const auto received = end_->receive(kept_[(kept_first_ + kept_count_) % kMostKept]);
  if (received) ++kept_count_;
  return received;
}

bool Channel::has_something() {
  if (kept_count_ != 0 || end_->peer_is_gone()) return true;
  const auto kept = keep();
  return kept || kept.error() != Error::again;
}

bool Channel::has_room() {
  while (!end_->has_room() && !end_->peer_is_gone())
    if (const auto kept = keep(); !kept) return kept.error() != Error::again || end_->has_room();
  return true;
}

void Channel::look() {
  end_->knock();
  const auto is_wanted = [](const Queue& queue) {
    return !queue.waiting.empty() && queue.next == nullptr;
  };
  if (is_wanted(receivers_) && has_something()) let_go_on(receivers_);
  if (is_wanted(senders_) && has_room()) let_go_on(senders_);
}

void Channel::announce() {
  const bool sends = !senders_.waiting.empty();
  has_announced_ = sends || !receivers_.waiting.empty();
  if (has_announced_) end_->announce(sends ? urpc::Wish::message_or_room : urpc::Wish::message);
}

void Channel::withdraw() {
  if (has_announced_) end_->withdraw();
}

}  // namespace sprat
