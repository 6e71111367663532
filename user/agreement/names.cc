// names.cc — one record for each proposal or name, one operation for each that this core has begun. No handler waits.

#include "agreement/names.hh"

#include <algorithm>

namespace sprat::agreement {

Result<Names::Found> Names::look_up(const Name& name) const {
  for (const Record& record : records_)
    if (record.state == State::registered && record.name == name)
      return Found{record.owner, record.service};
  return Error::not_found;
}

Result<Names::Registered> Names::nth(std::size_t n) const {
  for (const Record& record : records_)
    if (record.state == State::registered && n-- == 0)
      return Registered{record.name, {record.owner, record.service}};
  return Error::not_found;
}

Task<> Names::add(Name name, std::uint32_t process) {
  if (member_.incarnation() == 0) co_return Error::busy;
  if (const Record* const holder = holder_of(name))
    co_return holder->state == State::registered ? Error::in_use : Error::busy;
  if (is_being_removed(name)) co_return Error::busy;
  if (!has_room_for_a_name()) co_return Error::out_of_memory;
  if (!links_have_room()) co_return Error::busy;
  Operation* const operation = take_operation();
  if (operation == nullptr) co_return Error::busy;
  const Service service{process, member_.incarnation()};
  if (!keep({State::promised, member_.self(), operation->number, name, service}))
    co_return Error::out_of_memory;
  OperationEnd ended(*operation);
  operation->phase = Operation::Phase::voting;
  operation->decision = {0,   operation->number, process, service.incarnation, Outcome::registered,
                         name};
  operation->missing = operation->told;
  operation->told.for_each([&](CoreNumber core) {
    post<propose>(platform_, core,
                  {member_.last_prepared(), operation->number, process, service.incarnation, name});
  });
  go_on(*operation);
  co_return co_await ended;
}

Task<> Names::remove(Name name) {
  Record* const record = find([&](const Record& each) {
    return each.state == State::registered && each.owner == member_.self() && each.name == name;
  });
  if (record == nullptr) co_return Error::not_found;
  Operation* const operation = take_operation();
  if (operation == nullptr) co_return Error::busy;
  operation->decision = {0, operation->number, 0, 0, Outcome::removed, name};
  OperationEnd ended(*operation);
  drop(*record);
  tell_all(*operation);
  co_return co_await ended;
}

bool Names::is_at_rest() const {
  const auto rests = [](const Record& record) {
    return record.state == State::free || record.state == State::registered;
  };
  const auto is_free = [](const Operation& operation) {
    return operation.phase == Operation::Phase::free;
  };
  return std::ranges::all_of(records_, rests) && std::ranges::all_of(operations_, is_free);
}

// ---- from other cores

void Names::handle(CoreNumber from, const Propose& message) {
  Record proposal = record_of(State::promised, from, message);
  //@ lab monitor.6a: static_cast<void>(proposal);
  if (Operation* const operation = own_vote_on(message.name)) {
    if (from > member_.self()) return answer(from, message.operation, Opinion::lost);
    give_up(*operation, Error::busy);
  }
  const Record* const holder = holder_of(message.name);
  if (is_being_removed(message.name) || (holder != nullptr && holder->state == State::registered))
    return answer(from, message.operation, Opinion::taken);
  if (holder != nullptr) proposal.state = State::kept;
  if (!has_room_for_a_name() || !keep(proposal))
    return answer(from, message.operation, Opinion::no_room);
  if (holder == nullptr) answer(from, message.operation, Opinion::yes);
  //@ end
}

void Names::handle(CoreNumber from, const Vote& message) {
  Operation* const operation = own(message.operation, Operation::Phase::voting);
  if (operation == nullptr) return;
  //@ lab monitor.6b:
  switch (message.opinion) {
    case Opinion::yes: operation->missing.remove(from); return go_on(*operation);
    case Opinion::taken: return give_up(*operation, Error::in_use);
    case Opinion::lost: return give_up(*operation, Error::busy);
    case Opinion::no_room: return give_up(*operation, Error::out_of_memory);
  }
  //@ end
}

void Names::handle(CoreNumber from, const Decide& message) {
  //@ lab monitor.6c:
  if (message.outcome == Outcome::registered) {
    // Only a core that has joined since, and was not asked, can have a proposal of its own.
    if (Operation* const operation = own_vote_on(message.name)) give_up(*operation, Error::in_use);
    Record* const record = find(from, message.operation);
    if (record != nullptr) record->state = State::free;
    static_cast<void>(keep(record_of(State::registered, from, message)));
    refuse_kept(message.name);
  } else {
    const bool is_name = message.outcome == Outcome::removed;
    Record* const record = find([&](const Record& each) {
      return each.owner == from &&
             (is_name ? each.name == message.name : each.operation == message.operation);
    });
    if (record != nullptr) drop(*record);
  }
  if (message.outcome != Outcome::dropped)
    post<done>(platform_, from, {member_.last_prepared(), message.operation});
  //@ end
}

void Names::handle(CoreNumber from, const Done& message) {
  Operation* const operation = own(message.operation, Operation::Phase::deciding);
  if (operation == nullptr) return;
  operation->missing.remove(from);
  go_on(*operation);
}

void Names::handle(CoreNumber from, const Known& message) {
  if (from != kCoordinator) return;
  static_cast<void>(keep(record_of(State::registered, message.owner, message)));
}

// ---- views

void Names::prepare(const Prepare& change) {
  change.change == Change::death ? forget(change.core) : introduce(change.core);
}

void Names::forget(CoreNumber dead) {
  //@ lab monitor.6d:
  for (Record& record : records_)
    if (record.owner == dead) record.state = State::free;
  for (const Record& record : records_)
    if (record.state == State::kept) promise_next(record.name);
  for (Operation& operation : operations_) {
    operation.missing.remove(dead);
    operation.told.remove(dead);
    go_on(operation);
  }
  //@ end
}

void Names::introduce(CoreNumber joiner) {
  if (member_.self() == kCoordinator) {
    for (const Record& record : records_)
      if (record.state == State::registered)
        post<known>(platform_, joiner,
                    {member_.last_prepared(), record.operation, record.service.process,
                     record.service.incarnation, record.owner, record.name});
  }
  //@ lab monitor.6e:
  for (Operation& operation : operations_) operation.told.add(joiner);
  // In their order: one may remove a name that another one has registered.
  for (Operation* each = next_decision(0); each != nullptr; each = next_decision(each->number)) {
    each->missing.add(joiner);
    each->decision.view = member_.last_prepared();
    post<agreement::decide>(platform_, joiner, each->decision);
  }
  //@ end
}

// ---- records

Names::Record* Names::find(CoreNumber owner, OperationNumber operation) {
  return find(
      [&](const Record& each) { return each.owner == owner && each.operation == operation; });
}

// The record to which `name` is promised, or with which it is registered.
Names::Record* Names::holder_of(const Name& name) {
  return find([&](const Record& each) { return each.state != State::kept && each.name == name; });
}

bool Names::has_room_for_a_name() const {
  const auto holds = [](const Record& record) {
    return record.state == State::promised || record.state == State::registered;
  };
  return static_cast<std::size_t>(std::ranges::count_if(records_, holds)) < kMostNames;
}

// For one more proposal. Each one has a decision later, for which no link is asked.
bool Names::links_have_room() const {
  CoreSet others = member_.linked();
  others.remove(member_.self());
  bool have_room = true;
  others.for_each([&](CoreNumber core) { have_room = have_room && platform_.has_room(core); });
  return have_room;
}

bool Names::keep(Record record) {
  Record* const place = std::ranges::find(records_, State::free, &Record::state);
  if (place == records_.end()) return false;
  *place = record;
  return true;
}

void Names::drop(Record& record) {
  record.state = State::free;
  promise_next(record.name);
}

// If no core has `name`: promises it to the smallest of the cores that wait for that.
void Names::promise_next(const Name& name) {
  if (holder_of(name) != nullptr) return;
  Record* smallest = nullptr;
  for (Record& record : records_)
    if (record.state == State::kept && record.name == name &&
        (smallest == nullptr || record.owner < smallest->owner))
      smallest = &record;
  if (smallest == nullptr) return;
  smallest->state = State::promised;
  answer(smallest->owner, smallest->operation, Opinion::yes);
}

void Names::refuse_kept(const Name& name) {
  for (Record& record : records_) {
    if (record.state != State::kept || record.name != name) continue;
    record.state = State::free;
    answer(record.owner, record.operation, Opinion::taken);
  }
}

// ---- operations of this core

// One that all linked cores will be told of; null: all are in progress.
Names::Operation* Names::take_operation() {
  Operation* const operation =
      std::ranges::find(operations_, Operation::Phase::free, &Operation::phase);
  if (operation == operations_.end()) return nullptr;
  operation->number = ++last_number_;
  operation->told = member_.linked();
  operation->told.remove(member_.self());
  return operation;
}

Names::Operation* Names::own(OperationNumber number, Operation::Phase phase) {
  for (Operation& operation : operations_)
    if (operation.phase == phase && operation.number == number) return &operation;
  return nullptr;
}

// Until no table has a name of this core any more, this core says that it is taken: else the old decision and a new owner's could
// reach a third core in either order.
bool Names::is_being_removed(const Name& name) const {
  return std::ranges::any_of(operations_, [&](const Operation& operation) {
    return operation.phase == Operation::Phase::deciding &&
           operation.decision.outcome == Outcome::removed && operation.decision.name == name;
  });
}

// The first operation behind number `after` about which the others are told a decision.
Names::Operation* Names::next_decision(OperationNumber after) {
  Operation* first = nullptr;
  for (Operation& operation : operations_)
    if (operation.phase == Operation::Phase::deciding && operation.number > after &&
        (first == nullptr || operation.number < first->number))
      first = &operation;
  return first;
}

Names::Operation* Names::own_vote_on(const Name& name) {
  for (Operation& operation : operations_)
    if (operation.phase == Operation::Phase::voting && operation.decision.name == name)
      return &operation;
  return nullptr;
}

void Names::tell_all(Operation& operation) {
  operation.phase = Operation::Phase::deciding;
  operation.missing = operation.told;
  operation.decision.view = member_.last_prepared();
  operation.told.for_each(
      [&](CoreNumber core) { post<agreement::decide>(platform_, core, operation.decision); });
  go_on(operation);
}

void Names::go_on(Operation& operation) {
  //@ lab monitor.6f:
  if (!operation.missing.is_empty()) return;
  if (operation.phase == Operation::Phase::voting) {
    find(member_.self(), operation.number)->state = State::registered;
    tell_all(operation);
  } else if (operation.phase == Operation::Phase::deciding) {
    end(operation, {});
  }
  //@ end
}

void Names::give_up(Operation& operation, Error error) {
  operation.decision.outcome = Outcome::dropped;
  operation.decision.view = member_.last_prepared();
  operation.told.for_each(
      [&](CoreNumber core) { post<agreement::decide>(platform_, core, operation.decision); });
  drop(*find(member_.self(), operation.number));
  end(operation, error);
}

void Names::end(Operation& operation, Result<void> result) {
  operation.result = result;
  operation.phase = operation.is_awaited ? Operation::Phase::over : Operation::Phase::free;
  if (operation.caller.coroutine) platform_.make_ready(operation.caller);
}

void Names::answer(CoreNumber core, OperationNumber operation, Opinion opinion) {
  post<vote>(platform_, core, {member_.last_prepared(), operation, opinion});
}

}  // namespace sprat::agreement
