// memory.cc — the server's beginning, and calls to it.

#include "monitor/memory.hh"

#include <algorithm>
#include <bit>

#include "lib/console.hh"
#include "lib/first_process.hh"
#include "lib/memory_client.hh"
#include "lib/runtime.hh"
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
  if (request == static_cast<std::uint64_t>(MemoryOfCoreRequest::use))
    return ask_server(MemoryRequest::use);
  const Process* const process = processes_.find(argument);
  if (process == nullptr) return Error::not_found;
  return used_by(*process);
}

Result<Words> Memory::ask_server(MemoryRequest request, std::uint64_t a1, std::uint64_t a2,
                                 std::uint64_t a3, std::uint64_t a4, CapAddress capability) const {
  const auto answer =
      TRY(ask(server_, {static_cast<std::uint64_t>(request), a1, a2, a3, a4}, capability));
  return answer.words;
}

}  // namespace sprat::monitor
