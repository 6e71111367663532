// coroutines.cc — an event loop in a program of the host: memory is the host's, notifications come from the questions.

#include "coroutines.hh"

#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "interfaces/echo.hh"
#include "interfaces/peer.hh"
#include "lib/channel.hh"
#include "lib/lrpc_link.hh"
#include "lib/upcalls.hh"
#include "remote_memory.hh"

namespace subject {
namespace {

using namespace sprat;

std::uint64_t notifications = 0, signals = 0, sleeps = 0;
// Is called, once, when the loop sleeps.
std::function<void()> on_sleep;

}  // namespace
}  // namespace subject

// ---- functions of the process and the kernel that the runtime calls

namespace sprat {

void* allocate(std::size_t bytes) noexcept { return std::malloc(bytes); }
void release(void* memory) noexcept { std::free(memory); }

std::uint64_t* notification_word = &subject::notifications;
std::uint64_t take_notifications() { return std::exchange(subject::notifications, 0); }

void wait_for_notification() {
  if (subject::notifications != 0) return;
  ++subject::sleeps;
  if (!subject::on_sleep) {
    subject::say("error it-sleeps-for-ever");
    std::exit(0);
  }
  std::exchange(subject::on_sleep, nullptr)();
}

void Doorbell::operator()() const {
  ++subject::signals;
  subject::notifications |= kSignalled;
}

// There are no calls of the kernel here, in either direction.
std::optional<Call> take_call() { return std::nullopt; }
void set_call_handler(CallHandler) {}
Result<Answer> call(CapAddress, const Words&, CapAddress) { return Error::peer_gone; }
void notify_myself(std::uint64_t bits) { subject::notifications |= bits; }

}  // namespace sprat

namespace subject {
namespace {

// ---- tasks, which add their result to `ended` when they end

std::vector<std::string> ended;

template <class Value>
void end(const std::string& name, const Result<Value>& result, const std::string& more = "") {
  ended.push_back(name + "=" +
                  (result ? "ok" + more : std::string("error:") + sprat::name_of(result.error())));
}

Task<> receive_one(std::string name, Channel& channel) {
  const auto message = co_await channel.receive();
  end(name, message, message ? ":" + hex(message.value().words[0]) : "");
  co_return {};
}

Task<> send_one(std::string name, Channel& channel, std::uint64_t value) {
  const urpc::Message<1> message{0, {value}};
  end(name, co_await channel.send(message));
  co_return {};
}

using EchoPeer = Peer<echo::interface, Channel>;

Task<> add_two(std::string name, EchoPeer& peer, echo::Summands summands) {
  const auto sum = co_await peer.call<echo::add>(summands);
  end(name, sum, sum ? ":" + hex(sum.value().sum) : "");
  co_return {};
}

std::string bytes_of(const echo::Text& text) {
  std::string result;
  for (const char byte : text.text.text()) result += ":" + hex(static_cast<unsigned char>(byte));
  return result;
}

Task<> echo_text(std::string name, EchoPeer& peer, echo::Text text) {
  const auto echoed = co_await peer.call<echo::echo>(text);
  end(name, echoed, echoed ? bytes_of(echoed.value()) : "");
  co_return {};
}

Task<> note_text(std::string name, EchoPeer& peer, echo::Text text) {
  end(name, co_await peer.send<echo::note>(text));
  co_return {};
}

Task<> pass_turns(EventLoop& loop, unsigned turns) {
  for (; turns != 0; --turns) co_await loop.turn();
  co_return {};
}

// ---- the world that questions are about

struct Both {
  static constexpr std::size_t kSlots = 8;

  explicit Both(EventLoop& loop) : frame(urpc::frame_lines(kSlots)) {
    for (const urpc::Side side : {urpc::Side::first, urpc::Side::second})
      sides[static_cast<std::size_t>(side)].open(loop, urpc::view_of(frame, side).value(), {});
  }

  // The status line of `side`.
  urpc::Line& status_of(std::size_t side) { return frame[side]; }

  std::vector<urpc::Line> frame;
  std::array<Channel, 2> sides;
};

struct World {
  EventLoop loop;
  std::vector<std::unique_ptr<Both>> channels;
  std::unique_ptr<EchoPeer> peer;
  std::map<std::string, Task<>> tasks;  // go first: they wait for all the rest

  void start(const std::string& name, Task<> task) {
    Task<>& place = tasks[name] = std::move(task);
    loop.start(place);
  }
};
std::unique_ptr<World> world;

Task<> receive_and_destroy(std::string name, Channel& channel, std::string other) {
  const auto message = co_await channel.receive();
  world->tasks.erase(other);
  end(name, message, message ? ":" + hex(message.value().words[0]) : "");
  co_return {};
}

Task<> add_and_end(std::string name, EchoPeer& peer, echo::Summands summands) {
  const auto sum = co_await peer.call<echo::add>(summands);
  world->peer.reset();
  end(name, sum, sum ? ":" + hex(sum.value().sum) : "");
  co_return {};
}

Channel& channel_in(Question& question) {
  const std::size_t number = question.number();
  return world->channels.at(number)->sides.at(question.number());
}

echo::Text text_in(Question& question) {
  std::string bytes;
  while (!question.empty()) bytes.push_back(static_cast<char>(question.number()));
  echo::Text text;
  static_cast<void>(text.text.assign(bytes));
  return text;
}

void begin(std::size_t channels) {
  world = std::make_unique<World>();
  ended.clear();
  notifications = 0;
  for (; channels != 0; --channels) world->channels.push_back(std::make_unique<Both>(world->loop));
}

void say_ended() {
  std::string text;
  for (const std::string& word : ended) text += (text.empty() ? "" : " ") + word;
  ended.clear();
  say(text.empty() ? "none" : text);
}

void receive_asleep(Question& question) {
  const std::uint64_t value = question.number();
  Both& both = *world->channels.at(question.number());
  const std::uint64_t signals_before = signals, sleeps_before = sleeps;
  on_sleep = [&both, value] {
    for (int i = 0; i < 3; ++i)
      static_cast<void>(both.sides[0].try_send(urpc::Message<1>{0, {value}}));
  };
  world->loop.sources().set_poll_cycles(0);
  static_cast<void>(world->loop.run(receive_one("receiver", both.sides[1])));
  on_sleep = nullptr;
  const std::string outcome = ended.empty() ? "nothing" : ended.back();
  ended.clear();
  say(outcome + " " + hex(sleeps - sleeps_before) + " " + hex(signals - signals_before));
}

// `act` happens when `side` of `both` has announced that it sleeps and has not looked again. The side that acts has
// looked at the status line before that, and does not signal.
void act_behind_announcement(Both& both, std::size_t side, std::function<void()> act) {
  at_fence = [&both, side, act] {
    if (both.frame[side].control.in_memory == 0) return;
    at_fence = nullptr;
    act();
    notifications = 0;
  };
}

void late_message(Question& question) {
  const std::uint64_t value = question.number();
  Both& both = *world->channels.at(question.number());
  act_behind_announcement(both, 1, [&both, value] {
    static_cast<void>(both.sides[0].try_send(urpc::Message<1>{0, {value}}));
  });
  world->loop.sources().set_poll_cycles(0);
  static_cast<void>(world->loop.run(receive_one("late", both.sides[1])));
  say_ended();
}

void late_room(Question& question) {
  Both& both = *world->channels.at(question.number());
  urpc::Message<1> any{0, {0}};
  while (both.sides[0].try_send(any)) {
  }
  act_behind_announcement(both, 0, [&both, any]() mutable {
    while (both.sides[1].try_receive(any)) {
    }
  });
  world->loop.sources().set_poll_cycles(0);
  static_cast<void>(world->loop.run(send_one("late", both.sides[0], 1)));
  say_ended();
}

// The peer reads too little for a report, and acknowledges it with a line of its own.
void late_acknowledgement(Question& question) {
  Both& both = *world->channels.at(question.number());
  urpc::Message<1> any{0, {0}};
  while (both.sides[0].try_send(any)) {
  }
  act_behind_announcement(both, 0, [&both, any]() mutable {
    static_cast<void>(both.sides[1].try_receive(any));
    static_cast<void>(both.sides[1].try_send(any));
  });
  world->loop.sources().set_poll_cycles(0);
  static_cast<void>(world->loop.run(send_one("late", both.sides[0], 1)));
  say_ended();
}

void take(Channel& channel) {
  urpc::Message<> line;
  if (const auto taken = channel.try_receive(line); !taken)
    return say(std::string("error ") + sprat::name_of(taken.error()));
  std::string text = "ok " + hex(line.header);
  for (const std::uint64_t word : line.words) text += " " + hex(word);
  say(text);
}

void put(Channel& channel, Question& question) {
  urpc::Message<> line{static_cast<std::uint32_t>(question.number()), {}};
  for (std::uint64_t& word : line.words)
    if (!question.empty()) word = question.number();
  const auto sent = channel.try_send(line);
  say(sent ? "ok" : std::string("error ") + sprat::name_of(sent.error()));
}

// Questions that are answered with `done`.
void act(const std::string& what, Question& question) {
  if (what == "begin") return begin(question.number());
  if (what == "turns") return static_cast<void>(world->loop.run(pass_turns(world->loop, 800)));
  if (what == "unpeer") return world->peer.reset();
  if (what == "peer") {
    world->tasks.clear();
    world->peer = std::make_unique<EchoPeer>(channel_in(question));
    return;
  }
  if (what == "close") return channel_in(question).close();
  if (what == "gone" || what == "lie") {
    Both& both = *world->channels.at(question.number());
    const std::size_t side = question.number();
    if (what == "gone") return urpc::leave(both.status_of(side));
    // It says that it has read lines that were never sent.
    both.status_of(side).words[0].store(~std::uint64_t{0} >> 1, std::memory_order_release);
    return;
  }
  const std::string name = question.word();
  if (what == "destroy") return static_cast<void>(world->tasks.erase(name));
  if (what == "receive") return world->start(name, receive_one(name, channel_in(question)));
  if (what == "receive-and-destroy") {
    Channel& channel = channel_in(question);
    return world->start(name, receive_and_destroy(name, channel, question.word()));
  }
  if (what == "send") {
    Channel& channel = channel_in(question);
    return world->start(name, send_one(name, channel, question.number()));
  }
  if (what == "add" || what == "add-and-end") {
    const std::uint64_t a = question.number(), b = question.number();
    const auto task = what == "add" ? add_two : add_and_end;
    return world->start(name, task(name, *world->peer, {a, b}));
  }
  if (what == "echo") return world->start(name, echo_text(name, *world->peer, text_in(question)));
  if (what == "note") return world->start(name, note_text(name, *world->peer, text_in(question)));
  say("error unknown-question");
}

}  // namespace

void ask_loop(Question& question) {
  const MemoryIs memory(Memory::local);
  const std::string what = question.word();
  if (what == "ended") return say_ended();
  if (what == "receive-asleep") return receive_asleep(question);
  if (what == "late-message") return late_message(question);
  if (what == "late-room") return late_room(question);
  if (what == "late-acknowledgement") return late_acknowledgement(question);
  if (what == "take") return take(channel_in(question));
  if (what == "put") {
    Channel& channel = channel_in(question);
    return put(channel, question);
  }
  act(what, question);
  say("done");
}

}  // namespace subject
