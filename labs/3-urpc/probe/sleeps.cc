// sleeps.cc — exercise 4: a core that sleeps until it is signalled, and one that is not signalled while it polls.

#include "pair.hh"
#include "sprat/region.hh"
#include "urpc/epoch.hh"
#include "urpc/sleep.hh"

namespace sprat::probe {
namespace {

using Sleepy = urpc::SleepyEnd<urpc::Epoch, Signal>;

constexpr std::size_t kSlots = 16;
constexpr std::uint64_t kSleeps = 40, kPolls = 200;
constexpr std::uint64_t kForEver = std::uint64_t{1} << 62;

// The way of waiting that the first core asks for.
enum class Step : std::uint64_t { poll, sleep };

bool is_asleep(const urpc::View& view) {
  const urpc::Status seen(view.peer_status->control.load(std::memory_order_seq_cst));
  return seen.get<urpc::status::asleep>() != 0;
}

// Sends `count` messages at once. Returns how many were sent.
std::uint64_t send_burst(Sleepy& end, std::uint64_t count) {
  std::uint64_t sent = 0;
  while (sent < count && end.send(urpc::Message<1>{0, {sent}})) ++sent;
  end.settle();
  return sent;
}

constinit std::uint64_t waits = 0;  // of the core that sleeps: a wait may end without a message

void wait_asleep(Sleepy& end, Processor& processor) {
  region_begin<Region::urpc_sleep>();
  urpc::wait_for_any(std::span(&end, 1), urpc::Wish::message, 0, processor);
  region_end<Region::urpc_sleep>();
  ++waits;
}

void receive(Sleepy& end, std::uint64_t count, Step step, Processor& processor) {
  for (std::uint64_t received = 0; received < count;) {
    if (step == Step::sleep) {
      wait_asleep(end, processor);
    } else {
      urpc::wait_for_any(std::span(&end, 1), urpc::Wish::message, kForEver, processor);
    }
    urpc::Message<1> message;
    while (received < count && end.receive(message)) ++received;
  }
}

}  // namespace
}  // namespace sprat::probe

using namespace sprat;
using namespace sprat::probe;

// Bursts of messages for a core that sleeps, and then for one that polls. Between two sleeps neither core sends for as many
// microseconds as arg= says.
PROBE(sleeps) {
  Pairs pairs;
  Pair& pair = pairs[0];
  const urpc::View view = pair.view(kSlots);
  Sleepy end(view, pair.signal());
  evidence::Sequence sequence(session.seed());
  const std::uint64_t silence = milliseconds(evidence::hex(words(), "arg")) / 1000;
  auto& board = pair.board().words;

  std::uint64_t asleep = 0, bursts = 0;
  board[0] = static_cast<std::uint64_t>(Step::sleep);
  for (std::uint64_t sleep = 0; sleep < kSleeps; ++sleep, ++bursts) {
    const std::uint64_t count = 1 + sequence.next() % 5;
    board[1] = count;
    pair.ask();
    if (!poll_for([&] { return is_asleep(view); })) break;
    pass_time(silence);
    asleep += is_asleep(view) ? 1 : 0;
    EXPECT(session, send_burst(end, count) == count);
    pair.wait_for_answer();
  }
  session.answer("asleep", asleep);
  session.answer("signals_for_sleeps", pair.signals());
  session.answer("sleeps", board[2].load());
  if (bursts != kSleeps) return;

  const std::uint64_t signals = pair.signals();
  board[0] = static_cast<std::uint64_t>(Step::poll);
  board[1] = kPolls;
  pair.ask();
  for (std::uint64_t i = 0; i < kPolls; ++i) {
    for (std::uint64_t pause = sequence.next() % 100; pause != 0; --pause) __builtin_ia32_pause();
    EXPECT(session, send_burst(end, 1) == 1);
  }
  pair.wait_for_answer();
  session.answer("signals_for_polls", pair.signals() - signals);
  session.answer("sleeps_in_the_end", board[2].load());
  session.answer("waits", board[3].load());
}
PROBE_ON_OTHER_CORES(sleeps) {
  Pairs pairs;
  Pair& pair = pairs[0];
  Sleepy end(pair.view(kSlots), pair.signal());
  Processor processor;
  auto& board = pair.board().words;
  for (std::uint64_t step = 0; step < kSleeps + 1; ++step) {
    pair.wait_for_question();
    receive(end, board[1], static_cast<Step>(board[0].load()), processor);
    board[2] = processor.sleeps;
    board[3] = waits;
    pair.answer();
  }
}

// ---- conversations of which every side may be asleep: two cores call a third, whenever they like

namespace {

// The numbers by which a core's calls are answered.
evidence::Sequence answers_for(std::uint64_t core) {
  return evidence::Sequence(evidence::hex(words(), "seed") + core);
}

// Short as a rule, sometimes longer than falling asleep takes.
std::uint64_t any_time(evidence::Sequence& mood) {
  return mood.next() % (std::uint64_t{2} << mood.next() % 17);
}

constexpr std::uint32_t kCall = 1, kLastCall = 2;

// Answers all calls that are there. False: the last call was among them.
bool answer_calls(Sleepy& end, evidence::Sequence& answers, std::uint64_t& answered) {
  urpc::Message<1> call;
  while (end.receive(call)) {
    static_cast<void>(end.send(urpc::Message<1>{kCall, {call.words[0] ^ answers.next()}}));
    ++answered;
    if (call.header == kLastCall) return false;
  }
  return true;
}

}  // namespace

PROBE(sleepy_calls) {
  Pairs pairs;
  Processor processor;
  std::array ends{Sleepy(pairs[0].view(kSlots), pairs[0].signal()),
                  Sleepy(pairs[1].view(kSlots), pairs[1].signal())};
  std::array answers{answers_for(1), answers_for(2)};
  std::array<std::uint64_t, 2> answered{};
  std::array<bool, 2> goes_on{true, true};
  evidence::Sequence mood(~session.seed());
  while (goes_on[0] || goes_on[1]) {
    urpc::wait_for_any(ends, urpc::Wish::message, any_time(mood), processor);
    for (std::size_t i = 0; i < ends.size(); ++i)
      goes_on[i] = answer_calls(ends[i], answers[i], answered[i]) && goes_on[i];
    pass_time(any_time(mood));
  }
  for (Sleepy& end : ends) end.settle();
  EXPECT(session, processor.sleeps != 0);
  for (std::size_t i = 0; i < ends.size(); ++i) {
    pairs[i].ask();
    pairs[i].wait_for_answer();
    session.answer_numbered(i + 1, "answers", answered[i],
                            VirtualAddress(pairs[i].board().words[0].load()));
    EXPECT(session, pairs[i].board().words[1] != 0);
  }
}
PROBE_ON_OTHER_CORES(sleepy_calls) {
  Pairs pairs;
  Pair& pair = pairs[0];
  Processor processor;
  std::array end{Sleepy(pair.view(kSlots), pair.signal())};
  evidence::Sequence mood(answers_for(100 + first_process().core_id));
  Digest digest;
  const std::uint64_t calls = evidence::hex(words(), "arg");
  for (std::uint64_t call = 1; call <= calls; ++call) {
    const std::uint32_t header = call == calls ? kLastCall : kCall;
    static_cast<void>(end[0].send(urpc::Message<1>{header, {call}}));
    urpc::Message<1> answer;
    while (!end[0].receive(answer))
      urpc::wait_for_any(end, urpc::Wish::message, any_time(mood), processor);
    digest.add(answer.words[0]);
    pass_time(any_time(mood));
  }
  pair.wait_for_question();
  pair.board().words[0] = digest.value();
  pair.board().words[1] = processor.sleeps;
  pair.answer();
}
