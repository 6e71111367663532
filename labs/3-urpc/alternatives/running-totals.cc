//@ says A counter of things: running totals that only grow, words compared as they are, and one fence for each end that sleeps.

//@ answer urpc.1a
    ++line_;
    const bool wraps = line_ == end_;
    if (wraps) line_ = begin_;
    stamp_ = wraps ? stamp_ ^ control::epoch.mask() : stamp_;
//@ end

//@ answer urpc.1b
    write(Control(message.header), message);
    return {};
//@ end

//@ answer urpc.1c
    Line& line = out_.line();
    const std::uint64_t stamp = out_.stamp();
    window_.wrote_line();
    for (std::size_t i = kWords; i != 0; --i)
      line.words[i - 1].store(message.words[i - 1], std::memory_order_relaxed);
    line.control.store(stamp + control.raw(), std::memory_order_release);
    out_.advance();
//@ end

//@ answer urpc.1d
    Error error = Error::again;
    for (bool goes_on = true; goes_on;) {
      const Line& line = in_.line();
      const Control seen(line.control.load(std::memory_order_acquire));
      const Control was(in_.stamp());
      if (((seen.raw() ^ was.raw()) & control::epoch.mask()) != 0) break;
      goes_on = seen.get<control::acknowledgement_only>() != 0;
      const std::uint64_t more =
          (seen.get<control::acknowledged>() - was.get<control::acknowledged>()) & 0xffff;
      const bool is_empty = goes_on && more == 0;
      if (is_empty || !open_window(more)) {
        error = break_off();
        break;
      }
      next_line();
      if (goes_on) continue;
      window_.read_message();
      copy_out(line, seen, message);
      return {};
    }
    return error;
//@ end

//@ answer urpc.1e
  bool has_line() const {
    const std::uint64_t seen = in_.line().control.load(std::memory_order_seq_cst);
    const bool is_new = ((seen ^ in_.stamp()) & control::epoch.mask()) == 0;
    return is_new || window_.is_payment_due();
  }
//@ end

//@ answer urpc.2a
  explicit Window(std::size_t slots) : slots_(slots) {}
//@ end

//@ answer urpc.2b
    return written_ - acknowledged_ < slots_ - 1;
//@ end

//@ answer urpc.2c
    return written_ - acknowledged_ < slots_;
//@ end

//@ answer urpc.2d
    ++written_;
    paid_ = read_;
//@ end

//@ answer urpc.2e
    read_ += 1;
//@ end

//@ answer urpc.2f
    return read_ - paid_ >= slots_ / 2;
//@ end

//@ answer urpc.2g
    acknowledged_ += lines;
    return acknowledged_ <= written_;
//@ end

//@ answer urpc.2h
    written_ = acknowledged_ + slots_;
    read_ = paid_ + slots_;
//@ end

//@ answer urpc.2i
  std::uint64_t slots_;
  std::uint64_t written_ = 0, acknowledged_ = 0;  // lines that went out, and of them those that were read
  std::uint64_t read_ = 0, paid_ = 0;             // messages that came in, and of them those paid for
//@ end

//@ answer urpc.2j
    if (!window_.has_slot()) return false;
    write(Control(control::acknowledgement_only.mask()), Message<0>{});
    return true;
//@ end

//@ answer urpc.3a
    Line& line = out_.line();
    const Control there(line.control.load(std::memory_order_acquire));
    if (there.get<control::epoch>() == 1) return Error::again;
    for (std::size_t i = 0; i < kWords; ++i)
      line.words[i].store(message.words[i], std::memory_order_relaxed);
    line.control.store(message.header | control::epoch.mask(), std::memory_order_release);
    out_.advance();
    return {};
//@ end

//@ answer urpc.3b
    Line& line = in_.line();
    const std::uint64_t seen = line.control.load(std::memory_order_acquire);
    const bool is_there = (seen & control::epoch.mask()) != 0;
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
    return (word & control::epoch.mask()) != 0;
//@ end

//@ answer urpc.3d
    const std::uint64_t word = out_.line().control.load(std::memory_order_seq_cst);
    return (word & control::epoch.mask()) == 0;
//@ end

//@ answer urpc.4a
    const Result<void> sent = ring_.send(message);
    if (!sent) return sent.error();
    this->knock();
    return sent;
//@ end

//@ answer urpc.4b
    const auto tell = [this] { this->knock(); };
    return ring_.receive(message, tell);
//@ end

//@ answer urpc.4c
    fence();
    const Doorstep seen(peer_.control.load(std::memory_order_relaxed));
    if (seen.raw() != 0) answer(seen);
//@ end

//@ answer urpc.4d
    if (const std::uint64_t seen = peer_.control.load(std::memory_order_seq_cst); seen != 0)
      answer(Doorstep(seen));
//@ end

//@ answer urpc.4e
    const Doorstep word = asleep(wish, ring_.lines_read(), naps_ + 1);
    own_.control.store(word.raw(), std::memory_order_seq_cst);
    naps_ = word.get<doorstep::nap>();
//@ end

//@ answer urpc.4f
    const Doorstep awake;
    own_.control.store(awake.raw(), std::memory_order_release);
//@ end

//@ answer urpc.4g
    if (seen.get<doorstep::gone>() != 0) {
      peer_is_gone_ = true;
    } else if (seen != answered_) {
      const auto lines = static_cast<std::uint16_t>(seen.get<doorstep::lines_read>());
      if (!ring_.peer_would_find(lines, seen.get<doorstep::for_room>() != 0)) return;
      bell_();
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
      return this->link.senders_.empty() ? try_it() : false;
//@ end

//@ answer urpc.5b
      if (!this->is_told()) static_cast<void>(try_it());
//@ end

//@ answer urpc.5c
      return this->link.receivers_.empty() ? this->transport().has_something() && try_it() : false;
//@ end

//@ answer urpc.5d
    One& first = static_cast<One&>(receivers_.front());
    if (!static_cast<Receiving&>(first).try_it()) return false;
    first.leave();
    first.coroutine.resume();
    return true;
//@ end

//@ answer urpc.5e
    go_on(static_cast<One&>(senders_.front()));
//@ end

//@ answer urpc.5f
    for (; !receivers_.empty(); loop_->make_ready(receivers_.front()))
      static_cast<One&>(receivers_.front()).result = error;
    for (; !senders_.empty(); loop_->make_ready(senders_.front()))
      static_cast<One&>(senders_.front()).result = error;
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
  if (is_room) serve_sender();
  return is_room || (any_receiver() && serve_receiver());
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
    if (call != nullptr) end(*call, call->outcome);
    numbers_.give_back(number);
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
