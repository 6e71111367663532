//@ says Tells odd cores before even ones, and core 0 last of all or first; counts with sets where the reference counts with loops.

//@ answer monitor.1a
  if (!expected_.has(from)) return;
  joining_.add(from);
  expected_.remove(from);
  if (missing_.is_empty() || !is_changing_) go_on();
//@ end

//@ answer monitor.1d
  const Prepare message{member_.view() + 1, member_.view() + 1, core, change};
  const CoreSet asked = others();
  missing_ = asked;
  missing_.add(kCoordinator);
  for (const CoreNumber rest : {1u, 0u})
    asked.for_each([&](CoreNumber to) {
      if (to % 2 == rest) post<agreement::prepare>(platform_, to, message);
    });
  member_.handle(kCoordinator, message);
//@ end

//@ answer monitor.1e
  const Commit message{member_.last_prepared(), member_.view() + 1, core_, change_};
  CoreSet receivers = others();
  receivers.remove(core_);
  for (const CoreNumber rest : {1u, 0u})
    receivers.for_each([&](CoreNumber to) {
      if (to % 2 == rest) post<agreement::commit>(platform_, to, message);
    });
  if (change_ == Change::join) {
    tell_members(core_);
    post<agreement::commit>(platform_, core_, message);
  }
  member_.handle(kCoordinator, message);
//@ end

//@ answer monitor.1h
  if (message.change == Change::join) cores_.add(message.core);
  view_ = message.number;
  if (message.core == self_) {
    CoreSet strangers = cores_;
    strangers.remove(self_);
    strangers.remove(kCoordinator);
    for (const CoreNumber rest : {1u, 0u})
      strangers.for_each([&](CoreNumber core) {
        if (core % 2 == rest) platform_.open(core);
      });
    linked_ = cores_;
    incarnation_ = view_;
    prepared_ = view_;
    platform_.view_is_prepared();
  }
//@ end

//@ answer monitor.5a
  for (const SharedFrame& frame : frames_) {
    if (!frame.is_used || !range.has(frame.frame.base)) continue;
    member_.linked().for_each([&](CoreNumber core) {
      if (holding_of(frame, core) != nullptr) operation->missing.add(core);
    });
  }
  for (const CoreNumber rest : {1u, 0u})
    operation->missing.for_each([&](CoreNumber core) {
      if (core % 2 == rest)
        post<agreement::revoke>(
            platform_, core, {member_.last_prepared(), operation->number, range.begin, range.end});
    });
//@ end

//@ answer monitor.5e
  for (SharedFrame& frame : frames_) {
    if (!frame.is_used) continue;
    if (holding_of(frame, change.core) != nullptr) remove(frame, change.core);
  }
  for (Operation& operation : operations_) {
    if (!operation.missing.has(change.core)) continue;
    operation.missing.remove(change.core);
    go_on(operation);
  }
//@ end

//@ answer monitor.6b
  if (message.opinion != Opinion::yes) {
    const Error error = message.opinion == Opinion::taken  ? Error::in_use
                        : message.opinion == Opinion::lost ? Error::busy
                                                           : Error::out_of_memory;
    return give_up(*operation, error);
  }
  if (!operation->missing.has(from)) return;
  operation->missing.remove(from);
  go_on(*operation);
//@ end

//@ answer monitor.7c
  if (expected_.has(core) || joining_.has(core)) {
    platform_.fence(core);
    platform_.close(core);
    joining_.remove(core);
    expected_.remove(core);
  } else {
    missing_.remove(core);
    stopped_.add(core);
    platform_.fence(core);
    go_on();
  }
//@ end

//@ answer monitor.2c
  std::size_t kept = 0;
  for (std::size_t i = 0; i < early_count_; ++i) {
    const bool is_it = early_[i].from == from && early_[i].message.my == message.my;
    if (!is_it) early_[kept++] = early_[i];
  }
  const bool was_early = kept != early_count_;
  early_count_ = kept;
  if (was_early) refuse(from, message, Error::not_found);
//@ end

//@ answer monitor.3a
  for (std::uint32_t offset = 0; offset < length; offset += 48) {
    TextMessage message{.token = token, .offset = offset};
    const std::size_t letters = std::min<std::size_t>(48, length - offset);
    std::copy_n(command_line.begin() + offset, letters, message.text.begin());
    if (const auto posted = links_.post(record.core, LineKind::text, message); !posted) return posted;
  }
  return links_.post(record.core, LineKind::run, run);
//@ end
