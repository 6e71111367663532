// victim.cc — makes all requests to the monitor, at random, and may be killed at any moment: `victim SEED` until then,
// `victim SEED STEPS` for so many steps at most. Any other words: it ends at once.

#include <cstring>

#include "lib/caps.hh"
#include "lib/connection.hh"
#include "lib/link.hh"
#include "lib/memory_requests.hh"
#include "lib/processes.hh"
#include "lib/program.hh"
#include "lib/runtime.hh"
#include "lib/service_names.hh"
#include "lib/upcalls.hh"
#include "lib/words.hh"
#include "stress/checked_messages.hh"
#include "tests/programs/command_line.hh"

namespace sprat {
namespace {

using bench::Dice;

constexpr std::uint64_t kCores = 4;
constexpr std::uint64_t kStepsOfChild = 24;

constexpr CapRef<Type::endpoint> kMemoryServer{task_slot(ProgramSlot::memory)};

CapRef<Type::dispatcher> self() {
  return CapRef<Type::dispatcher>(task_slot(TaskSlot::dispatcher));
}

// Names of processes that listen now and then, and not at all.
ProcessName any_name(Dice& dice) {
  constexpr std::array<std::string_view, 3> kNames{"victim", "victim", "unused"};
  ProcessName name{};
  const std::string_view text = kNames[dice.roll() % kNames.size()];
  std::memcpy(name.data(), text.data(), text.size());
  return name;
}

// ---- one request after the other, none of which waits for another process but the monitor

class Asker {
 public:
  explicit Asker(std::uint64_t seed) : dice_(seed) {}

  void step() {
    switch (dice_.roll() % 20) {
      case 0: return give_doorbell();
      case 1: return give_endpoint();
      case 2: return ask(ChannelRequest::listen);
      case 3:
      case 4:
      case 5: return connect();
      case 6:
      case 7: return accept();
      case 8:
      case 9: return look_at_channel();
      case 10: return ask(ChannelRequest::close, channel_);
      case 11: return run_child();
      case 12: return wait_for_child();
      case 13: return offer();
      case 14: return end_perhaps();
      case 15: return ask_about_name();
      case 16: return take_memory();
      case 17: return give_back_memory();
      default: yield(Yield::stay);
    }
  }

 private:
  template <class AnyRequest>
  void ask(AnyRequest request, std::uint64_t argument = 0, CapAddress capability = {}) {
    const Words words{static_cast<std::uint64_t>(request), argument};
    static_cast<void>(sprat::ask(kMonitor, words, capability));
  }

  void give_doorbell() {
    if (!notification_) notification_ = made<Type::notification>();
    ask(ChannelRequest::doorbell, 0, notification_.address());
  }
  void give_endpoint() {
    if (!endpoint_) endpoint_ = made<Type::endpoint>();
    ask(ChannelRequest::endpoint, 0, endpoint_.address());
  }
  void offer() {
    if (!endpoint_) endpoint_ = made<Type::endpoint>();
    ask(Request::offer, 0, endpoint_.address());
  }

  void connect() {
    Words words{static_cast<std::uint64_t>(ChannelRequest::connect), dice_.roll() % kCores};
    const ProcessName name = any_name(dice_);
    std::memcpy(&words[2], name.data(), name.size());
    if (const auto number = sprat::ask(kMonitor, words)) channel_ = number.value().words[0];
  }
  void accept() {
    if (const auto number = ask_monitor(ChannelRequest::accept)) channel_ = number.value()[0];
  }

  // Its frame, its doorbell and its endpoint, of which some are kept.
  void look_at_channel() {
    const auto look = [&](ChannelRequest request, auto& kept) {
      auto received = ask_for<std::remove_reference_t<decltype(kept)>::kType>(
          kMonitor, {static_cast<std::uint64_t>(request), channel_});
      if (received) kept = std::move(received.value().capability);
    };
    look(ChannelRequest::channel, frame_);
    look(ChannelRequest::peers_doorbell, peers_doorbell_);
    look(ChannelRequest::peers_endpoint, peers_endpoint_);
  }

  void run_child() {
    if (dice_.roll() % 8 != 0) return;
    constexpr Quota kQuota{.processes = 3, .memory = 3 << 20, .channels = 4, .slots = 60};
    auto child =
        run_program(command_line("victim {} {}", dice_.roll() % 1'000'000, kStepsOfChild), kQuota);
    if (child) child_ = std::move(child.value().process);
  }
  void wait_for_child() {
    if (!notification_) notification_ = made<Type::notification>();
    if (child_) static_cast<void>(signal_at_end(child_, notification_));
    if (child_ && dice_.roll() % 4 == 0) static_cast<void>(kill(child_));
  }

  // Names that all victims of all cores want.
  void ask_about_name() {
    constexpr std::array kRequests{ServiceRequest::publish, ServiceRequest::publish,
                                   ServiceRequest::withdraw, ServiceRequest::look_up,
                                   ServiceRequest::connect_to};
    constexpr std::array<std::string_view, 3> kNames{"a", "b", "c"};
    const auto answer =
        ask_about(kRequests[dice_.roll() % kRequests.size()], kNames[dice_.roll() % kNames.size()]);
    if (answer && answer.value()[0] != 0) channel_ = answer.value()[0];
  }

  // Into slots that the runtime does not use before the first ones are full; some are in use.
  void take_memory() {
    const std::uint64_t slot = kFirstRamSlot + kRamSlots - 1 - dice_.roll() % 8;
    const std::uint64_t bits = 12 + dice_.roll() % 9;
    const auto taken = sprat::ask(
        kMemoryServer, {static_cast<std::uint64_t>(MemoryRequest::allocate), bits, 12, slot});
    if (taken) block_ = taken.value().words[0];
  }
  void give_back_memory() {
    static_cast<void>(
        sprat::ask(kMemoryServer, {static_cast<std::uint64_t>(MemoryRequest::give_back), block_}));
  }

  // By itself, or by a trap where no upcall helps.
  void end_perhaps() {
    const std::uint64_t roll = dice_.roll() % 64;
    if (roll < 4) exit_process(0);
    if (roll != 4) return;
    own_frame().is_disabled = 1;
    __builtin_trap();
  }

  template <Type kType>
  Cap<kType> made() {
    auto object = retype<kType>(self());
    return object ? std::move(object.value()) : Cap<kType>();
  }

  Dice dice_;
  std::uint64_t channel_ = 0, block_ = 0;
  Cap<Type::notification> notification_;
  Cap<Type::endpoint> endpoint_, peers_endpoint_, child_;
  Cap<Type::frame> frame_;
  Cap<Type::irq> peers_doorbell_;
};

// ---- conversations, which wait

template <Link AnyLink>
Task<> say_things(AnyLink& link, Dice& dice) {
  for (std::uint64_t left = dice.roll() % 40; left != 0; --left) {
    const urpc::Message<2> message{7, {left, dice.roll()}};
    if (const auto sent = co_await link.send(message); !sent) co_return sent;
    if (dice.roll() % 2 == 0) continue;
    if (const auto received = co_await link.receive(); !received) co_return received.error();
  }
  co_return {};
}

Task<> converse(std::uint64_t seed) {
  Dice dice(seed);
  const bool is_server = dice.roll() % 2 == 0;
  if (is_server)
    if (const auto listens = listen(); !listens) co_return listens;
  for (;;) {
    Connection peer;
    const auto met =
        is_server ? co_await peer.accept() : co_await peer.connect(dice.roll() % kCores, "victim");
    if (met)
      static_cast<void>(co_await peer.use([&](auto& link) { return say_things(link, dice); }));
    co_await runtime().loop.turn();
    if (!met) yield(Yield::stay);
  }
}

// Calls a process that takes calls and never answers, until that ends.
void call_in_vain() {
  for (;;) {
    if (const auto service = find_service("victim"))
      static_cast<void>(call(service.value().address(), {1, 2, 3}));
    yield(Yield::stay);
  }
}

}  // namespace
}  // namespace sprat

int sprat::main(const Startup& startup) {
  std::string_view words = arguments(startup);
  std::uint64_t seed = 0, steps = 0;
  if (!parse_number(next_word(words), seed)) return 0;
  const bool is_child = parse_number(next_word(words), steps);
  Dice dice(seed);
  const std::uint64_t kind = is_child ? 0 : dice.roll() % 8;
  if (kind == 1) call_in_vain();
  if (kind == 2 || kind == 3) static_cast<void>(runtime().loop.run(converse(seed)));
  Asker asker(seed);
  while (!is_child || steps-- != 0) asker.step();
  return 0;
}
