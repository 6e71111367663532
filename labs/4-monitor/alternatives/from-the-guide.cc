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
  const CoreSet asked = others();
  missing_ = asked;
  missing_.add(kCoordinator);
  for (CoreNumber to = kMostCores - 1; to != kCoordinator; --to)
    if (asked.has(to)) post<agreement::prepare>(platform_, to, message);
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
    if (receivers.has(to) && to != core_) post<agreement::commit>(platform_, to, message);
  member_.handle(kCoordinator, message);
//@ end

//@ answer monitor.1f
    linked_.add(message.core);
    if (self_ != kCoordinator) platform_.open(message.core);
//@ end

//@ answer monitor.1g
  ViewObserver* observer = observers_;
  while (observer != nullptr) {
    observer->prepare(message);
    observer = observer->next;
  }
  release();
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

//@ answer monitor.4a
  if (!page.is_being_limited && page.most != Mapping::none) {
    const auto sent = send(page.most);
    if (sent) note(page, only(core), page.most);
    return sent ? Result<Mapping>(page.most) : sent.error();
  }
  if (!page.is_being_limited) return Error::no_rights;
  page.waiting |= only(core);
  return Error::busy;
//@ end

//@ answer monitor.4b
  if (page.is_being_limited) return Error::busy;
  Cores told = 0;
  for (std::uint64_t core = 0; core < kMaxCores; ++core) {
    const bool may_write = (page.writers & only(core)) != 0;
    const bool may_read = may_write || (page.readers & only(core)) != 0;
    if (mapping == Mapping::none ? may_read : may_write && mapping != Mapping::writable)
      told |= only(core);
  }
  page.most = mapping;
  page.is_being_limited = true;
  return told;
//@ end

//@ answer monitor.4c
  for (Cores rest = cores & (page.readers | page.writers); rest != 0; rest &= rest - 1)
    note(page, only(first_of(rest)), page.most);
//@ end

//@ answer monitor.4d
  const Cores told_busy = page.waiting;
  page.waiting = 0;
  page.is_being_limited = false;
  return told_busy;
//@ end

//@ answer monitor.4e
  const Cores others = ~only(core);
  for (std::size_t number = 0; number < pages_.size(); ++number) {
    pages_[number].readers &= others;
    pages_[number].writers &= others;
    pages_[number].waiting &= others;
  }
//@ end

//@ answer monitor.4f
  limits_ += 1;
  return mapping < may_ ? let(mapping) : false;
//@ end

//@ answer monitor.4g
  const bool has_come_since = limits_when_asked != limits_;
  return !has_come_since;
//@ end

//@ answer monitor.5a
  for (const SharedFrame& frame : frames_) {
    if (!frame.is_used || !range.has(frame.frame.base)) continue;
    for (CoreNumber core = 0; core < kMostCores; ++core)
      if (holding_of(frame, core) != nullptr) operation->missing.add(core);
  }
  const Revoke message{.view = member_.last_prepared(),
                       .operation = operation->number,
                       .begin = range.begin,
                       .end = range.end};
  for (CoreNumber core = kMostCores; core-- > 0;)
    if (operation->missing.has(core)) post<agreement::revoke>(platform_, core, message);
//@ end

//@ answer monitor.5b
  const bool is_known = member_.linked().has(message.to);
  if (!is_known || member_.admitted(message.to) > message.view) return;
  const SharedFrame* const frame = find(message.base);
  Result<void> sent = Error::no_capability;
  if (frame != nullptr && !is_being_revoked(message.base))
    sent = post_copy({message.base, frame->frame.bits, message.rights}, message.to, message.ticket,
                     from);
  if (!sent) refuse(message.to, message.ticket, from, sent.error());
//@ end

//@ answer monitor.5c
  if (SharedFrame* const frame = find(message.base)) {
    const Holding* const holding = holding_of(*frame, from);
    if (holding != nullptr && holding->stamp == message.stamp) remove(*frame, from);
  }
//@ end

//@ answer monitor.5d
  const auto operation = std::ranges::find(operations_, message.operation, &Operation::number);
  if (operation == operations_.end() || !operation->is_in_progress()) return;
  operation->missing.remove(from);
  go_on(*operation);
//@ end

//@ answer monitor.5e
  for (Operation& operation : operations_) operation.missing.remove(change.core);
  for (Operation& operation : operations_) go_on(operation);
  for (SharedFrame& frame : frames_)
    if (frame.is_used && holding_of(frame, change.core) != nullptr) remove(frame, change.core);
//@ end

//@ answer monitor.5f
  ForeignFrame* const frame = find(message.base);
  if (frame != nullptr) frame->stamp = message.stamp;
  const auto give_back = [&] {
    if (frame == nullptr)
      post<dropped>(platform_, from, {member_.last_prepared(), message.base, message.stamp});
  };
  if (!tickets_.is_expected(message.ticket, message.asker)) return give_back();
  ForeignFrame* place = frame;
  for (ForeignFrame& each : frames_)
    if (place == nullptr && !each.is_used) place = &each;
  const Frame received{.base = message.base, .bits = message.bits, .rights = message.rights};
  if (place == nullptr || !memory_.adopt(received, from, message.ticket)) {
    give_back();
    return tickets_.failed(message.ticket, message.asker, Error::out_of_memory);
  }
  if (frame == nullptr) *place = {received, true, false, from, message.stamp};
  tickets_.arrived(message.ticket, from, received);
//@ end

//@ answer monitor.5g
  const Range range{message.begin, message.end};
  if (!begin_sweep(from, range, Error::no_capability)) {
    post<gone>(platform_, from, {member_.last_prepared(), message.operation});
    return;
  }
  for (PendingRevoke& pending : revokes_) {
    if (pending.is_used || !is_started_) continue;
    pending = {true, from, message.operation, range};
    return;
  }
//@ end

//@ answer monitor.5h
  ForeignFrame* const frame = find(base);
  if (frame != nullptr && !frame->is_dying && memory_.drop(base)) {
    post<dropped>(platform_, frame->owner, {member_.last_prepared(), base, frame->stamp});
    frame->is_used = false;
  }
//@ end

//@ answer monitor.5i
  if (has_frames(change.core, kEverywhere)) {
    dead_ = change.core;
    member_.hold();
    begin_sweep(change.core, kEverywhere, Error::peer_gone);
    if (!is_started_) sweep_all();
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

//@ answer monitor.2a
  if (Process* const server = find_listener(message)) {
    const auto number = offer(from, message, *server);
    if (number) {
      const Binding& end = *at(number.value());
      post(end, LineKind::bound, message_from(end, *server));
      client_of(*server).signal();
    } else {
      refuse(from, message, number.error());
    }
  } else if (!may_listen(message)) {
    refuse(from, message, Error::not_found);
  } else if (early_count_ < early_.size()) {
    early_[early_count_] = {from, message};
    ++early_count_;
  } else {
    refuse(from, message, Error::out_of_memory);
  }
//@ end

//@ answer monitor.2b
  if (message.status != kStatusOk) {
    refuse_end(*binding, error_of(message.status));
  } else {
    binding->peer_number = message.my;
    binding->transport = transport_of(*binding);
    auto doorbell = doorbell_of(message.apic_id, message.line);
    binding->state = State::open;
    if (doorbell) binding->peers_doorbell = std::move(doorbell.value());
    if (!doorbell) refuse_end(*binding, doorbell.error());
  }
  if (!binding->is_closed) return signal(binding->process);
  finish(*binding);
//@ end

//@ answer monitor.2c
  for (std::size_t i = 0; i < early_count_; ++i) {
    if (early_[i].from != from || early_[i].message.my != message.my) continue;
    for (--early_count_; i < early_count_; ++i) early_[i] = early_[i + 1];
    return refuse(from, message, Error::not_found);
  }
//@ end

//@ answer monitor.2d
  if (Binding* const binding = find_peer(from, message)) {
    if (message.status != kStatusOk) signal(binding->process);
    binding->peer_is_closed = true;
    free_if_closed(*binding);
  }
//@ end

//@ answer monitor.2e
  const bool is_first = binding.side == urpc::Side::first;
  if (binding.state == State::open || binding.state == State::offered) {
    mark_as_left(binding, is_first ? urpc::Side::second : urpc::Side::first);
  } else if (binding.state == State::asked) {
    refuse_end(binding, Error::peer_gone);
  }
  signal(binding.process);
//@ end

//@ answer monitor.3a
  TextMessage piece{.token = token, .offset = 0};
  while (piece.offset < length) {
    piece.text = {};
    const std::uint32_t letters = std::min(length - piece.offset, std::uint32_t{40});
    std::copy_n(&command_line[piece.offset], letters, piece.text.begin());
    const auto posted = links_.post(record.core, LineKind::text, piece);
    if (!posted) return posted;
    piece.offset += letters;
  }
  return links_.post(record.core, LineKind::run, run);
//@ end

//@ answer monitor.3b
  if (message.status == kStatusOk) {
    record->state = Record::State::runs;
    record->number = message.number;
  } else {
    record->state = Record::State::failed;
    record->error = error_of(message.status);
  }
  record->waiters.signal();
  record->waiters = {};
  const bool has_parent = record->parent != 0;
  if (!has_parent && record->state == Record::State::failed) {
    *record = {};
  } else if (!has_parent && record->is_dispatcher) {
    kill(*record);
  }
//@ end

//@ answer monitor.3c
  const std::string_view piece = until_zero({message.text.data(), message.text.size()});
  if (message.offset != starting->length) return;
  if (message.offset + piece.size() >= starting->text.size()) return;
  std::ranges::copy(piece, &starting->text[message.offset]);
  starting->length += static_cast<std::uint32_t>(piece.size());
//@ end

//@ answer monitor.3d
    const auto number = start(starting);
    const bool must_wait = !number && number.error() == Error::again;
    if (must_wait) continue;
    Starting started;
    std::swap(started, starting);
    RanMessage told{.token = started.token, .status = kStatusOk, .number = 0};
    if (number) {
      told.number = number.value();
      const Process& process = *processes_.find(told.number);
      guests_[processes_.place_of(process)] = {.number = told.number,
                                               .core = started.from,
                                               .token = started.token,
                                               .is_dispatcher = started.home != 0};
    } else {
      told.status = status_of(number.error());
    }
    static_cast<void>(links_.post(started.from, LineKind::ran, told));
//@ end

//@ answer monitor.3e
    if (record.state != Record::State::asked) {
      set_ended(record);
      continue;
    }
    record.state = Record::State::failed;
    record.error = Error::peer_gone;
    record.waiters.signal();
    record.waiters = {};
    if (record.parent == 0) record = {};
//@ end
