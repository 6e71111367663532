// network.hh — any number of cores and the links between them, in an order that a seed decides: the same seed, the same run.
//
//   Network network(seed);
//   const std::size_t a = network.add_core(), b = network.add_core();
//   Cable& cable = network.connect(a, b);
//   network.start(a, client(cable));                      Task<> client(Cable& cable) { End end(cable, 0); …
//   network.start(b, server(cable));                      Task<> server(Cable& cable) { End end(cable, 1); …
//   if (network.run() != Network::Outcome::all_ended) … a coroutine waits for ever: seed
//
// Between two moves of the world nothing happens; with each move the seed chooses one of the possible ones: the next
// line of some wire arrives, a coroutine that waits for a line or for room becomes ready, a ready coroutine is resumed.
// So lines of one wire stay in their order and take any time, and those of different wires overtake each other as they
// like. Some cores and wires, which the seed chooses, are much slower than the others.
//
// With costs, the world has time, and the next move is the earliest: a core is busy while it sends or receives, a line takes
// its time on the way, and different cores do things at the same time. The seed chooses among moves of the same moment.
//
// After each move an observer, if there is one, looks at the whole world.
//
// A core that is stopped does nothing any more. The other ends of its links learn that it is gone when all that it has sent
// has arrived; likewise when an End is destroyed. A wire that loses lines does so one by one.

#pragma once

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "lib/link.hh"
#include "urpc/simulation/random.hh"

namespace sprat::network {

using simulation::Random;
class Network;

// In a unit that the test chooses: hops's choice: hops, if a line costs 1 on the way, and nothing else costs anything.
using Time = std::uint64_t;
struct Costs {
  Time send = 0, receive = 0;  // of the core, for a line
  Time link = 0;               // of the line
};

// Something that can do a move of the world.
class Actor {
 public:
  virtual ~Actor() = default;
  // Returns false if it has nothing to do before another event.
  virtual bool act(Random& random) = 0;

  // When act would do something, if it would.
  virtual std::optional<Time> time_of_next() const = 0;

 private:
  friend class Network;
  bool is_listed_ = false;
  bool is_slow_ = false;
};

struct Core : Actor {
  bool act(Random& random) override;
  std::optional<Time> time_of_next() const override;

  WaiterList ready;
  std::vector<Task<>> tasks;
  std::size_t number = 0;
  bool has_stopped = false;
  Time clock = 0;  // when its last move ended
};

struct Settings {
  std::size_t room = 4;       // lines that are sent and not received yet
  unsigned lost_percent = 0;  // of lines
};

// One direction of a link.
class Wire : public Actor {
 public:
  using Line = urpc::Message<>;

  Wire(Network& network, Core& from, Core& to, Settings settings)
      : network_(network), from_(from), to_(to), settings_(settings) {}

  bool act(Random& random) override;
  std::optional<Time> time_of_next() const override;

  // For so many lines more.
  std::size_t room() const { return settings_.room - on_the_way_.size() - here_.size(); }

  // Whether send or receive has something to do; and to do it.
  bool may_send() const { return is_cut() || (has_room() && senders_.empty()); }
  bool may_receive() const { return !here_.empty() || news_of_end_; }
  Result<void> send(const Line& line);
  Result<Line> receive();

  // The same later: resumes the waiter as soon as it can send or receive, and not before.
  void wait_to_send(Waiter& waiter);
  void wait_to_receive(Waiter& waiter);

  // Hands each line, or the end, to one of these functions as soon as the seed lets it; without functions, to receivers again.
  void set_sink(std::function<void(const Line&)> take, std::function<void(Error)> end);

  // No more lines.
  void end();

  Network& network() { return network_; }
  Core& sender() { return from_; }
  void set_back(Wire& back) { back_ = &back; }

 private:
  struct Sent {
    Line line;
    Time arrives;
  };
  enum class Kind : std::uint8_t { arrive, go_on, be_sent };
  struct Move {
    Kind kind;
    Time time;
  };
  struct Moves {
    std::array<Move, 3> move;
    std::size_t count;
  };

  bool has_room() const { return on_the_way_.size() + here_.size() < settings_.room; }
  bool is_cut() const { return back_->news_of_end_; }
  Moves possible() const;
  void arrive(Random& random);
  void hand_to_sink();

  Network& network_;
  Core& from_;
  Core& to_;
  Settings settings_;
  Wire* back_ = nullptr;
  std::deque<Sent> on_the_way_, here_;
  bool has_ended_ = false;    // where it begins
  bool news_of_end_ = false;  // where it ends
  WaiterList senders_, receivers_;
  std::function<void(const Line&)> sink_;
  std::function<void(Error)> end_of_sink_;
};

struct Cable {
  std::unique_ptr<Wire> wires[2];
};

class Network {
 public:
  explicit Network(std::uint64_t seed) : random_(seed) {}
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  ~Network();

  Random& random() { return random_; }

  // Its number: 0, 1, …
  std::size_t add_core();

  // A link between two cores. Lives as long as the network.
  Cable& connect(std::size_t a, std::size_t b, Settings settings = {});

  // Lets `task` run on `core`: one that the network keeps, or one that stays the caller's.
  void start(std::size_t core, Task<> task);
  void begin(std::size_t core, Task<>& task) { wake(core, *task.starter()); }

  // Destroys all tasks that the network keeps.
  void end_tasks();

  // Resumes a coroutine of `core` when its turn comes.
  void wake(std::size_t core, Waiter& waiter) { make_ready(*cores_[core], waiter); }

  // `core` does nothing any more, from the next move of the world on.
  void stop(std::size_t core);

  // The same, but its peers learn nothing of it.
  void halt(std::size_t core) { cores_[core]->has_stopped = true; }

  // The world has time from now on.
  void set_costs(Costs costs) { costs_ = costs; }
  const std::optional<Costs>& costs() const { return costs_; }
  Time clock(std::size_t core) const { return cores_[core]->clock; }

  // `observe` is called after each move. False: the run ends there.
  void set_observer(std::function<bool()> observe) { observe_ = std::move(observe); }

  // `record` is called for each line that is received, with the numbers of its cores.
  using Record = std::function<void(std::size_t from, std::size_t to, const urpc::Message<>& line)>;
  void set_recorder(Record record) { record_ = std::move(record); }

  // How a run ends: all tasks have ended but the ones on stopped cores; or all others wait for ever; or they run
  // without end; or the observer has seen something wrong.
  enum class Outcome : std::uint8_t { all_ended, all_wait, no_end, wrong };
  Outcome run();

  // One move of the world. False: there is none.
  bool step();

  class Turn {
   public:
    Turn(Network& network, Core& core) : network_(network), core_(core) {}
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
      waiter_.coroutine = waiting;
      ++core_.clock;
      network_.make_ready(core_, waiter_);
    }
    void await_resume() const {}

   private:
    Network& network_;
    Core& core_;
    Waiter waiter_;
  };

  // co_await network.turn(core): time passes.
  Turn turn(std::size_t core) { return {*this, *cores_[core]}; }

  // ---- for wires and ends

  void list(Actor& actor);
  void make_ready(Core& core, Waiter& waiter);
  void record(const Core& from, const Core& to, const urpc::Message<>& line) const {
    if (record_) record_(from.number, to.number, line);
  }

 private:
  bool is_one_in_four() { return random_.below(4) == 0; }
  std::size_t choose();
  void unlist(std::size_t place);

  Random random_;
  std::optional<Costs> costs_;
  std::function<bool()> observe_;
  Record record_;
  std::vector<std::unique_ptr<Cable>> cables_;
  std::vector<std::unique_ptr<Core>> cores_;
  std::vector<Actor*> listed_;  // actors that may have something to do
};

// One end of a link (lib/link.hh), of lines with kWords words.
template <std::size_t kWords = urpc::kPayloadWords>
class End {
 public:
  static constexpr std::size_t kLineWords = kWords;

  // `side`: 0 for the first core of the cable, 1 for the second. There is one End for each.
  End(Cable& cable, int side) : out_(*cable.wires[side]), in_(*cable.wires[1 - side]) {}
  End(const End&) = delete;
  End& operator=(const End&) = delete;
  ~End() {
    set_sink(nullptr);
    out_.end();
  }

  class Sending {
   public:
    Sending(Wire& wire, const Wire::Line& line) : wire_(wire), line_(line) {}
    bool await_ready() const { return wire_.may_send(); }
    void await_suspend(std::coroutine_handle<> waiting) {
      waiter_.coroutine = waiting;
      wire_.wait_to_send(waiter_);
    }
    Result<void> await_resume() { return wire_.send(line_); }

   private:
    Wire& wire_;
    Wire::Line line_;
    Waiter waiter_;
  };

  class Receiving {
   public:
    explicit Receiving(Wire& wire) : wire_(wire) {}
    bool await_ready() const { return wire_.may_receive(); }
    void await_suspend(std::coroutine_handle<> waiting) {
      waiter_.coroutine = waiting;
      wire_.wait_to_receive(waiter_);
    }
    Result<urpc::Message<kWords>> await_resume() {
      const auto line = wire_.receive();
      if (!line) return line.error();
      return converted<kWords>(line.value());
    }

   private:
    Wire& wire_;
    Waiter waiter_;
  };

  template <std::size_t kSent>
  Sending send(const urpc::Message<kSent>& line) {
    static_assert(kSent <= kWords);
    return Sending(out_, converted<urpc::kPayloadWords>(line));
  }
  template <std::size_t kSent>
  Result<void> try_send(const urpc::Message<kSent>& line) {
    static_assert(kSent <= kWords);
    return out_.may_send() ? out_.send(converted<urpc::kPayloadWords>(line)) : Error::again;
  }
  Receiving receive() { return Receiving(in_); }
  void set_sink(Sink<kWords>* sink) {
    if (sink == nullptr) return in_.set_sink(nullptr, nullptr);
    in_.set_sink([sink](const Wire::Line& line) { sink->take(converted<kWords>(line)); },
                 [sink](Error error) { sink->end(error); });
  }
  std::size_t room() const { return out_.room(); }
  void make_ready(Waiter& waiter) { out_.network().make_ready(out_.sender(), waiter); }

 private:
  // Words that are not sent are garbage, as in a ring that has gone around.
  template <std::size_t kTo, std::size_t kFrom>
  static urpc::Message<kTo> converted(const urpc::Message<kFrom>& line) {
    urpc::Message<kTo> result;
    result.header = line.header;
    for (std::size_t word = 0; word < kTo; ++word)
      result.words[word] = word < kFrom ? line.words[word] : 0x6a7b'8c9d'aebf'c0d1;
    return result;
  }

  Wire& out_;
  Wire& in_;
};
static_assert(Link<End<>>);

}  // namespace sprat::network
