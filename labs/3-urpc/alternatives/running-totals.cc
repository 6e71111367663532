//@ says A counter of things: running totals that only grow, words compared as they are, and one fence for each end that sleeps.

//@ answer urpc.1a
    lap_ += slots_;
    line_ -= slots_;
//@ end

//@ answer urpc.1b
    Line& line = out_.line();
    out_.pass(line);
    for (std::size_t i = kWords; i != 0; --i)
      line.words[i - 1].store(message.words[i - 1], std::memory_order_relaxed);
    line.control.store(control::header.mask() & std::uint64_t{message.header} << 32 | lower_half_,
                       std::memory_order_release);
    return {};
//@ end

//@ answer urpc.1c
    Error error = is_broken_off_ ? Error::malformed : Error::again;
    if (is_broken_off_) return error;
    const Line& line = in_.line();
    const Control seen(line.control.load(std::memory_order_acquire));
    if (!is_of_this_lap(seen)) return error;
    in_.pass(line);
    last_seen_ = seen;
    acknowledge_line();
    copy_out(line, seen, message);
//@ end

//@ answer urpc.1d
    const std::uint64_t seen = in_.line().control.load(std::memory_order_seq_cst);
    return is_broken_off_ || ((seen ^ in_.lap()) & control::lap.mask()) == 0;
//@ end

//@ answer urpc.2a
    if (is_broken_off_ || written() - acknowledged_ < out_.slots() || is_new(last_seen_)) return true;
    return !is_line_there() && reported_by_peer() > acknowledged_;
//@ end

//@ answer urpc.2b
      const std::uint64_t room = acknowledged_ + out_.slots() - written();
      out_.stop_after(room);
      if (room != 0) return true;
//@ end

//@ answer urpc.2c
    out_.stop_here();
    if (is_broken_off_) return false;
    std::uint64_t total = acknowledged_;
    if (is_new(last_seen_)) {
      total += static_cast<std::uint16_t>(last_seen_.get<control::acknowledged>() - acknowledged_);
    } else if (!is_line_there()) {
      const std::uint64_t reported = reported_by_peer();
      total = reported < total ? total : reported;
    }
    if (total > written()) return break_off();
    const std::uint64_t room = total - acknowledged_;
    if (room == 0) return false;
    acknowledged_ = total;
    last_seen_ = Control().with<control::acknowledged>(total);
    out_.stop_after(room);
    return true;
//@ end

//@ answer urpc.2d
    const auto more = static_cast<std::uint16_t>(seen.get<control::acknowledged>() - acknowledged_);
    return more != 0 && more < 0x10000 - out_.slots();
//@ end

//@ answer urpc.2e
    is_broken_off_ = true;
    return false;
//@ end

//@ answer urpc.2f
    const std::uint64_t total = written();
    const bool is_silent = total == written_before_;
    written_before_ = total;
    if (is_silent) report(told_ = in_.number());
    return is_silent;
//@ end

//@ answer urpc.2g
    // The line that the peer could not write before the report is the only one that tells.
    const std::uint64_t number = told_ - 1;
    const std::uint64_t there = in_.line_of(number).control.load(std::memory_order_acquire);
    return static_cast<std::uint16_t>(there) == static_cast<std::uint16_t>(number - number % in_.slots());
//@ end

//@ answer urpc.2h
  std::uint64_t written() const { return out_.number(); }

  std::uint64_t acknowledged_ = out_.number();
  std::uint64_t told_ = in_.number();
  std::uint64_t written_before_ = out_.number();
//@ end

//@ answer urpc.3a
    Line& line = out_.line();
    const Control there(line.control.load(std::memory_order_acquire));
    if ((there.raw() & 1) == 1) return Error::again;
    for (std::size_t i = 0; i < kWords; ++i)
      line.words[i].store(message.words[i], std::memory_order_relaxed);
    line.control.store(std::uint64_t{message.header} << 32 | 1, std::memory_order_release);
    out_.advance();
    return {};
//@ end

//@ answer urpc.3b
    Line& line = in_.line();
    const std::uint64_t seen = line.control.load(std::memory_order_acquire);
    const bool is_there = (seen & 1) != 0;
    if (is_there) {
      copy_out(line, Control(seen), message);
      line.control.store(0, std::memory_order_release);
      in_.advance();
      made_room();
    }
    return is_there ? Result<void>() : Error::again;
//@ end

//@ answer urpc.3c
    const std::uint64_t word = in_.line().control.load(std::memory_order_seq_cst);
    return (word & 1) != 0;
//@ end

//@ answer urpc.3d
    const std::uint64_t word = out_.line().control.load(std::memory_order_seq_cst);
    return (word & 1) == 0;
//@ end

//@ answer urpc.4a
    const Result<void> sent = ring_.send(message);
    if (!sent) return sent.error();
    this->wake_peer();
    return sent;
//@ end

//@ answer urpc.4b
    const auto tell = [this] { this->wake_peer(); };
    return ring_.receive(message, tell);
//@ end

//@ answer urpc.4c
    fence();
    const Status seen(peer_.control.load(std::memory_order_relaxed));
    if (seen.raw() != 0) answer(seen);
//@ end

//@ answer urpc.4d
    if (const std::uint64_t seen = peer_.control.load(std::memory_order_seq_cst); seen != 0)
      answer(Status(seen));
//@ end

//@ answer urpc.4e
    const Status word = asleep(wish, ring_.lines_read(), sleeps_ + 1);
    own_.control.store(word.raw(), std::memory_order_seq_cst);
    sleeps_ = word.get<status::sleep_number>();
//@ end

//@ answer urpc.4f
    const Status awake;
    own_.control.store(awake.raw(), std::memory_order_release);
//@ end

//@ answer urpc.4g
    if (seen.get<status::gone>() != 0) {
      peer_is_gone_ = true;
    } else if (seen != answered_) {
      const auto lines = static_cast<std::uint16_t>(seen.get<status::lines_read>());
      if (!ring_.peer_would_find(lines, seen.get<status::for_room>() != 0)) return;
      signal_();
      answered_ = seen;
    }
//@ end

//@ answer urpc.4h
  std::uint64_t polled = 0;
  for (const std::uint64_t began = machine.now(); polled <= poll_cycles;) {
    if (found()) return;
    machine.relax();
    polled = machine.now() - began + 1;
  }
  for (auto& end : ends) {
    end.announce(wish);
    fence();
  }
  const bool may_sleep = !found();
  if (may_sleep) machine.sleep();
  for (auto& end : ends) end.withdraw();
//@ end

//@ answer urpc.5a
    if (any_sender()) return Error::again;
    return transport().send_now(message);
//@ end

//@ answer urpc.5b
      while (!this->is_over()) this->result = link_.transport().send_now(message_);
//@ end

//@ answer urpc.5c
    if (!receivers_.empty()) return Error::again;
    return transport().receive_now(message);
//@ end

//@ answer urpc.5d
    Operation& first = static_cast<Operation&>(receivers_.front());
    first.result = transport().receive_now(static_cast<Receiving&>(first).message_);
    if (first.is_over()) resume(first);
    else return false;
    return true;
//@ end

//@ answer urpc.5e
    resume(static_cast<Operation&>(senders_.front()));
//@ end

//@ answer urpc.5f
    for (; !receivers_.empty(); loop_->make_ready(receivers_.front()))
      static_cast<Operation&>(receivers_.front()).result = error;
    for (; !senders_.empty(); loop_->make_ready(senders_.front()))
      static_cast<Operation&>(senders_.front()).result = error;
//@ end

//@ answer urpc.5g
  Result<void> kept;
  for (std::size_t lines = 0; lines <= kMostKept && kept; ++lines) {
    if (end_->has_room() || end_->peer_is_gone()) return true;
    kept = keep();
  }
  return end_->has_room() || kept.error() == Error::malformed;
//@ end

//@ answer urpc.5h
  const bool is_room = make_room();
  if (is_room) resume_sender();
  return is_room || deliver();
//@ end

//@ answer urpc.5i
  if (end_->peer_is_gone()) return any_receiver() || any_sender();
  if (end_->has_line() && (any_receiver() || (any_sender() && kept_count_ != kMostKept))) return true;
  return (kept_count_ != 0 && any_receiver()) || (any_sender() && end_->has_room());
//@ end

//@ answer urpc.5j
    if (!call.has_number()) return;
    pending_[call.number] = nullptr;
    call.transmission = Task<>();
    if (((answerable_ >> call.number) & 1) == 0) numbers_.give_back(call.number);
//@ end

//@ answer urpc.5k
    const LineHeader header{line.header};
    const std::size_t number = header.get<line_header::call>();
    const std::uint64_t is_last = header.get<line_header::last>();
    if (number >= kMostCalls || ((answerable_ >> number) & 1) == 0) return Error::malformed;
    PendingCall* const call = pending_[number];
    Result<void> taken;
    if (call != nullptr) taken = call->take(line);
    if (!taken || is_last == 0) return taken;
    answerable_ ^= bit(number);
    numbers_.give_back(number);
    if (call != nullptr) resume(*call);
    return taken;
//@ end

//@ answer urpc.5l
    const auto number = co_await numbers_.taken();
    Result<void> outcome = outcome_;
    std::size_t sent = 0;
    if (number && outcome) begin(call, number.value());
    for (; outcome && sent < out.lines; ++sent) {
      const auto line = out.line(sent, number.value());
      outcome = co_await link_.send(line);
      if (call.is_over) co_return {};
    }
    if (sent == out.lines && outcome && call.wants_reply()) {
      answerable_ += bit(number.value());
      co_return {};
    }
    if (number) numbers_.give_back(number.value());
    end(call, outcome);
    co_return {};
//@ end

//@ answer urpc.6a
  return static_cast<std::uint32_t>(message | call << 8 | fragment << 24) |
         static_cast<std::uint32_t>(is_last) << 31;
//@ end

//@ answer urpc.6b
    result.header = header_of(message, call, index, index + 1 == lines);
    const std::uint64_t* const from = words + index * kLineWords;
    for (std::size_t i = 0; i < kLineWords; ++i) result.words[i] = from[i];
//@ end

//@ answer urpc.6c
    for (std::size_t i = used_; i < lines() * kLineWords; ++i) words_[i] = 0;
//@ end

//@ answer urpc.6d
    const std::uint32_t kOfOneMessage = 0x00ff'ffff;
    const std::size_t fragment = line.header >> 24 & 0x7f;
    if (fragment == 0) lines_ = 0;
    const bool is_next =
        fragment == 0 || (fragment == lines_ && (line.header & kOfOneMessage) == of_);
    if (!is_next || (lines_ + 1) * kLineWords > room.size()) {
      lines_ = kNoLines;
      return Error::malformed;
    }
    of_ = line.header & kOfOneMessage;
    for (std::size_t i = 0; i < kLineWords; ++i) room[lines_ * kLineWords + i] = line.words[i];
    ++lines_;
    words_ = lines_ * kLineWords;
    const bool is_last = line.header >> 31 != 0;
    if (is_last) lines_ = kNoLines;
    return is_last;
//@ end

//@ answer urpc.6e
  static constexpr std::size_t kNoLines = 1000;
  std::size_t lines_ = kNoLines;  // so many have come
  std::uint32_t of_ = 0;
  std::size_t words_ = 0;
//@ end
