// costs.cc — the checkpoints' stretches of code, with a window of 16. Where both cores take part, both are in the region.

#include "pair.hh"
#include "sprat/region.hh"
#include "urpc/epoch.hh"

namespace sprat::probe {
namespace {

constexpr std::size_t kSlots = 16;
constexpr std::uint64_t kBatch = 8;  // half a window: the answers acknowledge all of it
constexpr std::uint64_t kBatches = 64;
constexpr std::uint64_t kRounds = 1024;
using OneWord = urpc::Message<1>;

constinit Processor polls{};

std::uint64_t now() { return __builtin_ia32_rdtsc(); }

// Sends as soon as there is room, which may stand behind a line.
SPRAT_INLINE void send_now(urpc::Epoch& end, std::uint64_t word) {
  while (!end.send(OneWord{0, {word}})) {
    OneWord none;
    static_cast<void>(end.receive(none));
    polls.relax();
  }
}

SPRAT_INLINE std::uint64_t receive_now(urpc::Epoch& end) {
  OneWord message;
  while (!end.receive(message)) polls.relax();
  return message.words[0];
}

// As many as make no room necessary. Returns how many went.
SPRAT_INLINE std::uint64_t send_batch(urpc::Epoch& end) {
  std::uint64_t sent = 0;
  for (std::uint64_t i = 0; i < kBatch; ++i) sent += end.send(OneWord{0, {i}}) ? 1 : 0;
  return sent;
}

SPRAT_INLINE std::uint64_t receive_batch(urpc::Epoch& end) {
  std::uint64_t received = 0;
  OneWord message;
  for (std::uint64_t i = 0; i < kBatch; ++i) received += end.receive(message) ? 1 : 0;
  return received;
}

}  // namespace
}  // namespace sprat::probe

using namespace sprat;
using namespace sprat::probe;

// Sends and receives, while the other core does nothing.
PROBE(batches) {
  Pairs pairs;
  Pair& pair = pairs[0];
  urpc::Epoch end(pair.view(kSlots));
  std::uint64_t sent = 0, received = 0;
  for (std::uint64_t batch = 0; batch < kBatches; ++batch) {
    region_begin<Region::urpc_send>();
    sent += send_batch(end);
    region_end<Region::urpc_send>();
    pair.ask();
    pair.wait_for_answer();
    region_begin<Region::urpc_receive>();
    received += receive_batch(end);
    region_end<Region::urpc_receive>();
  }
  session.answer("sent", sent);
  session.answer("received", received);
}
PROBE_ON_OTHER_CORES(batches) {
  Pairs pairs;
  Pair& pair = pairs[0];
  urpc::Epoch end(pair.view(kSlots));
  for (std::uint64_t batch = 0; batch < kBatches; ++batch) {
    pair.wait_for_question();
    receive_batch(end);
    send_batch(end);
    pair.answer();
  }
}

// A message that comes back, and goes again.
PROBE(round_trips) {
  Pairs pairs;
  Pair& pair = pairs[0];
  urpc::Epoch end(pair.view(kSlots));
  pair.ask();
  pair.wait_for_answer();
  std::uint64_t right = 0;
  const std::uint64_t began = now();
  region_begin<Region::urpc_round_trip>();
  for (std::uint64_t i = 0; i < kRounds; ++i) {
    send_now(end, i);
    right += receive_now(end) == i ? 1 : 0;
  }
  region_end<Region::urpc_round_trip>();
  session.answer("ticks", now() - began);
  session.answer("right", right);
}
PROBE_ON_OTHER_CORES(round_trips) {
  Pairs pairs;
  Pair& pair = pairs[0];
  urpc::Epoch end(pair.view(kSlots));
  pair.wait_for_question();
  pair.answer();
  region_begin<Region::urpc_round_trip>();
  for (std::uint64_t i = 0; i < kRounds; ++i) send_now(end, receive_now(end));
  region_end<Region::urpc_round_trip>();
}

// A stream of messages, of which the receiver answers the last.
PROBE(one_way) {
  Pairs pairs;
  Pair& pair = pairs[0];
  urpc::Epoch end(pair.view(kSlots));
  pair.ask();
  pair.wait_for_answer();
  const std::uint64_t began = now();
  region_begin<Region::urpc_one_way>();
  for (std::uint64_t i = 0; i < kRounds; ++i) send_now(end, i);
  const std::uint64_t right = receive_now(end);
  region_end<Region::urpc_one_way>();
  session.answer("ticks", now() - began);
  session.answer("right", right);
}
PROBE_ON_OTHER_CORES(one_way) {
  Pairs pairs;
  Pair& pair = pairs[0];
  urpc::Epoch end(pair.view(kSlots));
  pair.wait_for_question();
  pair.answer();
  std::uint64_t right = 0;
  region_begin<Region::urpc_one_way>();
  for (std::uint64_t i = 0; i < kRounds; ++i) right += receive_now(end) == i ? 1 : 0;
  send_now(end, right);
  region_end<Region::urpc_one_way>();
}
