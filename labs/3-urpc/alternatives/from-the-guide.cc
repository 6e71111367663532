//@ says From the guide alone, by somebody who had not seen the reference: judges acknowledgements behind one branch, and an end that is over asks for a payment.

//@ answer urpc.1a
    if (++line_ != end_) return;
    line_ = begin_;
    stamp_ ^= control::epoch.mask();
//@ end

//@ answer urpc.1b
    write(Control().with<control::header>(message.header), message);
    return {};
//@ end

//@ answer urpc.1c
    Line& line = out_.line();
    fill(line, message);
    line.control.store(control.raw() | out_.stamp(), std::memory_order_release);
    out_.advance();
    window_.wrote_line();
//@ end

//@ answer urpc.1d
    for (;;) {
      const Line& line = in_.line();
      const Control seen(line.control.load(std::memory_order_acquire));
      // The cursor's stamp has no header, so with the same epoch nothing is borrowed from the fields above it.
      const Control news(seen.raw() - in_.stamp());
      if (news.get<control::epoch>() != 0) return Error::again;
      if (news.raw() >= control::acknowledgement_only.mask()) {
        const std::uint64_t acknowledged = news.get<control::acknowledged>();
        if (acknowledged == 0 || !open_window(acknowledged)) [[unlikely]]
          return break_off();
        if (news.get<control::acknowledgement_only>() != 0) {
          next_line();
          continue;
        }
      }
      copy_out(line, seen, message);
      next_line();
      window_.read_message();
      return {};
    }
//@ end

//@ answer urpc.1e
  // What is owed is also for `receive` to do: a peer without room waits for it.
  bool has_line() const {
    const std::uint64_t control = in_.line().control.load(std::memory_order_relaxed);
    return ((control ^ in_.stamp()) & control::epoch.mask()) == 0 || window_.is_payment_due();
  }
//@ end

//@ answer urpc.2a
  explicit Window(std::size_t slots)
      : slots_(static_cast<std::uint32_t>(slots)), free_(slots_), half_(slots_ / 2) {}
//@ end

//@ answer urpc.2b
    return free_ > 1;
//@ end

//@ answer urpc.2c
    return free_ > 0;
//@ end

//@ answer urpc.2d
    --free_;
    owed_ = 0;
//@ end

//@ answer urpc.2e
    ++owed_;
//@ end

//@ answer urpc.2f
    return owed_ >= half_;
//@ end

//@ answer urpc.2g
    if (lines > slots_ - free_) return false;
    free_ += static_cast<std::uint32_t>(lines);
    return true;
//@ end

//@ answer urpc.2h
    free_ = 0;
    owed_ = half_;
//@ end

//@ answer urpc.2i
  std::uint32_t slots_;
  std::uint32_t free_;  // slots of the ring it writes, whose last line is acknowledged
  std::uint32_t half_;
  std::uint32_t owed_ = 0;  // messages of the ring it reads
//@ end

//@ answer urpc.2j
    if (!window_.has_slot()) return false;
    write(Control().with<control::acknowledgement_only>(), Message<0>());
    return true;
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
    if (seen.get<control::epoch>() == 0) return Error::again;
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
    if (sent) knock();
    return sent;
//@ end

//@ answer urpc.4b
    return ring_.receive(message, [this] { knock(); });
//@ end

//@ answer urpc.4c
    fence();
    knock();
//@ end

//@ answer urpc.4d
    const Doorstep seen(peer_.control.load(std::memory_order_acquire));
    if (seen.raw() != 0) [[unlikely]]
      answer(seen);
//@ end

//@ answer urpc.4e
    own_.control.store(asleep(wish, ring_.lines_read(), ++naps_).raw(), std::memory_order_release);
//@ end

//@ answer urpc.4f
    own_.control.store(0, std::memory_order_release);
//@ end

//@ answer urpc.4g
    if (seen.get<doorstep::gone>() != 0) {
      peer_is_gone_ = true;
      return;
    }
    if (seen.get<doorstep::asleep>() == 0 || seen == answered_) return;
    const auto read = static_cast<std::uint16_t>(seen.get<doorstep::lines_read>());
    if (!ring_.peer_would_find(read, seen.get<doorstep::for_room>() != 0)) return;
    answered_ = seen;
    bell_();
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
      return this->link.senders_.empty() && try_it();
//@ end

//@ answer urpc.5b
      if (!this->is_told()) try_it();
//@ end

//@ answer urpc.5c
      return this->link.receivers_.empty() && this->transport().has_something() && try_it();
//@ end

//@ answer urpc.5d
    auto& first = static_cast<Receiving&>(receivers_.front());
    if (!first.try_it()) return false;
    go_on(first);
    return true;
//@ end

//@ answer urpc.5e
    go_on(static_cast<One&>(senders_.front()));
//@ end

//@ answer urpc.5f
    for (WaiterList* const queue : {&receivers_, &senders_}) {
      while (!queue->empty()) {
        auto& one = static_cast<One&>(queue->front());
        one.result = error;
        loop_->make_ready(one);
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
  if (!end_->has_room() && any_receiver() && has_something() && serve_receiver()) return true;
  if (!make_room()) return false;
  serve_sender();
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
    if (call != nullptr) end(*call, call->outcome);
    numbers_.give_back(number);
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
