// neighbour.cc — a call for each task, in each direction.

#include "span/neighbour.hh"

#include <algorithm>

#include "lib/runtime.hh"
#include "span/dispatchers.hh"

namespace sprat {

namespace messages = span_messages;

Neighbour::Neighbour() = default;
Neighbour::~Neighbour() = default;

void Neighbour::begin() {
  peer_.emplace(connection_.channel(), on<messages::run>(OnRun{*this}),
                on<messages::cancel>(OnCancel{*this}), on<messages::where>(OnWhere{}),
                on<messages::want>(OnWant{*this}), on<messages::limit>(OnLimit{}),
                on<messages::again>(OnAgain{}));
  watching_ = watch();
  runtime().loop.start(watching_);
}

void Neighbour::allow_blocking() {
  const auto on_limit = [](const messages::Limit& limit) { return OnLimit()(limit); };
  while_blocked_.reset(new (std::nothrow_t{}) HomeWhileBlocked(
      connection_.channel(), peer_->calls().reserve_number(), on_limit));
}

Task<> Neighbour::watch() {
  static_cast<void>(co_await peer_->ended());
  has_ended_ = true;
  if (is_home()) forget_core(connection_.peer().core);
  // No result is wanted any more.
  for (Running* const running : running_)
    if (running != nullptr) end(*running, Error::peer_gone);
  co_return {};
}

// ---- tasks there

class Neighbour::Request {
 public:
  explicit Request(Neighbour& neighbour)
      : neighbour_(neighbour), number_(++neighbour.last_number_) {}
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;
  ~Request() {
    if (!is_answered_) neighbour_.cancel(number_);
  }
  std::uint16_t number() const { return number_; }
  void answered() { is_answered_ = true; }

 private:
  Neighbour& neighbour_;
  std::uint16_t number_;
  bool is_answered_ = false;
};

Task<Words> Neighbour::run(CoreTask task, Words arguments) {
  Request request(*this);
  const auto& [a, b, c, d, e] = arguments;
  const auto ran = co_await peer_->call<messages::run>(
      {reinterpret_cast<std::uint64_t>(task), request.number(), a, b, c, d, e});
  request.answered();
  if (!ran) co_return ran.error();
  const messages::Ran& result = ran.value();
  co_return Words{result.a, result.b, result.c, result.d, result.e};
}

Task<std::uint64_t> Neighbour::where(std::uint64_t core) {
  const auto there = co_await peer_->call<messages::where>({static_cast<std::uint16_t>(core)});
  if (!there) co_return there.error();
  co_return there.value().process;
}

Task<messages::Given> Neighbour::want(messages::Want want) {
  co_return co_await peer_->call<messages::want>(want);
}

bool Neighbour::say_again() {
  saying_again_ = send_again();
  runtime().loop.start(saying_again_);
  return saying_again_.starter() != nullptr;
}

Task<> Neighbour::send_again() { co_return co_await peer_->send<messages::again>({}); }

// Without a wait: the destructor of a coroutine calls it. A task of which the other side cannot be told runs to its end there.
void Neighbour::cancel(std::uint16_t number) {
  if (has_ended_ || cancelled_count_ == cancelled_.size()) return;
  cancelled_[cancelled_count_++] = number;
  if (cancelled_count_ != 1) return;
  cancelling_ = send_cancels();
  runtime().loop.start(cancelling_);
}

Task<> Neighbour::send_cancels() {
  while (cancelled_count_ != 0) {
    const std::uint16_t number = cancelled_.front();
    const auto sent = co_await peer_->send<messages::cancel>({number});
    std::shift_left(cancelled_.begin(), cancelled_.begin() + cancelled_count_, 1);
    --cancelled_count_;
    if (!sent) cancelled_count_ = 0;
  }
  co_return {};
}

// ---- tasks here

class Neighbour::Over {
 public:
  explicit Over(Running& running) : running_(running) {}
  bool await_ready() const { return running_.is_over; }
  void await_suspend(std::coroutine_handle<> waiting) { running_.answering.coroutine = waiting; }
  Result<Words> await_resume() const { return running_.result; }

 private:
  Running& running_;
};

Task<messages::Ran> Neighbour::handle(messages::Run run) {
  // There is a place: it is a call, and each call has a number below kMostTasks.
  Running running;
  Running** const place = std::ranges::find(running_, nullptr);
  if (place == running_.end()) co_return Error::out_of_memory;
  *place = &running;
  running.number = run.task;
  running.task = run_here(running, reinterpret_cast<CoreTask>(run.function),
                          {run.a, run.b, run.c, run.d, run.e});
  runtime().loop.start(running.task);
  const bool begins = running.task.starter() != nullptr;
  const auto result = begins ? co_await Over(running) : Result<Words>(Error::out_of_memory);
  *place = nullptr;
  if (!result) co_return result.error();
  const auto& [a, b, c, d, e] = result.value();
  co_return messages::Ran{a, b, c, d, e};
}

Task<> Neighbour::run_here(Running& running, CoreTask task, Words arguments) {
  end(running, co_await task(arguments));
  co_return {};
}

void Neighbour::end(Running& running, const Result<Words>& result) {
  if (std::exchange(running.is_over, true)) return;
  running.result = result;
  if (running.answering.coroutine) runtime().loop.make_ready(running.answering);
}

void Neighbour::handle(const messages::Cancel& cancel) {
  for (Running* const running : running_) {
    if (running == nullptr || running->number != cancel.task || running->is_over) continue;
    running->task = Task<>();
    end(*running, Error::peer_gone);
  }
}

}  // namespace sprat
