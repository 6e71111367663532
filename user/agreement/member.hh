// member.hh — a core's part in the views of the system: numbered sets of cores, one core more or one less each.
//
// Core 0 makes views (coordinator.hh). A member that gets no answer of another core says so to core 0, and concludes nothing: a
// core that is slow looks like one that is dead. Only core 0 decides, and stops the suspected core before it speaks of a
// death, so that the death is a fact.
//
//   member 3                          core 0                              member 1
//      ├── suspect 2 ───────────────▶│
//                                    │ stops core 2
//      │◀── prepare 7: death of 2 ───┼── prepare 7: death of 2 ──────────▶│
//      │ closes its link with 2,     │                                    │ the same
//      │ ends all that needs 2       │
//      ├── prepared 7 ──────────────▶│◀──────────────────── prepared 7 ───┤
//      │◀── commit 7 ────────────────┼── commit 7 ───────────────────────▶│
//
// After `prepared` nothing that the dead core had sent is handled any more at that member; after `commit` that holds for
// all of them: the dead core's memory can be used again, and the core can be started anew. (model/views.pml)

#pragma once

#include "agreement/messages.hh"
#include "agreement/platform.hh"

namespace sprat::agreement {

// An object that a change of the view concerns.
class ViewObserver {
 public:
  // The core of `change` is dead, and its link is closed; or it joins, and its link is open. Ends all that waits for a dead core.
  // An observer that needs more than a few steps calls hold() of the member here, and release() at the end of them. It must
  // not wait for another core.
  virtual void prepare(const Prepare& change) = 0;

  // All observers of this core have prepared.
  virtual void end_of_prepare() {}

  // All cores have prepared.
  virtual void commit(const Commit& change) = 0;

  ViewObserver* next = nullptr;  // of the same Member

 protected:
  ~ViewObserver() = default;
};

class Member {
 public:
  // Of core `self`. Core 0 is in the system from the beginning, alone; all others must join.
  Member(CoreNumber self, Platform& platform);

  // Asks core 0 to be let in. There is a link with core 0.
  void join();

  // Tells core 0 that `core` does not answer; once for each incarnation.
  void suspect(CoreNumber core);

  // `observer` must outlive this.
  void observe(ViewObserver& observer);

  CoreNumber self() const { return self_; }

  // The view that admitted this core.
  ViewNumber incarnation() const { return incarnation_; }

  // The last view that is committed, as far as this core knows, and its cores. 0: this core has not joined yet.
  ViewNumber view() const { return view_; }
  const CoreSet& cores() const { return cores_; }

  // The cores with which this one has links, itself included: those of `cores`, without a dead core and with a joining one
  // from the moment on in which this core prepares the next view.
  const CoreSet& linked() const { return linked_; }

  // The last view for which this core does its part, or has done it.
  ViewNumber last_prepared() const { return prepared_; }

  // The view that admitted `core`, which is linked; less if that was before this core joined. A message of an earlier view that
  // mentions `core` means an earlier incarnation.
  ViewNumber admitted(CoreNumber core) const { return admitted_[core]; }

  // For observers: this core has not prepared before each hold() is followed by a release().
  void hold() { ++held_; }
  void release();

  // From core 0.
  void handle(CoreNumber from, const Prepare& message);
  void handle(CoreNumber from, const Members& message);
  void handle(CoreNumber from, const Commit& message);

 private:
  const CoreNumber self_;
  Platform& platform_;
  ViewNumber view_ = 0, prepared_ = 0, incarnation_ = 0;
  CoreSet cores_, linked_;
  CoreSet suspected_;
  std::array<ViewNumber, kMostCores> admitted_{};
  unsigned held_ = 0;
  ViewObserver* observers_ = nullptr;
};

}  // namespace sprat::agreement
