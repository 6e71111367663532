// span.cc — the dispatchers of this process that this one knows, by their cores.

#include "span/span.hh"

#include <algorithm>

#include "lib/console.hh"
#include "lib/processes.hh"
#include "lib/remote_processes.hh"
#include "lib/runtime.hh"
#include "span/dispatchers.hh"

namespace sprat {
namespace {

// The home has made all others, and knows their numbers. Each other one knows the home, and asks it for the rest.
struct Span {
  explicit Span(const Startup& startup)
      : own_core(startup.core_id),
        is_home(!is_added_dispatcher(startup)),
        home{startup.home_core, startup.home_process} {}

  const std::uint64_t own_core;
  const bool is_home;
  const ProcessId home;                                        // if it is another one
  std::array<std::uint64_t, kMaxCores> numbers{};              // on the home
  std::array<std::unique_ptr<Neighbour>, kMaxCores> called{};  // by core: tasks of this dispatcher
  std::array<bool, kMaxCores> is_connecting{};                 // to the dispatcher on that core
  std::array<std::unique_ptr<Neighbour>, kMaxCores>
      callers{};  // by core: tasks of others, that have connected
};

constinit Span* own_span = nullptr;

const Startup& startup() { return *reinterpret_cast<const Startup*>(kStartupAddress.value()); }

// Returns this dispatcher's, or null if there is no memory.
Span* span() {
  if (own_span == nullptr) own_span = new (std::nothrow_t{}) Span(startup());
  return own_span;
}

// The dispatcher with which tasks of core `core` are run, which has not ended; or null.
Neighbour* known(Span& own, std::uint64_t core) {
  Neighbour* const neighbour = own.called[core].get();
  return neighbour != nullptr && !neighbour->has_ended() ? neighbour : nullptr;
}

// Says that a coroutine connects to the dispatcher on a core: no other one does meanwhile.
class Connecting {
 public:
  explicit Connecting(bool& is_connecting) : is_connecting_(is_connecting) {
    is_connecting_ = true;
  }
  Connecting(const Connecting&) = delete;
  Connecting& operator=(const Connecting&) = delete;
  ~Connecting() { is_connecting_ = false; }

 private:
  bool& is_connecting_;
};

Task<> connect(Span& own, std::uint64_t core, std::uint64_t number) {
  std::unique_ptr<Neighbour> neighbour(new (std::nothrow_t{}) Neighbour());
  if (neighbour == nullptr) co_return Error::out_of_memory;
  const auto connected = co_await neighbour->connection().connect(ProcessId{core, number});
  if (!connected) co_return connected;
  neighbour->begin();
  own.called[core] = std::move(neighbour);
  co_return {};
}

// The number of this process's dispatcher on `core`, which the home knows.
Task<std::uint64_t> number_on(Span& own, std::uint64_t core) {
  if (own.is_home) {
    if (own.numbers[core] == 0) co_return Error::not_found;
    co_return own.numbers[core];
  }
  if (core == own.home.core) co_return own.home.number;
  Neighbour* const home = own.callers[own.home.core].get();
  if (home == nullptr) co_return Error::peer_gone;
  co_return co_await home->where(core);
}

}  // namespace

bool is_home() {
  const Span* const own = span();
  return own != nullptr && own->is_home;
}

Result<Neighbour*> home() {
  const Span* const own = span();
  if (own == nullptr) return Error::out_of_memory;
  Neighbour* const neighbour = own->callers[own->home.core].get();
  return neighbour != nullptr ? Result(neighbour) : Error::peer_gone;
}

Result<span_messages::There> Neighbour::OnWhere::operator()(
    const span_messages::Where& where) const {
  const Span* const own = span();
  if (own == nullptr || where.core >= kMaxCores || own->numbers[where.core] == 0)
    return Error::not_found;
  return span_messages::There{own->numbers[where.core]};
}

Task<> span_to(std::uint64_t core) {
  Span* const own = span();
  if (own == nullptr) co_return Error::out_of_memory;
  if (!own->is_home) co_return Error::invalid_argument;
  if (core >= kMaxCores) co_return Error::not_found;
  if (core == own->own_core || own->is_connecting[core] || known(*own, core) != nullptr)
    co_return Error::in_use;
  const Connecting connecting(own->is_connecting[core]);
  const auto child = co_await add_dispatcher(core, startup().command_line.data());
  if (!child) co_return child.error();
  own->numbers[core] = child.value().number;
  co_return co_await connect(*own, core, child.value().number);
}

Task<Words> run_on_core(std::uint64_t core, CoreTask task, Words arguments) {
  Span* const own = span();
  if (own == nullptr) co_return Error::out_of_memory;
  if (core >= kMaxCores) co_return Error::not_found;
  if (core == own->own_core) co_return co_await task(arguments);
  if (!own->is_home && core == own->home.core) {
    Neighbour* const home = own->callers[core].get();
    if (home == nullptr) co_return Error::peer_gone;
    co_return co_await home->run(task, arguments);
  }
  while (own->is_connecting[core]) co_await runtime().loop.turn();
  if (known(*own, core) == nullptr) {
    const Connecting connecting(own->is_connecting[core]);
    const auto number = co_await number_on(*own, core);
    if (!number) co_return number.error();
    if (own->is_home) co_return Error::peer_gone;
    if (const auto connected = co_await connect(*own, core, number.value()); !connected)
      co_return connected.error();
  }
  co_return co_await own->called[core]->run(task, arguments);
}

namespace {

// Whether `peer` is a dispatcher of this process.
Task<bool> is_ours(Span& own, const ProcessId& peer) {
  if (peer == own.home) co_return true;
  if (peer.core >= kMaxCores || own.callers[own.home.core] == nullptr) co_return false;
  const auto number = co_await number_on(own, peer.core);
  co_return number&& number.value() == peer.number;
}

Task<> accept_dispatchers(Span& own) {
  if (const auto listens = listen(); !listens) co_return listens;
  for (;;) {
    std::unique_ptr<Neighbour> neighbour(new (std::nothrow_t{}) Neighbour());
    if (neighbour == nullptr) co_return Error::out_of_memory;
    if (const auto accepted = co_await neighbour->connection().accept(); !accepted) continue;
    const ProcessId peer = neighbour->connection().peer();
    const auto ours = co_await is_ours(own, peer);
    if (!ours || !ours.value()) continue;
    neighbour->begin();
    if (peer == own.home) neighbour->allow_blocking();
    own.callers[peer.core] = std::move(neighbour);
  }
}

}  // namespace

int handle_tasks() {
  Span* const own = span();
  if (own == nullptr || !make_page_records()) return 1;
  const auto handled = runtime().loop.run(accept_dispatchers(*own));
  print("span: no more tasks on core {}: {}\n", own->own_core, name_of(handled.error()));
  return 1;
}

}  // namespace sprat
