//@ says A careful reader of message.hh: fields by their names, one case after the other, and a window that counts the lines in flight.

//@ answer urpc.1a
    lap_ = lap_ + slots_;
    line_ = begin_;
//@ end

//@ answer urpc.1b
    Line& line = out_.line();
    const Control control = Control(lower_half_).with<control::header>(message.header);
    fill(line, message);
    line.control.store(control.raw(), std::memory_order_release);
    out_.pass(line);
    return {};
//@ end

//@ answer urpc.1c
    if (is_broken_off_) return Error::malformed;
    const Line& line = in_.line();
    const Control seen(line.control.load(std::memory_order_acquire));
    if (seen.get<control::lap>() != (in_.lap() & control::lap.ones())) return Error::again;
    copy_out(line, seen, message);
    in_.pass(line);
    acknowledge_line();
    last_seen_ = seen;
//@ end

//@ answer urpc.1d
    if (is_broken_off_) return true;
    const Control seen(in_.line().control.load(std::memory_order_acquire));
    return seen.get<control::lap>() == (in_.lap() & control::lap.ones());
//@ end

//@ answer urpc.2a
    const std::uint64_t in_flight = out_.number() - read_by_peer_;
    if (is_broken_off_ || in_flight < out_.slots()) return true;
    if (is_new(last_seen_)) return true;
    return !has_line() && reported_by_peer() > read_by_peer_;
//@ end

//@ answer urpc.2b
      // Between two laps is a good moment to look for acknowledgements.
      if (out_.number() - read_by_peer_ < out_.slots()) {
        out_.stop_after(read_by_peer_ + out_.slots() - out_.number());
        return true;
      }
//@ end

//@ answer urpc.2c
    out_.stop_here();
    if (is_broken_off_) return false;
    std::uint64_t next = read_by_peer_;
    if (is_new(last_seen_)) {
      const std::uint64_t acknowledged = last_seen_.get<control::acknowledged>();
      next += (acknowledged - read_by_peer_) & control::acknowledged.ones();
    } else if (!is_line_there()) {
      const std::uint64_t reported = reported_by_peer();
      if (reported > next) next = reported;
    }
    if (next > out_.number()) return break_off();
    if (next == read_by_peer_) return false;
    out_.stop_after(next - read_by_peer_);
    read_by_peer_ = next;
    last_seen_ = Control().with<control::acknowledged>(next);
    return true;
//@ end

//@ answer urpc.2d
    const std::uint64_t acknowledged = seen.get<control::acknowledged>();
    for (std::uint64_t less = 0; less <= out_.slots(); ++less)
      if (((read_by_peer_ - less) & control::acknowledged.ones()) == acknowledged) return false;
    return true;
//@ end

//@ answer urpc.2e
    is_broken_off_ = true;
    return false;
//@ end

//@ answer urpc.2f
    const bool has_sent = out_.number() != out_before_;
    out_before_ = out_.number();
    if (!has_sent) {
      reported_ = in_.number();
      report(reported_);
    }
    return !has_sent;
//@ end

//@ answer urpc.2g
    // The last line that may be written since the report, and the one that was there before.
    const std::uint64_t before = reported_ - 1;
    const Line& line = in_.line_of(before);
    const Control there(line.control.load(std::memory_order_relaxed));
    return there.get<control::lap>() == ((before - before % in_.slots()) & control::lap.ones());
//@ end

//@ answer urpc.2h
  std::uint64_t read_by_peer_ = out_.number();
  std::uint64_t reported_ = in_.number();
  std::uint64_t out_before_ = out_.number();
//@ end

//@ answer urpc.3a
    if (!has_room()) return Error::again;
    Line& line = out_.line();
    out_.advance();
    fill(line, message);
    line.control.store(used(message.header).raw(), std::memory_order_release);
    return {};
//@ end

//@ answer urpc.3b
    Line& line = in_.line();
    const Control seen(line.control.load(std::memory_order_seq_cst));
    if ((seen.get<control::lap>() & kUsed) == 0) return Error::again;
    in_.advance();
    copy_out(line, seen, message);
    line.control.store(seen.with<control::lap>(0).raw(), std::memory_order_release);
    made_room();
    return {};
//@ end

//@ answer urpc.3c
    const Line& next = in_.line();
    return is_used(next, std::memory_order_acquire);
//@ end

//@ answer urpc.3d
    const Line& next = out_.line();
    return !is_used(next, std::memory_order_acquire);
//@ end

//@ answer urpc.4a
    if (const auto sent = ring_.send(message); !sent) return sent;
    wake_peer();
    return {};
//@ end

//@ answer urpc.4b
    bool has_made_room = false;
    const auto received = ring_.receive(message, [&] { has_made_room = true; });
    if (has_made_room) wake_peer();
    return received;
//@ end

//@ answer urpc.4c
    sprat::urpc::fence();
    this->wake_peer();
//@ end

//@ answer urpc.4d
    const Status seen(peer_.control.load(std::memory_order_acquire));
    if (seen.get<status::asleep>() != 0 || seen.get<status::gone>() != 0) answer(seen);
//@ end

//@ answer urpc.4e
    sleeps_ += 1;
    const std::uint16_t read = ring_.lines_read();
    own_.control.store(asleep(wish, read, sleeps_).raw(), std::memory_order_release);
//@ end

//@ answer urpc.4f
    own_.control.store(Status().raw(), std::memory_order_seq_cst);
//@ end

//@ answer urpc.4g
    if (seen.get<status::gone>() != 0) peer_is_gone_ = true;
    if (peer_is_gone_) return;
    if (seen.get<status::sleep_number>() == answered_.get<status::sleep_number>()) return;
    const bool wants_room = seen.get<status::for_room>() == 1;
    const auto lines = static_cast<std::uint16_t>(seen.get<status::lines_read>());
    if (ring_.peer_would_find(lines, wants_room)) {
      answered_ = seen;
      signal_();
    }
//@ end

//@ answer urpc.4h
  const std::uint64_t began = machine.now();
  bool any = found();
  while (!any && machine.now() - began < poll_cycles) {
    machine.relax();
    any = found();
  }
  if (any) return;
  for (auto& end : ends) end.announce(wish);
  fence();
  any = found();
  if (!any) machine.sleep();
  for (auto& end : ends) end.withdraw();
//@ end

//@ answer urpc.5a
    if (senders_.empty()) return transport().send_now(message);
    return Error::again;
//@ end

//@ answer urpc.5b
      const bool is_done = this->result.ok() || this->result.error() != Error::again;
      if (!is_done) this->result = link_.transport().send_now(message_);
//@ end

//@ answer urpc.5c
    const bool may_receive = receivers_.empty();
    return may_receive ? transport().receive_now(message) : Result<void>(Error::again);
//@ end

//@ answer urpc.5d
    Waiter& front = receivers_.front();
    Receiving& first = static_cast<Receiving&>(static_cast<Operation&>(front));
    const Result<void> received = transport().receive_now(first.message_);
    if (!received && received.error() == Error::again) return false;
    first.result = received;
    resume(first);
    return true;
//@ end

//@ answer urpc.5e
    Waiter& first = senders_.front();
    first.leave();
    first.coroutine.resume();
//@ end

//@ answer urpc.5f
    const auto end = [this, error](WaiterList& queue) {
      while (!queue.empty()) {
        Operation& operation = static_cast<Operation&>(queue.front());
        operation.result = error;
        operation.leave();
        loop_->make_ready(operation);
      }
    };
    end(senders_);
    end(receivers_);
//@ end

//@ answer urpc.5g
  for (;;) {
    if (end_->peer_is_gone()) return true;
    if (end_->has_room()) return true;
    const auto kept = keep();
    if (kept) continue;
    if (kept.error() == Error::malformed) return true;
    return end_->has_room();
  }
//@ end

//@ answer urpc.5h
  if (make_room()) {
    resume_sender();
    return true;
  }
  return deliver();
//@ end

//@ answer urpc.5i
  const bool is_over = end_->peer_is_gone();
  const bool for_receivers = kept_count_ > 0 || end_->has_line() || is_over;
  const bool for_senders =
      end_->has_room() || (kept_count_ < kMostKept && end_->has_line()) || is_over;
  return (any_receiver() && for_receivers) || (any_sender() && for_senders);
//@ end

//@ answer urpc.5j
    if (call.number == PendingCall::kNoNumber) return;
    const std::size_t number = call.number;
    const bool is_sent = (answerable_ & bit(number)) != 0;
    pending_[number] = nullptr;
    call.number = PendingCall::kNoNumber;
    call.transmission = Task<>();
    if (!is_sent) numbers_.give_back(number);
//@ end

//@ answer urpc.5k
    const LineHeader header{line.header};
    const std::size_t number = header.get<line_header::call>();
    const bool is_last = header.get<line_header::last>() == 1;
    if (number >= pending_.size()) return Error::malformed;
    if ((answerable_ & bit(number)) == 0) return Error::malformed;
    PendingCall* const call = pending_[number];
    if (call == nullptr) {
      if (is_last) {
        answerable_ &= ~bit(number);
        numbers_.give_back(number);
      }
      return {};
    }
    const auto taken = call->take(line);
    if (!taken) return taken.error();
    if (is_last) {
      answerable_ &= ~bit(number);
      numbers_.give_back(number);
      resume(*call);
    }
    return {};
//@ end

//@ answer urpc.5l
    const auto number = co_await numbers_.taken();
    if (!number) {
      if (!call.is_over) end(call, outcome_ ? Result<void>(number.error()) : outcome_);
      co_return {};
    }
    if (!outcome_) {
      numbers_.give_back(number.value());
      end(call, outcome_);
      co_return {};
    }
    begin(call, number.value());
    std::size_t index = 0;
    do {
      const urpc::Message<kLineWords> line = out.line(index, number.value());
      const Result<void> sent = co_await link_.send(line);
      if (call.is_over) co_return {};
      if (!sent) {
        numbers_.give_back(number.value());
        end(call, sent);
        co_return {};
      }
      ++index;
    } while (index != out.lines);
    if (call.wants_reply()) {
      answerable_ |= bit(number.value());
    } else {
      numbers_.give_back(number.value());
      end(call, {});
    }
    co_return {};
//@ end

//@ answer urpc.6a
  LineHeader header;
  header = header.with<line_header::message>(message);
  header = header.with<line_header::call>(call);
  header = header.with<line_header::fragment>(fragment);
  if (is_last) header = header.with<line_header::last>(1);
  return header.raw();
//@ end

//@ answer urpc.6b
    const bool is_last = index == lines - 1;
    result.header = header_of(message, call, index, is_last);
    copy_words<kLineWords>(&words[index * kLineWords], &result.words[0]);
//@ end

//@ answer urpc.6c
    while (used_ % kLineWords != 0 || used_ == 0) words_[used_++] = 0;
//@ end

//@ answer urpc.6d
    const LineHeader header{line.header};
    const unsigned fragment = static_cast<unsigned>(header.get<line_header::fragment>());
    if (fragment == 0) {
      message_ = static_cast<unsigned>(header.get<line_header::message>());
      call_ = static_cast<unsigned>(header.get<line_header::call>());
      words_ = 0;
      is_open_ = true;
    } else {
      const bool is_next = is_open_ && fragment == next_ &&
                           header.get<line_header::message>() == message_ &&
                           header.get<line_header::call>() == call_;
      if (!is_next) {
        is_open_ = false;
        return Error::malformed;
      }
    }
    if (words_ + kLineWords > room.size()) {
      is_open_ = false;
      return Error::malformed;
    }
    copy_words<kLineWords>(line.words.data(), room.data() + words_);
    words_ += kLineWords;
    next_ = fragment + 1;
    if (header.get<line_header::last>() == 0) return false;
    is_open_ = false;
    return true;
//@ end

//@ answer urpc.6e
  bool is_open_ = false;
  unsigned message_ = 0, call_ = 0, next_ = 0;
  std::size_t words_ = 0;
//@ end
