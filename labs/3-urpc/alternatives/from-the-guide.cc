//@ says From the guide alone, by an author without the reference: keeps the first line that may not be written, and judges acknowledgements behind one branch.

//@ answer urpc.1a
    line_ = begin_;
    lap_ += slots_;
//@ end

//@ answer urpc.1b
    Line& line = out_.line();
    fill(line, message);
    line.control.store(std::uint64_t{message.header} << 32 | lower_half_, std::memory_order_release);
    out_.pass(line);
    return {};
//@ end

//@ answer urpc.1c
    const Line& line = in_.line();
    const Control seen(line.control.load(std::memory_order_acquire));
    if (!is_of_this_lap(seen)) {
      if (is_broken_off_) return Error::malformed;
      return Error::again;
    }
    copy_out(line, seen, message);
    in_.pass(line);
    last_seen_ = seen;
    acknowledge_line();
//@ end

//@ answer urpc.1d
    return is_broken_off_ || is_line_there();
//@ end

//@ answer urpc.2a
    if (is_broken_off_) return true;
    if (out_.number() < limit_) return true;
    if (is_new(last_seen_)) return true;
    if (is_line_there()) return false;
    return reported_by_peer() + out_.slots() > limit_;
//@ end

//@ answer urpc.2b
      if (out_.number() < limit_) {
        out_.stop_after(limit_ - out_.number());
        return true;
      }
//@ end

//@ answer urpc.2c
    out_.stop_here();
    const std::uint64_t slots = out_.slots();
    std::uint64_t in_flight = slots;
    if (is_new(last_seen_)) {
      in_flight = static_cast<std::uint16_t>(limit_ - last_seen_.get<control::acknowledged>());
    } else {
      if (is_broken_off_ || is_line_there()) return false;
      const std::uint64_t reported = reported_by_peer();
      if (reported + slots <= limit_ && reported < limit_) return false;
      in_flight = limit_ - reported;
    }
    if (in_flight >= slots) return break_off();
    last_seen_ = Control().with<control::acknowledged>(limit_ - in_flight);
    limit_ += slots - in_flight;
    out_.stop_after(slots - in_flight);
    return true;
//@ end

//@ answer urpc.2d
    const auto in_flight = static_cast<std::uint16_t>(limit_ - seen.get<control::acknowledged>());
    return in_flight < out_.slots() || in_flight > 2 * out_.slots();
//@ end

//@ answer urpc.2e
    is_broken_off_ = true;
    in_ = Cursor(std::span(&unwritten_line, 1));
    last_seen_ = Control().with<control::acknowledged>(limit_ - out_.slots());
    return false;
//@ end

//@ answer urpc.2f
    const std::uint64_t sent = out_.number() - sent_before_;
    sent_before_ += sent;
    if (sent != 0) return false;
    told_ = in_.number();
    report(told_);
    return true;
//@ end

//@ answer urpc.2g
    const std::uint64_t mask = in_.slots() - 1;
    const Control there(in_.line_of(told_ + mask).control.load(std::memory_order_relaxed));
    return there.get<control::lap>() != static_cast<std::uint16_t>((told_ + mask) & ~mask);
//@ end

//@ answer urpc.2h
  std::uint64_t limit_ = out_.number() + out_.slots();  // the first line that may not be written
  std::uint64_t told_ = in_.number();
  std::uint64_t sent_before_ = out_.number();
//@ end

//@ answer urpc.3a
    Line& line = out_.line();
    if (is_used(line, std::memory_order_acquire)) return Error::again;
    fill(line, message);
    line.control.store(used(message.header).raw(), std::memory_order_release);
    out_.advance();
    return {};
//@ end

//@ answer urpc.3b
    Line& line = in_.line();
    const Control seen(line.control.load(std::memory_order_acquire));
    if (!is_used(seen)) return Error::again;
    copy_out(line, seen, message);
    line.control.store(0, std::memory_order_release);
    in_.advance();
    made_room();
    return {};
//@ end

//@ answer urpc.3c
    return is_used(in_.line(), std::memory_order_relaxed);
//@ end

//@ answer urpc.3d
    return !is_used(out_.line(), std::memory_order_relaxed);
//@ end

//@ answer urpc.4a
    const auto sent = ring_.send(message);
    if (sent) wake_peer();
    return sent;
//@ end

//@ answer urpc.4b
    return ring_.receive(message, [this] { wake_peer(); });
//@ end

//@ answer urpc.4c
    fence();
    wake_peer();
//@ end

//@ answer urpc.4d
    const Status seen(peer_.control.load(std::memory_order_acquire));
    if (seen.raw() != 0) [[unlikely]]
      answer(seen);
//@ end

//@ answer urpc.4e
    own_.control.store(asleep(wish, ring_.lines_read(), ++sleeps_).raw(), std::memory_order_release);
//@ end

//@ answer urpc.4f
    own_.control.store(0, std::memory_order_release);
//@ end

//@ answer urpc.4g
    if (seen.get<status::gone>() != 0) {
      peer_is_gone_ = true;
      return;
    }
    if (seen.get<status::asleep>() == 0 || seen == answered_) return;
    const auto read = static_cast<std::uint16_t>(seen.get<status::lines_read>());
    if (!ring_.peer_would_find(read, seen.get<status::for_room>() != 0)) return;
    answered_ = seen;
    signal_();
//@ end

//@ answer urpc.4h
  if (found()) return;
  const std::uint64_t start = machine.now();
  while (machine.now() - start < poll_cycles) {
    machine.relax();
    if (found()) return;
  }
  for (auto& end : ends) end.announce(wish);
  fence();
  if (!found()) machine.sleep();
  for (auto& end : ends) end.withdraw();
//@ end

//@ answer urpc.5a
    return senders_.empty() ? transport().send_now(message) : Error::again;
//@ end

//@ answer urpc.5b
      if (!this->is_over()) this->result = link_.transport().send_now(message_);
//@ end

//@ answer urpc.5c
    return receivers_.empty() ? transport().receive_now(message) : Error::again;
//@ end

//@ answer urpc.5d
    auto& first = static_cast<Receiving&>(receivers_.front());
    first.result = transport().receive_now(first.message_);
    if (!first.is_over()) return false;
    resume(first);
    return true;
//@ end

//@ answer urpc.5e
    resume(static_cast<Operation&>(senders_.front()));
//@ end

//@ answer urpc.5f
    for (WaiterList* const queue : {&receivers_, &senders_}) {
      while (!queue->empty()) {
        auto& operation = static_cast<Operation&>(queue->front());
        operation.result = error;
        loop_->make_ready(operation);
      }
    }
//@ end

//@ answer urpc.5g
  while (!end_->has_room() && !end_->peer_is_gone()) {
    const auto kept = keep();
    // It may have passed lines that only acknowledge.
    if (!kept) return kept.error() != Error::again || end_->has_room();
  }
  return true;
//@ end

//@ answer urpc.5h
  if (!end_->has_room() && has_something() && deliver()) return true;
  if (!make_room()) return false;
  resume_sender();
  return true;
//@ end

//@ answer urpc.5i
  const bool may_make_room = end_->has_room() || end_->peer_is_gone() ||
                             (kept_count_ != kMostKept && end_->has_line());
  return (any_sender() && may_make_room) || (any_receiver() && has_something());
//@ end

//@ answer urpc.5j
    call.transmission = {};
    if (!call.has_number()) return;
    pending_[call.number] = nullptr;
    if ((answerable_ & bit(call.number)) == 0) numbers_.give_back(call.number);
//@ end

//@ answer urpc.5k
    const LineHeader header(line.header);
    const std::size_t number = header.get<line_header::call>();
    if (number >= kMostCalls || (answerable_ & bit(number)) == 0) [[unlikely]]
      return Error::malformed;
    PendingCall* const call = pending_[number];
    if (call != nullptr) [[likely]] {
      if (const auto taken = call->take(line); !taken) return taken;
    }
    if (header.get<line_header::last>() == 0) return {};
    answerable_ &= ~bit(number);
    numbers_.give_back(number);
    if (call != nullptr) [[likely]]
      resume(*call);
    return {};
//@ end

//@ answer urpc.5l
    std::size_t number = 0;  // a notice has none
    if (call.wants_reply()) {
      const auto taken = co_await numbers_.taken();
      if (!taken) {
        end(call, outcome_ ? taken.error() : outcome_.error());
        co_return {};
      }
      number = taken.value();
      begin(call, number);
    }
    for (std::size_t index = 0; index < out.lines; ++index) {
      if (!outcome_) break;
      const auto line = out.line(index, number);
      const auto sent = co_await link_.send(line);
      if (sent) continue;
      if (!call.is_over) end(call, outcome_ ? sent.error() : outcome_.error());
      co_return {};
    }
    if (call.is_over) co_return {};
    if (!outcome_ || !call.wants_reply()) {
      end(call, outcome_);
    } else {
      answerable_ |= bit(number);
    }
    co_return {};
//@ end

//@ answer urpc.6a
  return LineHeader()
      .with<line_header::message>(message)
      .with<line_header::call>(call)
      .with<line_header::fragment>(fragment)
      .with<line_header::last>(is_last)
      .raw();
//@ end

//@ answer urpc.6b
    result.header = header_of(message, call, index, index + 1 == lines);
    copy_words<kLineWords>(words + index * kLineWords, result.words.data());
//@ end

//@ answer urpc.6c
    const std::size_t end = lines() * kLineWords;
    for (std::size_t word = used_; word < end; ++word) words_[word] = 0;
//@ end

//@ answer urpc.6d
    const LineHeader header(line.header);
    const std::uint32_t expected = std::exchange(expected_, kNone);
    if (header.get<line_header::fragment>() == 0) {
      words_ = 0;
    } else if (header.with<line_header::last>(0).raw() != expected) {
      return Error::malformed;
    }
    if (room.size() < words_ + kLineWords) return Error::malformed;
    copy_words<kLineWords>(line.words.data(), room.data() + words_);
    words_ += kLineWords;
    if (header.get<line_header::last>() != 0) return true;
    // Behind the highest fragment there is none: it overflows into `last`, which is not there then, and is 0.
    const std::uint32_t next = line.header + (std::uint32_t{1} << line_header::fragment.position);
    expected_ = LineHeader(next).with<line_header::last>(0).raw();
    return false;
//@ end

//@ answer urpc.6e
  static constexpr std::uint32_t kNone = 0;  // first lines are not compared: no other is this

  std::size_t words_ = 0;
  std::uint32_t expected_ = kNone;  // the header of the next line, if that is not the last
//@ end
