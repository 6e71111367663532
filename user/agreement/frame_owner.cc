// frame_owner.cc — one record for each frame that is shared, with its holders; one operation for each revoke. No handler waits.

#include "agreement/frame_owner.hh"

#include <algorithm>

namespace sprat::agreement {

FrameOwner::FrameOwner(Member& member, Platform& platform, FrameMemory& memory, Tickets& tickets,
                       std::span<SharedFrame> frames, std::span<Holding> holdings)
    : member_(member), platform_(platform), memory_(memory), tickets_(tickets), frames_(frames) {
  member.observe(*this);
  for (Holding& holding : holdings) unused_.push_back(holding);
}

Result<void> FrameOwner::send(const Frame& frame, CoreNumber to, TicketNumber ticket) {
  if (to == member_.self()) return Error::invalid_argument;
  if (is_being_revoked(frame.base)) return Error::no_capability;
  if (!platform_.has_room(to)) return Error::busy;
  return post_copy(frame, to, ticket, member_.self());
}

// A frame that an earlier operation revokes is revoked again, so that the end of one does not depend on the other's.
Task<> FrameOwner::revoke(Range range) {
  Operation* const operation = std::ranges::find(operations_, true, &Operation::is_free);
  if (operation == operations_.end()) co_return Error::busy;
  operation->begin(range);
  operation->number = ++last_number_;
  operation->missing = {};
  OperationEnd ended(*operation);
  //@ lab monitor.5a:
  for (SharedFrame& frame : frames_) {
    if (!frame.is_used || !range.has(frame.frame.base)) continue;
    frame.holdings.find([&](const Holding& holding) {
      operation->missing.add(holding.core);
      return false;
    });
  }
  operation->missing.for_each([&](CoreNumber core) {
    post<agreement::revoke>(platform_, core,
                            {member_.last_prepared(), operation->number, range.begin, range.end});
  });
  //@ end
  go_on(*operation);
  co_await ended;
  co_return {};
}

bool FrameOwner::is_being_revoked(std::uint64_t base) const {
  return std::ranges::any_of(operations_,
                             [&](const Operation& operation) { return operation.concerns(base); });
}

bool FrameOwner::may_be_held(std::uint64_t base, CoreNumber core) const {
  const SharedFrame* const frame = find(base);
  return frame != nullptr && holding_of(*frame, core) != nullptr;
}

bool FrameOwner::is_at_rest() const {
  return std::ranges::all_of(operations_, &Operation::is_free);
}

// ---- from other cores

// The view of the message says which incarnation of `to` the asker means.
void FrameOwner::handle(CoreNumber from, const agreement::Copy& message) {
  //@ lab monitor.5b:
  if (!member_.linked().has(message.to) || message.view < member_.admitted(message.to)) return;
  const SharedFrame* const frame = find(message.base);
  if (frame == nullptr || is_being_revoked(message.base))
    return refuse(message.to, message.ticket, from, Error::no_capability);
  const Frame sent_frame{frame->frame.base, frame->frame.bits, message.rights};
  const auto sent = post_copy(sent_frame, message.to, message.ticket, from);
  if (!sent) refuse(message.to, message.ticket, from, sent.error());
  //@ end
}

void FrameOwner::handle(CoreNumber from, const Dropped& message) {
  //@ lab monitor.5c:
  SharedFrame* const frame = find(message.base);
  if (frame == nullptr) return;
  const Holding* const holding = holding_of(*frame, from);
  if (holding == nullptr || holding->stamp != message.stamp) return;  // a later copy is on its way
  remove(*frame, from);
  //@ end
}

void FrameOwner::handle(CoreNumber from, const Gone& message) {
  //@ lab monitor.5d:
  for (Operation& operation : operations_) {
    if (!operation.is_in_progress() || operation.number != message.operation) continue;
    operation.missing.remove(from);
    go_on(operation);
  }
  //@ end
}

// ---- views

void FrameOwner::prepare(const Prepare& change) {
  if (change.change != Change::death) return;
  //@ lab monitor.5e:
  for (SharedFrame& frame : frames_)
    if (frame.is_used) remove(frame, change.core);
  for (Operation& operation : operations_) {
    operation.missing.remove(change.core);
    go_on(operation);
  }
  //@ end
}

// ---- records

FrameOwner::SharedFrame* FrameOwner::find(std::uint64_t base) {
  for (SharedFrame& frame : frames_)
    if (frame.is_used && frame.frame.base == base) return &frame;
  return nullptr;
}

const FrameOwner::SharedFrame* FrameOwner::find(std::uint64_t base) const {
  return const_cast<FrameOwner*>(this)->find(base);
}

FrameOwner::SharedFrame* FrameOwner::find_or_add(const Frame& frame) {
  if (SharedFrame* const found = find(frame.base)) return found;
  const auto unused = std::ranges::find(frames_, false, &SharedFrame::is_used);
  if (unused == frames_.end() || !memory_.keep(frame)) return nullptr;
  unused->frame = frame;
  unused->is_used = true;
  return &*unused;
}

FrameOwner::Holding* FrameOwner::holding_of(const SharedFrame& frame, CoreNumber core) {
  return frame.holdings.find([&](const Holding& holding) { return holding.core == core; });
}

FrameOwner::Holding* FrameOwner::find_or_add(SharedFrame& frame, CoreNumber core) {
  if (Holding* const found = holding_of(frame, core)) return found;
  Holding* const unused = unused_.first();
  if (unused == nullptr) return nullptr;
  unused_.remove(*unused);
  unused->core = core;
  frame.holdings.push_back(*unused);
  return unused;
}

void FrameOwner::remove(SharedFrame& frame, CoreNumber core) {
  if (Holding* const holding = holding_of(frame, core)) {
    frame.holdings.remove(*holding);
    unused_.push_front(*holding);
  }
  release_if_unshared(frame);
}

void FrameOwner::release_if_unshared(SharedFrame& frame) {
  if (!frame.holdings.is_empty()) return;
  frame.is_used = false;
  memory_.release(frame.frame.base);
}

Result<void> FrameOwner::post_copy(const Frame& frame, CoreNumber to, TicketNumber ticket,
                                   CoreNumber asker) {
  if (to == member_.self()) {
    if (!tickets_.is_expected(ticket, asker)) return {};
    const auto given = memory_.give(frame, ticket);
    if (given) tickets_.arrived(ticket, to, frame);
    return given;
  }
  if (!member_.linked().has(to)) return Error::peer_gone;
  SharedFrame* const shared = find_or_add(frame);
  if (shared == nullptr) return Error::out_of_memory;
  Holding* const holding = find_or_add(*shared, to);
  if (holding == nullptr) {
    release_if_unshared(*shared);
    return Error::out_of_memory;
  }
  holding->stamp = ++last_stamp_;
  post<recv>(
      platform_, to,
      {member_.last_prepared(), ticket, asker, frame.bits, frame.rights, frame.base, last_stamp_});
  return {};
}

void FrameOwner::refuse(CoreNumber to, TicketNumber ticket, CoreNumber asker, Error error) {
  if (to == member_.self()) return tickets_.failed(ticket, asker, error);
  post<refused>(platform_, to, {member_.last_prepared(), ticket, asker});
}

void FrameOwner::go_on(Operation& operation) {
  if (!operation.is_in_progress() || !operation.missing.is_empty()) return;
  for (SharedFrame& frame : frames_) {
    if (!frame.is_used || !operation.range.has(frame.frame.base)) continue;
    while (Holding* const holding = frame.holdings.first()) {
      frame.holdings.remove(*holding);
      unused_.push_front(*holding);
    }
    release_if_unshared(frame);
  }
  operation.end(platform_);
}

}  // namespace sprat::agreement
