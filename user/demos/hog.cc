// hog.cc — takes memory and gives it back: `hog 2` takes 2 MiB page by page, by page faults; `hog 2 at once` before it touches them, so
// that too little memory is an error and no fault.

#include "lib/console.hh"
#include "lib/memory_client.hh"
#include "lib/memory_requests.hh"
#include "lib/program.hh"
#include "lib/runtime.hh"
#include "lib/words.hh"

namespace sprat {
namespace {

// Blocks of RAM that the memory server has given to this process.
unsigned count_blocks() {
  unsigned count = 0;
  for (std::size_t slot = kFirstRamSlot; slot < kFirstRamSlot + kRamSlots; ++slot)
    count += identify(CapAddress(kTaskNode, slot)) ? 1 : 0;
  return count;
}

// Writes to each page. Returns the number of pages that were not zero before.
std::uint64_t use(VirtualAddress begin, std::uint64_t bytes) {
  std::uint64_t dirty = 0;
  for (VirtualAddress page = begin; page < begin + bytes; page = page + kPageSize) {
    auto& word = *reinterpret_cast<volatile std::uint64_t*>(page.value());
    dirty += word != 0 ? 1 : 0;
    word = page.value();
  }
  return dirty;
}

Result<void> take(std::uint64_t mib, bool at_once) {
  SelfPaging& memory = runtime().memory;
  const std::uint64_t bytes = mib << 20;
  const VirtualAddress begin = TRY(memory.reserve_for_a_time(bytes));
  const auto filled = at_once ? memory.fill_all(begin, bytes) : Result<void>();
  if (filled) {
    const std::uint64_t dirty = use(begin, bytes);
    print("hog: {} MiB in {} blocks of RAM, {} pages not zero\n", mib, count_blocks(), dirty);
  }
  memory.give_back(begin);
  print("hog: {} blocks are left\n", count_blocks());
  return filled;
}

}  // namespace
}  // namespace sprat

int sprat::main(const Startup& startup) {
  std::string_view words = arguments(startup);
  std::uint64_t mib = 0;
  if (!parse_number(next_word(words), mib) || mib == 0 || mib > 1024) {
    print("hog: how many MiB? Type: run hog 2\n");
    return 1;
  }
  const auto taken = take(mib, !next_word(words).empty());
  if (!taken) print("hog: {} MiB: {}\n", mib, name_of(taken.error()));
  return taken ? 0 : 1;
}
