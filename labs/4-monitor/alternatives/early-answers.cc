//@ says Answers before it changes its own tables, where the order cannot be seen; does core 0's own part last.

//@ answer monitor.1b
  if (!is_changing_ || !missing_.has(from)) return;
  missing_.remove(from);
  go_on();
//@ end

//@ answer monitor.1c
    const bool must_wait = is_changing_ && !missing_.is_empty();
    if (must_wait) return;
    if (is_changing_) commit();
//@ end

//@ answer monitor.1f
    const bool has_none = !linked_.has(message.core) && self_ != kCoordinator;
    linked_.add(message.core);
    if (has_none) platform_.open(message.core);
//@ end

//@ answer monitor.4a
  const bool is_refused = page.is_being_limited || page.most == Mapping::none;
  if (is_refused) {
    if (page.is_being_limited) page.waiting |= only(core);
    return page.is_being_limited ? Error::busy : Error::no_rights;
  }
  const Mapping mapping = page.most;
  const Page before = page;
  note(page, only(core), mapping);
  const auto sent = send(mapping);
  if (!sent) page = before;
  return sent ? Result<Mapping>(mapping) : Result<Mapping>(sent.error());
//@ end

//@ answer monitor.4b
  if (std::exchange(page.is_being_limited, true)) return Error::busy;
  const Cores beyond_none = page.readers | page.writers, beyond_read_only = page.writers;
  switch (page.most = mapping) {
    case Mapping::none: return beyond_none;
    case Mapping::read_only: return beyond_read_only;
    default: return Cores{0};
  }
//@ end

//@ answer monitor.4c
  const Cores former_writers = page.writers & cores;
  page.writers ^= former_writers;
  page.readers = page.most == Mapping::none ? page.readers & ~cores : page.readers | former_writers;
//@ end

//@ answer monitor.5c
  SharedFrame* const frame = find(message.base);
  const bool is_last = frame != nullptr && frame->holdings.find([&](const Holding& holding) {
    return holding.core == from && holding.stamp == message.stamp;
  }) != nullptr;
  if (is_last) remove(*frame, from);
//@ end

//@ answer monitor.5g
  const Range range{message.begin, message.end};
  if (!has_frames(from, range)) {
    post<gone>(platform_, from, {member_.last_prepared(), message.operation});
    return;
  }
  const auto place = std::ranges::find(revokes_, false, &PendingRevoke::is_used);
  const bool is_kept = place != revokes_.end() && is_started_;
  if (is_kept) *place = {true, from, message.operation, range};
  begin_sweep(from, range, Error::no_capability);
  if (is_kept) return;
//@ end

//@ answer monitor.6c
  if (message.outcome != Outcome::dropped)
    post<done>(platform_, from, {member_.last_prepared(), message.operation});
  if (message.outcome == Outcome::registered) {
    if (Operation* const operation = own_vote_on(message.name)) give_up(*operation, Error::in_use);
    if (Record* const record = find(from, message.operation)) record->state = State::free;
    refuse_kept(message.name);
    static_cast<void>(keep(record_of(State::registered, from, message)));
    return;
  }
  for (Record& record : records_) {
    if (record.state == State::free || record.owner != from) continue;
    const bool is_it = message.outcome == Outcome::removed ? record.name == message.name
                                                           : record.operation == message.operation;
    if (is_it) return drop(record);
  }
//@ end

//@ answer monitor.6f
  if (!operation.missing.is_empty()) return;
  if (operation.phase == Operation::Phase::deciding) return end(operation, {});
  if (operation.phase != Operation::Phase::voting) return;
  Record* const record = find(member_.self(), operation.number);
  record->state = State::registered;
  tell_all(operation);
//@ end

//@ answer monitor.7d
    linked_.remove(message.core);
    suspected_.remove(message.core);
    platform_.close(message.core);
//@ end

//@ answer monitor.2a
  Process* const server = find_listener(message);
  if (server == nullptr && !may_listen(message)) return refuse(from, message, Error::not_found);
  if (server == nullptr && early_count_ == early_.size())
    return refuse(from, message, Error::out_of_memory);
  if (server == nullptr) {
    early_[early_count_++] = {from, message};
    return;
  }
  const auto number = offer(from, message, *server);
  if (number) client_of(*server).signal();
  if (!number) return refuse(from, message, number.error());
  post(*at(number.value()), LineKind::bound, message_from(*at(number.value()), *server));
//@ end

//@ answer monitor.3d
    const auto number = start(starting);
    if (!number && number.error() == Error::again) continue;
    const std::uint64_t its_number = number ? number.value() : 0;
    if (number)
      guests_[processes_.place_of(*processes_.find(its_number))] = {its_number, starting.from, starting.token, starting.home != 0};
    const Starting started = std::exchange(starting, Starting());
    static_cast<void>(links_.post(started.from, LineKind::ran, RanMessage{started.token, number ? kStatusOk : status_of(number.error()), its_number}));
//@ end
