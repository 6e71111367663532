//@ says A careful reader of message.hh: fields by their names, one case after the other, and a window that counts what is on its way.

//@ answer urpc.1a
    line_ = line_ + 1 == end_ ? begin_ : line_ + 1;
    if (line_ == begin_) stamp_ ^= control::epoch.mask();
//@ end

//@ answer urpc.1b
    const Control control = Control().with<control::header>(message.header);
    write(control, message);
    return {};
//@ end

//@ answer urpc.1c
    Line& line = out_.line();
    fill(line, message);
    line.control.store(control.raw() | out_.stamp(), std::memory_order_release);
    window_.wrote_line();
    out_.advance();
//@ end

//@ answer urpc.1d
    while (true) {
      const Line& line = in_.line();
      const Control seen(line.control.load(std::memory_order_acquire)), expected(in_.stamp());
      if (seen.get<control::epoch>() != expected.get<control::epoch>()) return Error::again;

      const bool is_message = seen.get<control::acknowledgement_only>() == 0;
      const auto more = static_cast<std::uint16_t>(seen.get<control::acknowledged>() -
                                                   expected.get<control::acknowledged>());
      if (more == 0 && !is_message) return break_off();
      if (!open_window(more)) return break_off();

      if (is_message) copy_out(line, seen, message);
      next_line();
      if (!is_message) continue;
      window_.read_message();
      return {};
    }
//@ end

//@ answer urpc.1e
  bool has_line() const {
    if (window_.is_payment_due()) return true;
    const Control seen(in_.line().control.load(std::memory_order_acquire));
    return seen.get<control::epoch>() == Control(in_.stamp()).get<control::epoch>();
  }
//@ end

//@ answer urpc.2a
  explicit Window(std::size_t slots) : slots_(slots) {}
//@ end

//@ answer urpc.2b
    return !is_shut_ && on_their_way_ + 2 <= slots_;
//@ end

//@ answer urpc.2c
    return !is_shut_ && on_their_way_ + 1 <= slots_;
//@ end

//@ answer urpc.2d
    ++on_their_way_;
    unpaid_ = 0;
//@ end

//@ answer urpc.2e
    ++unpaid_;
//@ end

//@ answer urpc.2f
    return is_shut_ || 2 * unpaid_ >= slots_;
//@ end

//@ answer urpc.2g
    if (lines > on_their_way_) return false;
    on_their_way_ -= lines;
    return true;
//@ end

//@ answer urpc.2h
    is_shut_ = true;
//@ end

//@ answer urpc.2i
  std::size_t slots_;
  std::size_t on_their_way_ = 0;  // lines that go out
  std::size_t unpaid_ = 0;        // messages that came in
  bool is_shut_ = false;
//@ end

//@ answer urpc.2j
    const bool can_pay = window_.has_slot();
    if (can_pay) write(Control().with<control::acknowledgement_only>(1), Message<0>());
    return can_pay;
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
    if (seen.get<control::epoch>() == 0) return Error::again;
    in_.advance();
    copy_out(line, seen, message);
    line.control.store(seen.with<control::epoch>(0).raw(), std::memory_order_release);
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
    knock();
    return {};
//@ end

//@ answer urpc.4b
    bool has_made_room = false;
    const auto received = ring_.receive(message, [&] { has_made_room = true; });
    if (has_made_room) knock();
    return received;
//@ end

//@ answer urpc.4c
    sprat::urpc::fence();
    this->knock();
//@ end

//@ answer urpc.4d
    const Doorstep seen(peer_.control.load(std::memory_order_acquire));
    if (seen.get<doorstep::asleep>() != 0 || seen.get<doorstep::gone>() != 0) answer(seen);
//@ end

//@ answer urpc.4e
    naps_ += 1;
    const std::uint16_t read = ring_.lines_read();
    own_.control.store(asleep(wish, read, naps_).raw(), std::memory_order_release);
//@ end

//@ answer urpc.4f
    own_.control.store(Doorstep().raw(), std::memory_order_seq_cst);
//@ end

//@ answer urpc.4g
    if (seen.get<doorstep::gone>() != 0) peer_is_gone_ = true;
    if (peer_is_gone_) return;
    if (seen.get<doorstep::nap>() == answered_.get<doorstep::nap>()) return;
    const bool wants_room = seen.get<doorstep::for_room>() == 1;
    const auto lines = static_cast<std::uint16_t>(seen.get<doorstep::lines_read>());
    if (ring_.peer_would_find(lines, wants_room)) {
      answered_ = seen;
      bell_();
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
      if (!this->link.senders_.empty()) return false;
      this->result = this->transport().try_send(message_);
      return this->result.ok() || this->result.error() != Error::again;
//@ end

//@ answer urpc.5b
      const bool was_told = this->result.ok() || this->result.error() != Error::again;
      if (!was_told) this->result = this->transport().try_send(message_);
//@ end

//@ answer urpc.5c
      if (!this->link.receivers_.empty()) return false;
      return try_it();
//@ end

//@ answer urpc.5d
    Waiter& front = receivers_.front();
    Receiving& first = static_cast<Receiving&>(static_cast<One&>(front));
    const bool is_served = first.try_it();
    if (is_served) go_on(first);
    return is_served;
//@ end

//@ answer urpc.5e
    One& first = static_cast<One&>(senders_.front());
    first.leave();
    first.coroutine.resume();
//@ end

//@ answer urpc.5f
    const auto tell = [this, error](WaiterList& queue) {
      while (!queue.empty()) {
        One& one = static_cast<One&>(queue.front());
        one.result = error;
        one.leave();
        loop_->make_ready(one);
      }
    };
    tell(senders_);
    tell(receivers_);
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
    serve_sender();
    return true;
  }
  if (!any_receiver()) return false;
  return serve_receiver();
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
      end(*call, call->outcome);
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
