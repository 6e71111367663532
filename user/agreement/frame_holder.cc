// frame_holder.cc — one record for each frame of another core, one for each revoke that waits for a sweep. No handler waits.

#include "agreement/frame_holder.hh"

#include <algorithm>

namespace sprat::agreement {

namespace {

constexpr Range kEverywhere{0, ~std::uint64_t{0}};

}  // namespace

class FrameHolder::NextSweep {
 public:
  explicit NextSweep(FrameHolder& holder) : holder_(holder) {}
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    holder_.sweeper_.coroutine = waiting;
    if (holder_.find_dying() != nullptr) holder_.platform_.make_ready(holder_.sweeper_);
  }
  void await_resume() const { holder_.sweeper_.coroutine = {}; }

 private:
  FrameHolder& holder_;
};

FrameHolder::FrameHolder(Member& member, Platform& platform, FrameMemory& memory, Tickets& tickets,
                         std::span<ForeignFrame> frames)
    : member_(member), platform_(platform), memory_(memory), tickets_(tickets), frames_(frames) {
  member.observe(*this);
}

Task<> FrameHolder::sweep() {
  is_started_ = true;
  for (;;) {
    co_await NextSweep(*this);
    if (ForeignFrame* const frame = find_dying()) sweep_some(*frame);
  }
}

Result<void> FrameHolder::send(std::uint64_t base, std::uint8_t rights, CoreNumber to,
                               TicketNumber ticket) {
  const ForeignFrame* const frame = find(base);
  if (frame == nullptr) return Error::not_found;
  if (!platform_.has_room(frame->owner)) return Error::busy;
  post<agreement::copy>(platform_, frame->owner,
                        {member_.last_prepared(), ticket, to, rights, base});
  return {};
}

Result<CoreNumber> FrameHolder::owner_of(std::uint64_t base) const {
  const ForeignFrame* const frame = find(base);
  if (frame == nullptr) return Error::not_found;
  return frame->owner;
}

bool FrameHolder::may_copy(std::uint64_t base) const {
  const ForeignFrame* const frame = find(base);
  return frame != nullptr && !frame->is_dying;
}

void FrameHolder::is_lonely(std::uint64_t base) {
  //@ lab monitor.5h:
  ForeignFrame* const frame = find(base);
  if (frame == nullptr || frame->is_dying || !memory_.drop(base)) return;
  frame->is_used = false;
  post<dropped>(platform_, frame->owner, {member_.last_prepared(), base, frame->stamp});
  //@ end
}

bool FrameHolder::is_at_rest() const {
  const auto is_dying = [](const ForeignFrame& frame) { return frame.is_used && frame.is_dying; };
  return std::ranges::none_of(frames_, is_dying) &&
         std::ranges::none_of(revokes_, &PendingRevoke::is_used);
}

// ---- from other cores

void FrameHolder::handle(CoreNumber from, const Recv& message) {
  //@ lab monitor.5f:
  const Frame received{message.base, message.bits, message.rights};
  ForeignFrame* frame = find(message.base);
  if (frame != nullptr) frame->stamp = message.stamp;
  if (tickets_.is_expected(message.ticket, message.asker)) {
    const auto unused = std::ranges::find(frames_, false, &ForeignFrame::is_used);
    const bool has_room = frame != nullptr || unused != frames_.end();
    if (has_room && memory_.adopt(received, from, message.ticket)) {
      if (frame == nullptr) *unused = {received, true, false, from, message.stamp};
      return tickets_.arrived(message.ticket, from, received);
    }
    tickets_.failed(message.ticket, message.asker, Error::out_of_memory);
  }
  if (frame == nullptr)
    post<dropped>(platform_, from, {member_.last_prepared(), message.base, message.stamp});
  //@ end
}

void FrameHolder::handle(CoreNumber from, const Revoke& message) {
  //@ lab monitor.5g:
  const Range range{message.begin, message.end};
  if (!begin_sweep(from, range, Error::no_capability))
    return post<gone>(platform_, from, {member_.last_prepared(), message.operation});
  const auto place = std::ranges::find(revokes_, false, &PendingRevoke::is_used);
  if (place != revokes_.end() && is_started_) {
    *place = {true, from, message.operation, range};
    return;
  }
  //@ end
  sweep_all();
  post<gone>(platform_, from, {member_.last_prepared(), message.operation});
}

// ---- views

// A revoke of the dead core is answered when its frames are swept, and the answer is dropped: that is before a later incarnation of it
// can join.
void FrameHolder::prepare(const Prepare& change) {
  if (change.change != Change::death) return;
  //@ lab monitor.5i:
  if (!begin_sweep(change.core, kEverywhere, Error::peer_gone)) return;
  member_.hold();
  dead_ = change.core;
  if (!is_started_) sweep_all();
  //@ end
}

// ---- records

FrameHolder::ForeignFrame* FrameHolder::find(std::uint64_t base) {
  for (ForeignFrame& frame : frames_)
    if (frame.is_used && frame.frame.base == base) return &frame;
  return nullptr;
}

const FrameHolder::ForeignFrame* FrameHolder::find(std::uint64_t base) const {
  return const_cast<FrameHolder*>(this)->find(base);
}

FrameHolder::ForeignFrame* FrameHolder::find_dying() {
  for (ForeignFrame& frame : frames_)
    if (frame.is_used && frame.is_dying) return &frame;
  return nullptr;
}

bool FrameHolder::has_frames(CoreNumber owner, Range range) const {
  return std::ranges::any_of(frames_, [&](const ForeignFrame& frame) {
    return frame.is_used && frame.owner == owner && range.has(frame.frame.base);
  });
}

// From now on no copy of the frames of `owner` in `range` is made here. Returns whether there are any.
bool FrameHolder::begin_sweep(CoreNumber owner, Range range, Error error) {
  for (ForeignFrame& frame : frames_) {
    if (!frame.is_used || frame.owner != owner || !range.has(frame.frame.base)) continue;
    frame.is_dying = true;
    tickets_.taken_away(range_of(frame.frame), error);
  }
  if (sweeper_.coroutine) platform_.make_ready(sweeper_);
  return has_frames(owner, range);
}

void FrameHolder::sweep_some(ForeignFrame& frame) {
  const std::uint64_t base = frame.frame.base;
  if (!memory_.sweep(base) || !memory_.drop(base)) return;
  frame.is_used = false;
  answer_if_swept();
}

void FrameHolder::sweep_all() {
  while (ForeignFrame* const frame = find_dying()) sweep_some(*frame);
}

void FrameHolder::answer_if_swept() {
  for (PendingRevoke& pending : revokes_) {
    if (!pending.is_used || has_frames(pending.owner, pending.range)) continue;
    pending.is_used = false;
    post<gone>(platform_, pending.owner, {member_.last_prepared(), pending.operation});
  }
  if (!dead_ || has_frames(*dead_, kEverywhere)) return;
  dead_.reset();
  member_.release();
}

}  // namespace sprat::agreement
