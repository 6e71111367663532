// greedy.cc — a hostile client of the memory server: makes the monitor's requests, gives back blocks of others, gives back a block
// twice, and takes all memory that it may have. Then it ends: `greedy` by itself, `greedy fault` by a trap, `greedy stay` when it is killed.
// `greedy shrinks` allocates and releases large blocks of its heap instead.

#include <algorithm>
#include <cstring>

#include "lib/console.hh"
#include "lib/heap.hh"
#include "lib/memory_client.hh"
#include "lib/memory_requests.hh"
#include "lib/processes.hh"
#include "lib/program.hh"
#include "lib/runtime.hh"
#include "lib/upcalls.hh"
#include "lib/words.hh"

namespace sprat {
namespace {

constexpr CapRef<Type::endpoint> kServer{task_slot(ProgramSlot::memory)};

Result<Words> ask_server(MemoryRequest request, const Words& words = {}) {
  const auto answer = TRY(
      ask(kServer, {static_cast<std::uint64_t>(request), words[0], words[1], words[2], words[3]}));
  return answer.words;
}
Result<Words> allocate(std::uint64_t most, std::uint64_t least, std::uint64_t slot) {
  return ask_server(MemoryRequest::allocate, {most, least, slot});
}

// Returns how many of the answers differ from `expected`.
class Refusals {
 public:
  void expect(const char* what, const Result<Words>& answer, Error expected) {
    ++asked_;
    if (!answer && answer.error() == expected) return;
    ++wrong_;
    print("greedy: {}: {}\n", what, answer ? "done" : name_of(answer.error()));
  }
  void say() const { print("greedy: {} of {} refused\n", asked_ - wrong_, asked_); }

 private:
  std::uint64_t asked_ = 0, wrong_ = 0;
};

// Requests of the monitor, for every client that there may be.
void ask_for_the_monitor(Refusals& refusals) {
  for (std::uint64_t place = 0; place < kMostMemoryClients; ++place) {
    const std::uint64_t client = MemoryClient{place, place}.raw();
    for (const auto request : {MemoryRequest::add, MemoryRequest::begin, MemoryRequest::end,
                               MemoryRequest::owner, MemoryRequest::use, MemoryRequest::used_by})
      refusals.expect("the monitor's request", ask_server(request, {client, 0, ~0ul, 0}),
                      Error::no_rights);
  }
}

// Blocks of others, free ones, and ones that do not exist.
void give_back_all_numbers(Refusals& refusals, std::uint64_t own) {
  for (std::uint64_t number = 0; number < 600; ++number)
    if (number != own)
      refusals.expect("a block of others", ask_server(MemoryRequest::give_back, {number}),
                      Error::invalid_argument);
  for (const std::uint64_t number : {1ul << 31, 1ul << 32 | own, ~0ul})
    refusals.expect("no block", ask_server(MemoryRequest::give_back, {number}),
                    Error::invalid_argument);
}

void ask_for_impossible_blocks(Refusals& refusals) {
  constexpr std::uint64_t kSlot = kFirstRamSlot;
  for (const std::uint64_t bits : {0ul, 11ul, 41ul, 64ul, ~0ul})
    refusals.expect("a size", allocate(bits, bits, kSlot), Error::invalid_argument);
  refusals.expect("more at least than at most", allocate(12, 13, kSlot), Error::invalid_argument);
  for (const std::uint64_t slot : {0ul, kFirstRamSlot - 1, kFirstRamSlot + kRamSlots, ~0ul})
    refusals.expect("a slot", allocate(12, 12, slot), Error::invalid_argument);
  refusals.expect("all there is", allocate(40, 40, kSlot), Error::quota_exceeded);
}

// Takes the largest blocks that it gets, then smaller ones. Returns the bytes.
std::uint64_t take_all(Refusals& refusals) {
  std::uint64_t bytes = 0;
  std::size_t slot = kFirstRamSlot + 1;
  for (; slot < kFirstRamSlot + kRamSlots; ++slot) {
    const auto block = allocate(40, 12, slot);
    if (!block) break;
    bytes += std::uint64_t{1} << block.value()[1];
  }
  const auto left = ask_server(MemoryRequest::left);
  if (slot < kFirstRamSlot + kRamSlots)
    refusals.expect(
        "one more", allocate(12, 12, slot),
        left && left.value()[0] < kPageSize ? Error::quota_exceeded : Error::out_of_memory);
  return bytes;
}

void misbehave() {
  Refusals refusals;
  ask_for_the_monitor(refusals);
  ask_for_impossible_blocks(refusals);
  const auto block = allocate(12, 12, kFirstRamSlot);
  if (!block) return print("greedy: no block: {}\n", name_of(block.error()));
  refusals.expect("a slot in use", allocate(12, 12, kFirstRamSlot), Error::slot_in_use);
  const std::uint64_t own = block.value()[0];
  give_back_all_numbers(refusals, own);
  if (!ask_server(MemoryRequest::give_back, {own})) print("greedy: its own block is not taken\n");
  refusals.expect("the same twice", ask_server(MemoryRequest::give_back, {own}),
                  Error::invalid_argument);
  print("greedy: holds {} KiB\n", take_all(refusals) >> 10);
  refusals.say();
}

std::uint64_t kib_left() {
  const auto bytes = memory_left();
  return bytes ? bytes.value() >> 10 : 0;
}

// Allocates a block of the heap, writes to all of it, and releases it. Returns how many KiB fewer this process could take meanwhile; empty: there
// is no such block.
Result<std::uint64_t> taken_by_block(std::size_t bytes) {
  const std::uint64_t before = kib_left();
  void* const memory = sprat::allocate(bytes);
  if (memory == nullptr) return Error::out_of_memory;
  std::memset(memory, 1, bytes);
  const std::uint64_t left = kib_left();
  release(memory);
  return before - left;
}

// The first time, page tables for the addresses are made, which stay.
void shrink() {
  for (const std::size_t kib : {1000, 2048, 64, 3000}) {
    static_cast<void>(taken_by_block(kib << 10));
    const std::uint64_t before = kib_left();
    const auto taken = taken_by_block(kib << 10);
    if (!taken || (kib >= 1000 && taken.value() < kib) || kib_left() != before)
      print("greedy: {} KiB took {}, and {} are left of {}\n", kib, taken ? taken.value() : 0,
            kib_left(), before);
  }
  for (const std::size_t bytes : {std::size_t{1} << 30, ~std::size_t{0}})
    if (sprat::allocate(bytes) != nullptr) print("greedy: has more than there is\n");
  const std::uint64_t before = kib_left();
  for (std::size_t round = 0; round < 400; ++round)
    if (!taken_by_block((64 + round * 37 % 900) << 10))
      return print("greedy: nothing is left in round {}\n", round);
  print("greedy: {} KiB fewer are left than before\n", before - kib_left());
}

}  // namespace
}  // namespace sprat

int sprat::main(const Startup& startup) {
  std::string_view words = arguments(startup);
  const std::string_view word = next_word(words);
  if (word == "shrinks") {
    shrink();
    return 0;
  }
  misbehave();
  flush_console();
  if (word == "fault") {
    own_frame().is_disabled = 1;
    __builtin_trap();
  }
  while (word == "stay") wait_for_notification();
  return 0;
}
