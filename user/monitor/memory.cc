// memory.cc — the server's beginning, and calls to it.

#include "monitor/memory.hh"

#include <algorithm>
#include <bit>
#include <cstring>

#include "lib/console.hh"
#include "lib/first_process.hh"
#include "lib/memory_client.hh"
#include "lib/runtime.hh"
#include "monitor/lending.hh"
#include "monitor/process_builder.hh"

namespace sprat::monitor {
namespace {

constexpr std::uint64_t kNoLimit = ~std::uint64_t{0};

constexpr std::size_t place_of_client(std::size_t place) { return 1 + place; }

}  // namespace

// ---- the beginning

Result<std::uint64_t> Memory::start() {
  const auto file = TRY(find_file(process_, "memory"));
  TRY(processes_.start(file, {.command_line = file.command_line(),
                              .account = processes_.account(),
                              .quota = kParentsQuota,
                              .is_server = true}));
  const std::uint64_t bytes = TRY(hand_over_all());
  const std::uint64_t own = MemoryClient().raw();
  TRY(ask_server(MemoryRequest::begin, own, own, kNoLimit, 0, CapAddress::in_root(kTaskNode)));
  use_memory_server(server_);
  return bytes;
}

Result<std::uint64_t> Memory::hand_over_all() {
  std::uint64_t bytes = 0;
  std::size_t slot = kFirstRamSlot;
  for (const CapRef<Type::ram> piece : runtime().ram.pieces())
    bytes += TRY(hand_over(piece.address(), slot));
  return bytes;
}

// Makes blocks of the unused rest of a region: one, if it is unused and a power of two; else each is as large as its address allows.
// The address of the first, of the least size, tells where the rest begins.
Result<std::uint64_t> Memory::hand_over(CapAddress region, std::size_t& slot) {
  const Identity whole = TRY(identify(region));
  const std::uint64_t end = whole.base + whole.bytes;
  std::uint64_t begin = 0, bytes = 0;
  const bool is_power = (whole.bytes & (whole.bytes - 1)) == 0;
  int bits = is_power ? std::countr_zero(whole.bytes) : int{kLeastBlockBits};
  while (begin != end && slot != kFirstRamSlot + kRamSlots) {
    const auto size = static_cast<unsigned>(bits);
    const auto made = retype_into(task_cnode_.address(), slot, region, Type::ram, size);
    if (!made && made.error() == Error::out_of_memory) {
      if (begin != 0 || bits == kLeastBlockBits) break;
      bits = kLeastBlockBits;
      continue;
    }
    TRY(made);
    const auto words = TRY(invoke(task_cnode_.address(), Method::look, slot));
    TRY(ask_server(MemoryRequest::add, slot));
    ++slot;
    const Identity block = identity_of(words);
    bytes += block.bytes;
    begin = block.base + block.bytes;
    bits = std::min(std::countr_zero(begin), static_cast<int>(std::bit_width(end - begin) - 1));
  }
  return bytes;
}

// ---- processes

MemoryClient Memory::name_of(std::uint64_t number, std::size_t place) {
  return {number, place_of_client(place)};
}

Result<void> Memory::begin(const Process& process, const Process* parent, ProcessBuilder& builder) {
  if (process.number == kServerNumber) {
    server_ = TRY(builder.make_endpoint());
    task_cnode_ = TRY(builder.copy_task_cnode());
    return {};
  }
  if (!server_) return {};
  const MemoryClient name = name_of(process.number, processes_.place_of(process));
  const MemoryClient above =
      parent != nullptr ? name_of(parent->number, processes_.place_of(*parent)) : MemoryClient();
  TRY(ask_server(MemoryRequest::begin, name.raw(), above.raw(), process.account.limit().memory,
                 kCostOfProcess.memory, builder.task_cnode()));
  return builder.give(ProgramSlot::memory, server_, {kWrite, name.raw(), 0});
}

void Memory::before_end(const Process& process) {
  if (process.number != kServerNumber || !server_) return;
  print("monitor: the memory server of core {} has ended\n", process_.core_id);
  drain_console();
  exit_process(kExitTrapped);
}

Result<void> Memory::end(std::uint64_t number, std::size_t place) {
  if (!server_) return {};
  TRY(ask_server(MemoryRequest::end, name_of(number, place).raw()));
  if (lending_ != nullptr) lending_->released();
  return {};
}

Result<Words> Memory::used_by(const Process& process) const {
  return ask_server(MemoryRequest::used_by,
                    name_of(process.number, processes_.place_of(process)).raw());
}

std::uint64_t Memory::left_to(const Process& process) const {
  if (!server_) return process.account.left().memory;
  const auto used = used_by(process);
  return used ? used.value()[1] : 0;
}

void Memory::count(Census& census) const {
  if (!server_) return;
  const auto used = ask_server(MemoryRequest::used_by, MemoryClient().raw());
  if (!used) return;
  const auto& [own, left, all, unused, more] = used.value();
  census.free_kib -= static_cast<std::uint32_t>((all - own) >> 10);
}

RamOfProcess Memory::find(std::uint64_t address) const {
  if (!server_) return {};
  const auto found = ask_server(MemoryRequest::owner, address);
  if (!found) return {};
  const auto& [client, base, bytes, unused, more] = found.value();
  const MemoryClient name = MemoryClient::of(client);
  if (name == MemoryClient()) return {};
  return {processes_.at(name.place - place_of_client(0)), base, base + bytes};
}

// ---- requests

Result<Words> Memory::answer_to(std::uint64_t request, std::uint64_t argument) const {
  if (!server_) return Error::not_found;
  if (request == static_cast<std::uint64_t>(MemoryOfCoreRequest::use)) return use();
  const Process* const process = processes_.find(argument);
  if (process == nullptr) return Error::not_found;
  return used_by(*process);
}

// The server knows its RAM, and the monitor which cores it comes from.
Result<Words> Memory::use() const {
  Words words = TRY(ask_server(MemoryRequest::use));
  MemoryUse use;
  std::memcpy(&use, words.data(), sizeof(use));
  const auto [lent, borrowed] = lending_->count_pieces();
  use.lent = lent;
  use.borrowed = borrowed;
  std::memcpy(words.data(), &use, sizeof(use));
  return words;
}

// ---- whole pieces

Memory::FreePieces Memory::free_pieces() const {
  const auto words = server_ ? ask_server(MemoryRequest::pieces) : Error::not_found;
  return words ? FreePieces{words.value()[0], words.value()[1]} : FreePieces();
}

// By way of a slot of the task CNode, which the server reaches.
Result<std::uint32_t> Memory::lend(CapAddress slot) const {
  if (!server_) return Error::not_found;
  const CapAddress first(kTaskNode, kFirstPieceSlot);
  const Words words = TRY(ask_server(MemoryRequest::lend, first.slot()));
  const Place place = place_of(slot);
  const auto number = static_cast<std::uint32_t>(words[0]);
  const auto moved =
      invoke(task_slot(TaskSlot::kernel), Method::fetch, place.cnode.raw(), place.slot,
             task_slot(TaskSlot::dispatcher).raw(), first.raw(), Rights(kAllRights).bits());
  if (moved) return number;
  static_cast<void>(returned(number));
  return moved.error();
}

Result<void> Memory::returned(std::uint32_t number) const {
  TRY(ask_server(MemoryRequest::returned, number));
  return {};
}

Result<void> Memory::add(CapRef<Type::ram> piece, std::size_t place) const {
  if (!server_) return Error::not_found;
  const std::size_t slot = kFirstPieceSlot + place;
  TRY(retype_into(task_cnode_.address(), slot, piece.address(), Type::ram, agreement::kPieceBits));
  const auto added = ask_server(MemoryRequest::add, slot, 1);
  if (added) return {};
  static_cast<void>(revoke(piece.address()));
  return added.error();
}

Result<void> Memory::remove(CapRef<Type::ram> piece, std::uint64_t address) const {
  TRY(ask_server(MemoryRequest::remove, address));
  return revoke(piece.address());
}

Result<Words> Memory::ask_server(MemoryRequest request, std::uint64_t a1, std::uint64_t a2,
                                 std::uint64_t a3, std::uint64_t a4, CapAddress capability) const {
  const auto answer =
      TRY(ask(server_, {static_cast<std::uint64_t>(request), a1, a2, a3, a4}, capability));
  return answer.words;
}

}  // namespace sprat::monitor
