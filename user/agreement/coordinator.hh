// coordinator.hh — core 0's part in the views of the system: it alone stops cores, and makes one view after the other.
//
// Core 0 cannot be stopped by another core, and its death ends the system. So there is never a second coordinator, and no vote on
// one.
//
// One change is in progress at a time. A core that is stopped meanwhile counts as having prepared: no view can be held up by a
// core that does not answer, as long as some core suspects it. Its own death is the next view.

#pragma once

#include "agreement/member.hh"

namespace sprat::agreement {

class Coordinator final : private ViewObserver {
 public:
  // `member` is core 0's.
  Coordinator(Member& member, Platform& platform) : member_(member), platform_(platform) {
    member.observe(*this);
  }

  // Whether `core` may be loaded and started: it is in no view, and no core handles a message of an earlier incarnation.
  bool may_start(CoreNumber core) const;

  // Whether a core that is stopped is still in the view: it may have had something to say, and has not said it.
  bool has_stopped_member() const { return !stopped_.is_empty(); }

  // Whether `core` is stopped, and its death is not a view yet.
  bool is_stopped(CoreNumber core) const { return stopped_.has(core); }

  // `core`, which may be started, is about to be: makes the link with it.
  void expect(CoreNumber core);

  // Stops `core`, if it was started; if it is in the system, its death becomes a view.
  void declare_dead(CoreNumber core);

  void handle(CoreNumber from, const Hello& message);
  void handle(CoreNumber from, const Suspect& message);
  void handle(CoreNumber from, const Prepared& message);

 private:
  bool is_joining(CoreNumber core) const {
    return is_changing_ && change_ == Change::join && core_ == core;
  }
  CoreSet others() const;
  void go_on();
  void begin(Change change, CoreNumber core);
  void commit();
  void tell_members(CoreNumber joiner);

  void prepare(const Prepare&) override {}
  void end_of_prepare() override;
  void commit(const Commit&) override {}

  Member& member_;
  Platform& platform_;

  // No core is in two of these.
  CoreSet expected_;  // are started, and have not said hello yet
  CoreSet joining_;   // have said hello, and wait for their turn
  CoreSet stopped_;   // are stopped, and in the view or about to be in it

  // The change in progress.
  bool is_changing_ = false, begins_ = false;
  Change change_{};
  CoreNumber core_ = 0;
  CoreSet missing_;  // cores that have not prepared yet
};

}  // namespace sprat::agreement
