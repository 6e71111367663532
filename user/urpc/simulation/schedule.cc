// schedule.cc — see schedule.hh.

#include "urpc/simulation/schedule.hh"

#include <algorithm>
#include <utility>

namespace sprat::simulation {

namespace {

Schedule* the_running = nullptr;

constexpr std::size_t kStackBytes = std::size_t{64} << 10;

// More than any conversation in a test needs.
constexpr std::size_t kMostMoves = 100'000;

// Stacks are used again by the next schedule.
boost::context::pooled_fixedsize_stack& stacks() {
  static boost::context::pooled_fixedsize_stack pool(kStackBytes);
  return pool;
}

}  // namespace

Schedule::Schedule(std::uint64_t seed)
    : random_(seed), previous_(std::exchange(the_running, this)) {}

Schedule::~Schedule() { the_running = previous_; }

Schedule& Schedule::running() { return *the_running; }

std::size_t Schedule::add_core(std::function<void()> work) {
  cores_.emplace_back();
  cores_.back().work = std::move(work);
  return cores_.size() - 1;
}

Schedule::End Schedule::run() {
  for (Core& core : cores_) {
    core.fiber =
        boost::context::fiber(std::allocator_arg, stacks(), [&](boost::context::fiber back) {
          scheduler_ = std::move(back);
          core.work();
          core.has_ended = true;
          return std::move(scheduler_);
        });
  }
  for (std::size_t move = 0; switch_to_any(); ++move)
    if (move == kMostMoves) return End::no_end;
  return std::ranges::all_of(cores_, &Core::has_ended) ? End::all_ended : End::all_asleep;
}

// One move of the world: some core goes on, or some store reaches memory. False: nothing can move any more.
bool Schedule::switch_to_any() {
  const std::size_t first = random_.below(cores_.size());
  const bool drains = random_.below(4) == 0;
  for (std::size_t i = 0; i < cores_.size(); ++i) {
    const std::size_t number = (first + i) % cores_.size();
    Core& core = cores_[number];
    if (drains && drain_one(core)) return true;
    if (core.has_ended || (core.is_asleep && !core.is_signalled)) continue;
    current_ = number;
    core.fiber = std::move(core.fiber).resume();
    return true;
  }
  // No core can go on: store buffers reach memory all the same.
  return std::ranges::any_of(cores_, [this](Core& core) { return drain_one(core); });
}

void Schedule::yield() { scheduler_ = std::move(scheduler_).resume(); }

void Schedule::step() {
  if (random_.below(2) == 0) yield();
}

std::uint64_t Schedule::load(const urpc::Word& word, bool is_acquire) {
  if (watcher_) watcher_(word, is_acquire);
  step();
  const auto& buffer = core().buffer;
  for (auto own = buffer.rbegin(); own != buffer.rend(); ++own)
    if (own->word == &word) return own->value;
  return word.in_memory;
}

void Schedule::store(urpc::Word& word, std::uint64_t value, bool is_release) {
  core().buffer.push_back({&word, value, is_release});
  step();
}

void Schedule::fence() {
  step();
  drain_all(core());
}

// The first store, or another that nothing holds back: it is no release, and none before it is to the same word.
bool Schedule::drain_one(Core& core) {
  auto& buffer = core.buffer;
  if (buffer.empty()) return false;
  std::size_t chosen = random_.below(buffer.size());
  const auto same_word = [&](const Store& store) { return store.word == buffer[chosen].word; };
  const auto before = buffer.begin() + static_cast<std::ptrdiff_t>(chosen);
  if (buffer[chosen].is_release || std::any_of(buffer.begin(), before, same_word)) chosen = 0;
  buffer[chosen].word->in_memory = buffer[chosen].value;
  buffer.erase(buffer.begin() + static_cast<std::ptrdiff_t>(chosen));
  return true;
}

void Schedule::drain_all(Core& core) {
  for (const Store& store : core.buffer) store.word->in_memory = store.value;
  core.buffer.clear();
}

void Schedule::signal(std::size_t core) {
  step();
  drain_all(this->core());
  cores_[core].is_signalled = true;
}

void Schedule::sleep() {
  core().is_asleep = true;
  yield();
  core().is_asleep = false;
  core().is_signalled = false;
}

}  // namespace sprat::simulation
