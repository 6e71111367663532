// two_phases.hh — operations for which all cores vote, one after the other and pipelined: K of them take K + 1 rounds.
//
// In the first phase all cores say whether an operation of the initiator may be carried out; in the second they carry it out, if all
// have agreed, or forget it. One round, to all cores and back, has the second phase of one operation and the first phase of the next:
//
//   round 1                    round 2                    round 3
//   │ vote on operation 1      │ carry out operation 1    │ carry out operation 2
//   │                          │ vote on operation 2      │
//
// Rounds take a star or a tree (multicast_tree.hh), which all cores compute from the view. If the view changes, the initiator sends the
// round that is in progress again, to the cores of the new view; a core that has done its part answers once more. So no round
// waits for a dead core. The operations of a dead initiator that are undecided are dropped; an operation must concern only
// objects of its initiator, or some cores could carry out an operation that others drop. A core that joins between the two phases has
// nothing to carry out.

#pragma once

#include <span>

#include "agreement/member.hh"
#include "agreement/multicast_tree.hh"
#include "agreement/operation_end.hh"

namespace sprat::agreement {

struct Proposal {
  std::uint64_t object = 0, value = 0;
  bool operator==(const Proposal&) const = default;
};

// The part of one core in the operations of all.
class Voter {
 public:
  // Whether this core agrees. Until decide() it must not do anything that would make the proposal impossible.
  virtual bool vote(CoreNumber initiator, const Proposal& proposal) = 0;

  // Carries the proposal out, or forgets it. Called once for each vote.
  virtual void decide(CoreNumber initiator, const Proposal& proposal, Decision decision) = 0;

 protected:
  ~Voter() = default;
};

class TwoPhases final : private ViewObserver {
 public:
  // Operations of this core that are in progress or wait for their round.
  static constexpr std::size_t kMostOperations = 16;

  // This core's part in the present round of one initiator.
  struct Part {
    Round round{};            // of its number, in the last view in which this core did its part
    std::size_t missing = 0;  // answers of children
    Verdict verdict = Verdict::in_favour;
    Verdict own_verdict = Verdict::in_favour;
    bool has_voted = false;  // on the proposal of the round, which is undecided
    bool is_early = false;   // core 0 has sent the round to this core, which joins, before Commit
  };

  // `parts` has one Part for each core that can be an initiator, by its number; all must outlive this. `costs` are the same on all
  // cores.
  TwoPhases(Member& member, Platform& platform, Voter& voter, LineCosts costs,
            std::span<Part> parts)
      : member_(member), platform_(platform), voter_(voter), costs_(costs), parts_(parts) {
    member.observe(*this);
  }

  // Has all cores carry out `proposal`: alone 4 (N - 1) messages in a system of N, and with K in progress 2 (K + 1) (N - 1) for all.
  // Ends when all have done so. It goes on if the task is destroyed.
  //   in_use          a core has voted against it
  //   busy            kMostOperations are in progress
  //   out_of_memory   for the coroutine
  Task<> carry_out(Proposal proposal);

  bool is_at_rest() const;

  // From the monitor of another core.
  void handle(CoreNumber from, const Round& message);
  void handle(CoreNumber from, const Answer& message);

 private:
  struct Operation {
    enum class Phase : std::uint8_t { free, waiting, voting, deciding, over };
    Phase phase = Phase::free;
    OperationNumber number = 0;
    Proposal proposal;
    Decision decision = Decision::none;
    bool is_awaited = false;
    Waiter caller;
    Result<void> outcome() const {
      return decision == Decision::carried_out ? Result<void>() : Error::in_use;
    }
  };

  Operation* first_in(Operation::Phase phase);
  MulticastTree tree(CoreNumber initiator);
  void next_round();
  void do_round(const Round& message);
  void go_on(CoreNumber initiator);
  void end_round();

  void prepare(const Prepare& change) override;
  void commit(const Commit& change) override;

  Member& member_;
  Platform& platform_;
  Voter& voter_;
  LineCosts costs_;
  std::span<Part> parts_;
  std::size_t cores_ = 0, fan_out_ = 1;  // the best one for so many cores
  OperationNumber last_number_ = 0;
  Round round_{};  // of this core
  bool is_in_round_ = false;
  std::array<Operation, kMostOperations> operations_{};
};

}  // namespace sprat::agreement
