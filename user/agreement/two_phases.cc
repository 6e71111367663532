// two_phases.cc — one round of each initiator at a time. No handler waits.

#include "agreement/two_phases.hh"

#include <algorithm>

namespace sprat::agreement {

namespace {

Proposal proposal_of(const Round& round) { return {round.object, round.value}; }

}  // namespace

Task<> TwoPhases::carry_out(Proposal proposal) {
  Operation* const operation =
      std::ranges::find(operations_, Operation::Phase::free, &Operation::phase);
  if (operation == operations_.end()) co_return Error::busy;
  operation->phase = Operation::Phase::waiting;
  operation->number = ++last_number_;
  operation->proposal = proposal;
  operation->decision = Decision::none;
  OperationEnd ended(*operation);
  if (!is_in_round_) next_round();
  co_return co_await ended;
}

bool TwoPhases::is_at_rest() const {
  const auto rests = [](const Operation& operation) {
    return operation.phase == Operation::Phase::free;
  };
  return std::ranges::all_of(operations_, rests) && std::ranges::none_of(parts_, &Part::has_voted);
}

// ---- from other cores

void TwoPhases::handle(CoreNumber, const Round& message) {
  if (message.initiator < parts_.size()) do_round(message);
}

void TwoPhases::handle(CoreNumber, const Answer& message) {
  if (message.initiator >= parts_.size() || message.view != member_.last_prepared()) return;
  Part& part = parts_[message.initiator];
  if (message.view != part.round.view || message.number != part.round.number) return;
  if (part.missing == 0) return;
  --part.missing;
  if (message.verdict == Verdict::against) part.verdict = Verdict::against;
  go_on(message.initiator);
}

// ---- views

void TwoPhases::prepare(const Prepare& change) {
  if (change.change == Change::death && change.core < parts_.size()) {
    Part& part = parts_[change.core];
    if (part.has_voted) voter_.decide(change.core, proposal_of(part.round), Decision::dropped);
    part = {};
  }
  if (!is_in_round_) return;
  round_.view = member_.last_prepared();
  do_round(round_);
}

// This core has joined.
void TwoPhases::commit(const Commit& change) {
  if (change.core != member_.self()) return;
  for (Part& part : parts_) {
    if (!part.is_early) continue;
    const Round early = part.round;
    part = {};
    do_round(early);
  }
}

// ---- rounds

// The first of this core's operations that have come so far.
TwoPhases::Operation* TwoPhases::first_in(Operation::Phase phase) {
  Operation* first = nullptr;
  for (Operation& operation : operations_)
    if (operation.phase == phase && (first == nullptr || operation.number < first->number))
      first = &operation;
  return first;
}

MulticastTree TwoPhases::tree(CoreNumber initiator) {
  const CoreSet& cores = member_.linked();
  if (cores.size() != cores_) {
    cores_ = cores.size();
    fan_out_ = best_fan_out(cores_, costs_);
  }
  return {cores, initiator, fan_out_};
}

// Of this core: with the decision on the operation that was voted on, if there is one, and the next operation, if there is one.
void TwoPhases::next_round() {
  const Operation* const decided = first_in(Operation::Phase::deciding);
  Operation* const proposed = first_in(Operation::Phase::waiting);
  if (decided == nullptr && proposed == nullptr) return;
  round_.view = member_.last_prepared();
  round_.initiator = member_.self();
  ++round_.number;
  round_.decision = decided == nullptr ? Decision::none : decided->decision;
  round_.contents = proposed == nullptr ? Contents::decision : Contents::decision_and_proposal;
  if (proposed != nullptr) {
    proposed->phase = Operation::Phase::voting;
    round_.object = proposed->proposal.object;
    round_.value = proposed->proposal.value;
  }
  is_in_round_ = true;
  do_round(round_);
}

// A round of an earlier view is sent again by its initiator.
void TwoPhases::do_round(const Round& message) {
  const CoreNumber initiator = message.initiator;
  Part& part = parts_[initiator];
  if (message.view > member_.last_prepared()) {
    part.round = message;
    part.is_early = true;
  }
  if (message.view != member_.last_prepared()) return;
  if (message.number != part.round.number) {
    if (part.has_voted) voter_.decide(initiator, proposal_of(part.round), message.decision);
    part.has_voted = message.contents == Contents::decision_and_proposal;
    const bool agrees = !part.has_voted || voter_.vote(initiator, proposal_of(message));
    part.own_verdict = agrees ? Verdict::in_favour : Verdict::against;
  }
  part.round = message;
  part.verdict = part.own_verdict;
  part.missing = 0;
  tree(initiator).for_each_child(member_.self(), [&](CoreNumber child) {
    ++part.missing;
    post<round>(platform_, child, message);
  });
  go_on(initiator);
}

void TwoPhases::go_on(CoreNumber initiator) {
  const Part& part = parts_[initiator];
  if (part.missing != 0) return;
  if (initiator == member_.self()) return end_round();
  post<answer>(platform_, tree(initiator).parent(member_.self()),
               {part.round.view, initiator, part.verdict, part.round.number});
}

void TwoPhases::end_round() {
  is_in_round_ = false;
  if (Operation* const decided = first_in(Operation::Phase::deciding)) {
    decided->phase = decided->is_awaited ? Operation::Phase::over : Operation::Phase::free;
    if (decided->caller.coroutine) platform_.make_ready(decided->caller);
  }
  if (Operation* const voted = first_in(Operation::Phase::voting)) {
    voted->phase = Operation::Phase::deciding;
    voted->decision = parts_[member_.self()].verdict == Verdict::in_favour ? Decision::carried_out
                                                                           : Decision::dropped;
  }
  next_round();
}

}  // namespace sprat::agreement
