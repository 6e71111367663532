// channel.cc — who waits, and what the event loop does about it.

#include "lib/channel.hh"

namespace sprat {

void Channel::open(EventLoop& loop, const urpc::View& view, Doorbell bell) {
  end_.emplace(view, bell);
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

void Channel::look() {
  end_->knock();
  serve(receivers_);
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
