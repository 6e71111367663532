// network.cc — see network.hh.

#include "tests/network/network.hh"

#include <algorithm>
#include <span>

namespace sprat::network {

namespace {

// More than any protocol in a test needs.
constexpr std::size_t kMostMoves = 1'000'000;

// A slow one does one of so many moves that it could do.
constexpr std::size_t kSlowness = 8;

void resume_first(WaiterList& waiters) {
  Waiter& first = waiters.front();
  first.leave();
  first.coroutine.resume();
}

}  // namespace

bool Core::act(Random&) {
  if (has_stopped || ready.empty()) return false;
  resume_first(ready);
  return true;
}

std::optional<Time> Core::time_of_next() const {
  if (has_stopped || ready.empty()) return std::nullopt;
  return clock;
}

Wire::Moves Wire::possible() const {
  Moves moves{};
  const auto may = [&](Kind kind, Time time) { moves.move[moves.count++] = {kind, time}; };
  const bool ends = has_ended_ && !news_of_end_;
  if (!on_the_way_.empty() || ends)
    may(Kind::arrive, on_the_way_.empty() ? from_.clock : on_the_way_.front().arrives);
  if ((sink_ || !receivers_.empty()) && may_receive() && !to_.has_stopped)
    may(Kind::go_on, std::max(to_.clock, here_.empty() ? 0 : here_.front().arrives));
  if (!senders_.empty() && (has_room() || is_cut()) && !from_.has_stopped)
    may(Kind::be_sent, from_.clock);
  return moves;
}

std::optional<Time> Wire::time_of_next() const {
  const Moves moves = possible();
  if (moves.count == 0) return std::nullopt;
  return std::ranges::min(std::span(moves.move).first(moves.count), {}, &Move::time).time;
}

bool Wire::act(Random& random) {
  const Moves moves = possible();
  if (moves.count == 0) return false;
  const std::span all = std::span(moves.move).first(moves.count);
  const Move move =
      network_.costs() ? std::ranges::min(all, {}, &Move::time) : all[random.below(all.size())];
  switch (move.kind) {
    case Kind::arrive: arrive(random); break;
    case Kind::go_on: sink_ ? hand_to_sink() : resume_first(receivers_); break;
    case Kind::be_sent: resume_first(senders_); break;
  }
  return true;
}

void Wire::arrive(Random& random) {
  if (on_the_way_.empty()) {
    news_of_end_ = true;
    network_.list(*back_);  // a waiting sender need not wait any longer
    return;
  }
  if (random.below(100) >= settings_.lost_percent) here_.push_back(on_the_way_.front());
  on_the_way_.pop_front();
}

Result<void> Wire::send(const Line& line) {
  if (is_cut() || has_ended_) return Error::peer_gone;
  const Costs costs = network_.costs().value_or(Costs());
  from_.clock += costs.send;
  on_the_way_.push_back({line, from_.clock + costs.link});
  network_.list(*this);
  return {};
}

Result<Wire::Line> Wire::receive() {
  if (here_.empty()) return Error::peer_gone;
  const auto [line, arrived] = here_.front();
  here_.pop_front();
  to_.clock = std::max(to_.clock, arrived) + network_.costs().value_or(Costs()).receive;
  network_.list(*this);
  network_.record(from_, to_, line);
  return line;
}

void Wire::wait_to_send(Waiter& waiter) {
  senders_.push_back(waiter);
  network_.list(*this);
}

void Wire::wait_to_receive(Waiter& waiter) {
  receivers_.push_back(waiter);
  network_.list(*this);
}

void Wire::set_sink(std::function<void(const Line&)> take, std::function<void(Error)> end) {
  sink_ = std::move(take);
  end_of_sink_ = std::move(end);
  network_.list(*this);
}

// The functions are copied: a sink may go while it is called.
void Wire::hand_to_sink() {
  const auto take = sink_;
  const auto end = end_of_sink_;
  const auto line = receive();
  if (line) return take(line.value());
  set_sink(nullptr, nullptr);
  end(line.error());
}

void Wire::end() {
  has_ended_ = true;
  network_.list(*this);
}

// Tasks end before the links they use.
Network::~Network() { cores_.clear(); }

std::size_t Network::add_core() {
  cores_.push_back(std::make_unique<Core>());
  cores_.back()->number = cores_.size() - 1;
  cores_.back()->is_slow_ = is_one_in_four();
  return cores_.size() - 1;
}

Cable& Network::connect(std::size_t a, std::size_t b, Settings settings) {
  Core &first = *cores_[a], &second = *cores_[b];
  auto cable = std::make_unique<Cable>();
  cable->wires[0] = std::make_unique<Wire>(*this, first, second, settings);
  cable->wires[1] = std::make_unique<Wire>(*this, second, first, settings);
  cable->wires[0]->set_back(*cable->wires[1]);
  cable->wires[1]->set_back(*cable->wires[0]);
  for (const auto& wire : cable->wires) wire->is_slow_ = is_one_in_four();
  cables_.push_back(std::move(cable));
  return *cables_.back();
}

void Network::start(std::size_t core, Task<> task) {
  cores_[core]->tasks.push_back(std::move(task));
  begin(core, cores_[core]->tasks.back());
}

void Network::end_tasks() {
  for (const auto& core : cores_) core->tasks.clear();
}

void Network::stop(std::size_t core) {
  cores_[core]->has_stopped = true;
  for (const auto& cable : cables_)
    for (const auto& wire : cable->wires)
      if (&wire->sender() == cores_[core].get()) wire->end();
}

void Network::list(Actor& actor) {
  if (std::exchange(actor.is_listed_, true)) return;
  listed_.push_back(&actor);
}

void Network::make_ready(Core& core, Waiter& waiter) {
  core.ready.push_back(waiter);
  list(core);
}

// Returns the place of the actor that moves next. With time, actors that cannot move leave the list here.
std::size_t Network::choose() {
  if (!costs_) return random_.below(listed_.size());
  std::size_t chosen = 0, equals = 0;
  Time earliest = ~Time{0};
  for (std::size_t place = 0; place < listed_.size();) {
    const auto time = listed_[place]->time_of_next();
    if (!time && listed_.size() > 1) {
      unlist(place);
      continue;
    }
    if (time && *time < earliest) equals = 0;
    if (time && *time <= earliest && random_.below(++equals) == 0) chosen = place;
    if (time) earliest = std::min(earliest, *time);
    ++place;
  }
  return chosen;
}

void Network::unlist(std::size_t place) {
  listed_[place]->is_listed_ = false;
  listed_[place] = listed_.back();
  listed_.pop_back();
}

bool Network::step() {
  while (!listed_.empty()) {
    const std::size_t chosen = choose();
    Actor& actor = *listed_[chosen];
    if (actor.is_slow_ && !costs_ && random_.below(kSlowness) != 0) continue;
    if (actor.act(random_)) return true;
    unlist(chosen);
  }
  return false;
}

Network::Outcome Network::run() {
  for (std::size_t moves = 0; step(); ++moves) {
    if (observe_ && !observe_()) return Outcome::wrong;
    if (moves == kMostMoves) return Outcome::no_end;
  }
  const auto has_ended = [](const std::unique_ptr<Core>& core) {
    return core->has_stopped || std::ranges::all_of(core->tasks, &Task<>::done);
  };
  return std::ranges::all_of(cores_, has_ended) ? Outcome::all_ended : Outcome::all_wait;
}

}  // namespace sprat::network
