//@ says Written from the guide: other orders where the contract leaves them open, cores counted down, the joiner told first.

//@ answer monitor.1a
  if (expected_.has(from)) {
    expected_.remove(from);
    joining_.add(from);
    if (!is_changing_) go_on();
  }
//@ end

//@ answer monitor.1b
  if (!is_changing_) return;
  missing_.remove(from);
  if (missing_.is_empty()) go_on();
//@ end

//@ answer monitor.1c
    if (is_changing_) {
      if (missing_.size() != 0) return;
      commit();
    }
//@ end

//@ answer monitor.1d
  const Prepare message{.view = member_.view() + 1,
                        .number = member_.view() + 1,
                        .core = core,
                        .change = change};
  missing_ = others();
  for (CoreNumber to = kMostCores - 1; to != kCoordinator; --to)
    if (missing_.has(to)) post<prepare>(platform_, to, message);
  member_.handle(kCoordinator, message);
//@ end

//@ answer monitor.1e
  const ViewNumber number = member_.last_prepared();
  const Commit message{number, number, core_, change_};
  if (change_ == Change::join) {
    tell_members(core_);
    post<agreement::commit>(platform_, core_, message);
  }
  const CoreSet receivers = others();
  for (CoreNumber to = kMostCores - 1; to != kCoordinator; --to)
    if (receivers.has(to)) post<agreement::commit>(platform_, to, message);
  member_.handle(kCoordinator, message);
//@ end

//@ answer monitor.1f
    linked_.add(message.core);
    platform_.open(message.core);
//@ end

//@ answer monitor.1g
  ViewObserver* observer = observers_;
  while (observer != nullptr) {
    observer->prepare(message);
    observer = observer->next;
  }
  if (self_ != kCoordinator) post<prepared>(platform_, kCoordinator, {message.number});
  platform_.view_is_prepared();
//@ end

//@ answer monitor.1h
  view_ = message.number;
  if (message.change == Change::join) cores_.add(message.core);
  if (message.change == Change::join && message.core == self_) {
    for (CoreNumber core = kMostCores - 1; core != kCoordinator; --core)
      if (core != self_ && cores_.has(core)) platform_.open(core);
    linked_ = cores_;
    incarnation_ = message.number;
    prepared_ = message.number;
    platform_.view_is_prepared();
  }
//@ end

//@ answer monitor.6a
  const Record* const holder = holder_of(message.name);
  const bool is_registered = holder != nullptr && holder->state == State::registered;
  if (is_registered || is_being_removed(message.name)) {
    answer(from, message.operation, Opinion::taken);
    return;
  }
  Operation* const own_operation = own_vote_on(message.name);
  if (own_operation != nullptr && member_.self() < from) {
    answer(from, message.operation, Opinion::lost);
    return;
  }
  if (own_operation != nullptr) give_up(*own_operation, Error::busy);
  const bool is_promised = holder_of(message.name) != nullptr;
  proposal.state = is_promised ? State::kept : State::promised;
  const bool is_kept = has_room_for_a_name() && keep(proposal);
  if (!is_kept) answer(from, message.operation, Opinion::no_room);
  if (is_kept && !is_promised) answer(from, message.operation, Opinion::yes);
//@ end

//@ answer monitor.6b
  if (message.opinion == Opinion::yes) {
    operation->missing.remove(from);
    if (operation->missing.is_empty()) go_on(*operation);
  } else if (message.opinion == Opinion::taken) {
    give_up(*operation, Error::in_use);
  } else {
    give_up(*operation, message.opinion == Opinion::lost ? Error::busy : Error::out_of_memory);
  }
//@ end

//@ answer monitor.6d
  for (Operation& operation : operations_) {
    operation.told.remove(dead);
    operation.missing.remove(dead);
  }
  for (Record& record : records_)
    if (record.state != State::free && record.owner == dead) record.state = State::free;
  for (std::size_t i = 0; i < records_.size(); ++i)
    if (records_[i].state == State::kept) promise_next(records_[i].name);
  for (Operation& operation : operations_) go_on(operation);
//@ end

//@ answer monitor.6f
  if (operation.missing.size() != 0) return;
  switch (operation.phase) {
    case Operation::Phase::voting:
      find(member_.self(), operation.number)->state = State::registered;
      return tell_all(operation);
    case Operation::Phase::deciding: return end(operation, {});
    default: return;
  }
//@ end

//@ answer monitor.7a
  const bool is_strange = !cores_.has(core) || core == self_ || core == kCoordinator;
  if (is_strange || suspected_.has(core)) return;
  post<agreement::suspect>(platform_, kCoordinator, {.view = prepared_, .core = core});
  suspected_.add(core);
//@ end

//@ answer monitor.7b
  if (member_.cores().has(from) && !stopped_.has(from)) declare_dead(message.core);
//@ end

//@ answer monitor.7c
  platform_.fence(core);
  const bool is_known_here_only = expected_.has(core) || joining_.has(core);
  expected_.remove(core);
  joining_.remove(core);
  if (is_known_here_only) {
    platform_.close(core);
  } else {
    missing_.remove(core);
    stopped_.add(core);
    go_on();
  }
//@ end

//@ answer monitor.7d
    suspected_.remove(message.core);
    linked_.remove(message.core);
    platform_.close(message.core);
//@ end
