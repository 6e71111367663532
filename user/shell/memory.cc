// memory.cc — the RAM of all cores, as their memory servers have it.

#include <cstring>

#include "lib/console.hh"
#include "lib/late_answers.hh"
#include "lib/memory_requests.hh"
#include "lib/words.hh"
#include "shell/commands.hh"

namespace sprat::shell {
namespace {

Task<Words> ask_about_memory(MemoryOfCoreRequest request, std::uint64_t core,
                             std::uint64_t argument = 0) {
  return ask_and_wait(kOwnCore, {static_cast<std::uint64_t>(request), core, argument});
}

void print_use(std::uint64_t core, const MemoryUse& use) {
  print("{4}  {9}  {9}", core, use.all_kib, use.free_kib);
  for (const std::uint16_t blocks : use.free_blocks) print("  {4}", blocks);
  print("  {4}  {8}\n", use.lent, use.borrowed);
}

}  // namespace

Task<> memory_of_cores() {
  print("KiB of memory servers, and their free blocks by KiB:\n");
  print(
      "core      owned       free     4     8    16    32    64   128   256   512  1024  2048  "
      "lent  borrowed\n");
  for (std::uint64_t core = 0; core < kMaxCores; ++core) {
    const auto words = co_await ask_about_memory(MemoryOfCoreRequest::use, core);
    if (!words) continue;
    MemoryUse use;
    std::memcpy(&use, words.value().data(), sizeof(use));
    print_use(core, use);
  }
  print("KiB in use by processes:\n");
  for (std::uint64_t core = 0; core < kMaxCores; ++core) {
    for (std::uint64_t n = 0;; ++n) {
      const auto process = co_await nth_process_of(core, n);
      if (!process) break;
      const auto& [number, state, name, endpoint] = process.value();
      const auto used = co_await ask_about_memory(MemoryOfCoreRequest::used_by, core, number);
      if (!used) continue;
      print("{3}.{-4}{-16}  {9}\n", core, number, until_zero({name.data(), name.size()}),
            used.value()[0] >> 10);
    }
  }
  co_return {};
}

}  // namespace sprat::shell
