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
  loop_->remove(*this);
  serve(receivers_);
  serve(senders_);
}

// Makes ready, in their order, those who need not wait any longer.
void Channel::serve(WaiterList& queue) {
  while (!queue.empty()) {
    auto& first = static_cast<Queued&>(queue.front());
    if (!first.succeeds()) return;
    loop_->make_ready(first);
  }
}

// Takes in lines of the peer's until one of them has made room.
void Channel::make_room() {
  while (kept_count_ != kMostKept && !end_->has_room()) {
    if (!end_->receive(kept_[(kept_first_ + kept_count_) % kMostKept])) return;
    ++kept_count_;
  }
}

void Channel::look() {
  end_->knock();
  serve(receivers_);
  if (!senders_.empty()) make_room();
  serve(senders_);
}

void Channel::announce() {
  has_announced_ = !receivers_.empty() || !senders_.empty();
  if (has_announced_)
    end_->announce(senders_.empty() ? urpc::Wish::message : urpc::Wish::message_or_room);
}

void Channel::withdraw() {
  if (has_announced_) end_->withdraw();
}

}  // namespace sprat
