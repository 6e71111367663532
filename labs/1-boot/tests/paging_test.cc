// paging_test.cc — exercise 2 on the host: the tables that AddressSpace builds, walked entry by entry.

#include <map>
#include <sstream>

#include "kernel_space.hh"
#include "lab/page_walk.hh"
#include "lab/trial.hh"
#include "memory_model.hh"

using namespace sprat::grading;

namespace {

// An address space in the code under test, and where its table frames pretend to be.
class Space {
 public:
  Space(Trial& trial, std::uint64_t frames, unsigned largest_level)
      : trial_(trial),
        largest_level_(largest_level),
        first_((1 + trial.below(1 << 20)) * lab::kPage) {
    ask("new " + bare(frames) + " " + bare(first_) + " " + bare(largest_level));
  }

  std::string ask(const std::string& question) { return trial_.ask("space " + question); }

  // "ok", or the name of the error.
  std::string map(std::uint64_t address, std::uint64_t begin, std::uint64_t end,
                  const std::string& permissions) {
    const std::string answer =
        ask("map " + bare(address) + " " + bare(begin) + " " + bare(end) + " " + permissions);
    return answer.starts_with("error ") ? answer.substr(6) : answer;
  }

  lab::AddressSpaceMap walk() {
    std::istringstream words(ask("dump"));
    std::uint64_t root = 0, taken = 0, frame = 0, index = 0, entry = 0;
    words >> std::hex >> root >> taken;
    std::map<std::uint64_t, std::uint64_t> memory;
    while (words >> frame >> index >> entry)
      memory[first_ + frame * lab::kPage + index * 8] = entry;
    if (root == 0) return {};
    return lab::walk(root, [&](std::uint64_t physical) -> std::optional<std::uint64_t> {
      if (physical < first_ || physical >= first_ + taken * lab::kPage) return {};
      const auto found = memory.find(physical);
      return found == memory.end() ? 0 : found->second;
    });
  }

  unsigned largest_level() const { return largest_level_; }

 private:
  Trial& trial_;
  unsigned largest_level_;
  std::uint64_t first_;
};

std::uint64_t canonical(std::uint64_t address) {
  return (address & std::uint64_t{1} << 47) != 0 ? address | 0xffff000000000000
                                                 : address & 0x0000ffffffffffff;
}

// Entries that a mapping takes if every page is as large as alignment and size allow.
std::size_t leaves_of(std::uint64_t address, std::uint64_t begin, std::uint64_t end,
                      unsigned largest_level) {
  std::size_t leaves = 0;
  for (; begin < end; ++leaves) {
    unsigned level = largest_level;
    std::uint64_t size = lab::kPage << (9 * (level - 1));
    while (level > 1 && (address % size != 0 || begin % size != 0 || end - begin < size)) {
      --level;
      size >>= 9;
    }
    address += size;
    begin += size;
  }
  return leaves;
}

std::uint64_t aligned_size(Trial& trial) {
  static constexpr std::uint64_t kSizes[] = {lab::kPage, lab::kPage << 9, lab::kPage << 18};
  return kSizes[trial.below(3)];
}

}  // namespace

LAB_TEST(paging, map_enters_exactly_the_requested_pages, "host") {
  for (unsigned round = 0; round < 30; ++round) {
    Space space(trial, 256, 2 + static_cast<unsigned>(trial.below(2)));
    std::vector<lab::Mapping> asked;
    std::size_t leaves = 0;
    std::string history;
    for (std::uint64_t i = 0, count = 1 + trial.below(6); i < count; ++i) {
      const std::uint64_t alignment = aligned_size(trial);
      const std::uint64_t address =
          canonical(trial.below(std::uint64_t{1} << 48) / alignment * alignment +
                    trial.below(3) * lab::kPage);
      const std::uint64_t begin =
          trial.below(std::uint64_t{1} << 40) / alignment * alignment + trial.below(3) * lab::kPage;
      const std::uint64_t end =
          begin + trial.below(4) * (lab::kPage << 9) + (1 + trial.below(600)) * lab::kPage;
      if (canonical(address + (end - begin)) != address + (end - begin)) continue;
      const bool overlaps = std::ranges::any_of(asked, [&](const lab::Mapping& other) {
        return address < other.virtual_begin + other.size &&
               other.virtual_begin < address + (end - begin);
      });
      if (overlaps) continue;
      static constexpr const char* kPermissions[] = {"r", "rw", "rx"};
      const std::string permissions = kPermissions[trial.below(3)];
      history += "map " + hex(address) + " -> [" + hex(begin) + ", " + hex(end) + ") " +
                 permissions + "\n";
      trial.keep_log("calls", history);
      trial.expect_equal("result of the last call of\n" + history, "ok",
                         space.map(address, begin, end, permissions));
      asked.push_back(
          {address, begin, end - begin, permissions == "rw", permissions == "rx", false});
      leaves += leaves_of(address, begin, end, space.largest_level());
    }
    if (asked.empty()) continue;
    const lab::AddressSpaceMap map = space.walk();
    if (!map.problem.empty()) trial.wrong("page tables that can be walked", map.problem, history);
    std::uint64_t total = 0;
    for (const lab::Mapping& wanted : asked) {
      total += wanted.size;
      for (const std::uint64_t offset :
           {std::uint64_t{0}, wanted.size / 2 / lab::kPage * lab::kPage,
            wanted.size - lab::kPage}) {
        const lab::Mapping* found = lab::find(map, wanted.virtual_begin + offset);
        const std::string what =
            hex(wanted.virtual_begin + offset) + " -> " + hex(wanted.physical_begin + offset);
        if (found == nullptr) trial.wrong(what, "nothing is mapped there", history);
        const bool right = found->physical_begin - found->virtual_begin ==
                               wanted.physical_begin - wanted.virtual_begin &&
                           found->writable == wanted.writable &&
                           found->executable == wanted.executable && !found->user;
        if (!right) trial.wrong(lab::text_of(wanted), lab::text_of(*found), history);
      }
    }
    std::uint64_t mapped = 0;
    for (const lab::Mapping& mapping : map.mappings) mapped += mapping.size;
    trial.expect_equal("bytes that are mapped after\n" + history, hex(total), hex(mapped));
    trial.expect_equal(
        "entries that map a page, if each is as large as it can be, after\n" + history,
        std::to_string(leaves), std::to_string(map.leaves));
  }
}

LAB_TEST(paging, map_refuses_bad_requests, "host") {
  constexpr std::uint64_t kAddress = 0xffff900000000000;
  {
    Space space(trial, 16, 3);
    const std::uint64_t odd = 1 + trial.below(lab::kPage - 1);
    trial.expect_equal("map at a misaligned address", "misaligned",
                       space.map(kAddress + odd, 0, lab::kPage, "r"));
    trial.expect_equal("map of a misaligned begin", "misaligned",
                       space.map(kAddress, odd, 2 * lab::kPage, "r"));
    trial.expect_equal("map of a misaligned end", "misaligned",
                       space.map(kAddress, 0, lab::kPage + odd, "r"));
    trial.expect_equal("map of nothing", "ok", space.map(kAddress, lab::kPage, lab::kPage, "r"));
    trial.expect_equal("mappings after that", "0", std::to_string(space.walk().mappings.size()));
  }
  {
    Space space(trial, 16, 3);
    trial.expect_equal("map of a small page", "ok",
                       space.map(kAddress + lab::kPage, 0, lab::kPage, "r"));
    trial.expect_equal("the same page again", "already_mapped",
                       space.map(kAddress + lab::kPage, lab::kPage, 2 * lab::kPage, "rw"));
    trial.expect_equal("a large page over it", "already_mapped",
                       space.map(kAddress, 0, lab::kPage << 9, "rw"));
    const lab::AddressSpaceMap map = space.walk();
    const lab::Mapping* first = lab::find(map, kAddress + lab::kPage);
    if (first == nullptr || first->physical_begin != 0 || first->writable) {
      trial.wrong("the first mapping is still there, read only",
                  first == nullptr ? "it is gone" : lab::text_of(*first));
    }
  }
  for (const std::uint64_t large : {lab::kPage << 9, lab::kPage << 18}) {
    Space space(trial, 16, 3);
    trial.expect_equal("map of a large page", "ok", space.map(kAddress, 0, large, "rw"));
    trial.expect_equal("a small page inside of it", "already_mapped",
                       space.map(kAddress + 5 * lab::kPage, 0, lab::kPage, "r"));
    const lab::AddressSpaceMap map = space.walk();
    if (map.mappings.size() != 1 || map.mappings[0].size != large) {
      trial.wrong("one mapping of " + hex(large) + " bytes",
                  map.mappings.empty() ? "none" : lab::text_of(map.mappings[0]));
    }
  }
  {
    Space space(trial, 4, 3);
    trial.expect_equal("map with exactly the four tables it takes", "ok",
                       space.map(kAddress, 0, lab::kPage, "r"));
    trial.expect_equal("map that needs one more", "out_of_memory",
                       space.map(kAddress + (lab::kPage << 18), 0, lab::kPage, "r"));
    trial.expect_equal("map in the tables that are there", "ok",
                       space.map(kAddress + lab::kPage, 0, lab::kPage, "r"));
  }
}

LAB_TEST(paging, kernel_parts_have_their_permissions, "host") {
  for (unsigned round = 0; round < 20; ++round) {
    Space space(trial, 64, 2 + static_cast<unsigned>(trial.below(2)));
    std::uint64_t at = 0x100000;
    const auto next = [&](std::uint64_t pages) { return at += pages * lab::kPage; };
    const lab::ImageParts image{
        at,      next(1 + trial.below(20)), next(1 + trial.below(20)), next(1 + trial.below(50)),
        next(1), next(1 + trial.below(8))};
    const std::uint64_t memory_end = (2 + trial.below(6000)) << 20;
    std::string question = "kernel";
    for (const std::uint64_t bound :
         {image.text_begin, image.text_end, image.rodata_end, image.data_end, image.guard_end,
          image.stack_end, memory_end}) {
      question += " " + bare(bound);
    }
    trial.expect_equal("map_kernel", "ok", space.ask(question));
    const lab::Difference difference = lab::compare_kernel_space(space.walk(), image, memory_end);
    if (!difference.expected.empty()) trial.wrong(difference.expected, difference.came);
  }
}
