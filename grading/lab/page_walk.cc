// page_walk.cc — the processor's walk, done for all addresses at once (SDM volume 3A, section 4.5).

#include "lab/page_walk.hh"

#include <cstdio>

namespace lab {
namespace {

constexpr std::uint64_t kPresent = 1 << 0, kWritable = 1 << 1, kUser = 1 << 2, kLarge = 1 << 7;
constexpr std::uint64_t kNoExecute = std::uint64_t{1} << 63;
constexpr std::uint64_t kFrameBits = 0x000ffffffffff000;

std::string hex(std::uint64_t number) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%lx", static_cast<unsigned long>(number));
  return text;
}

struct Walker {
  const ReadWord& read;
  AddressSpaceMap map;

  void add(const Mapping& mapping) {
    ++map.leaves;
    if (!map.mappings.empty()) {
      Mapping& last = map.mappings.back();
      if (last.virtual_begin + last.size == mapping.virtual_begin &&
          last.physical_begin + last.size == mapping.physical_begin &&
          last.writable == mapping.writable && last.executable == mapping.executable &&
          last.user == mapping.user) {
        last.size += mapping.size;
        return;
      }
    }
    map.mappings.push_back(mapping);
  }

  void table(std::uint64_t physical, unsigned level, std::uint64_t base, Mapping above) {
    const std::uint64_t size = std::uint64_t{4096} << (9 * (level - 1));
    for (std::uint64_t index = 0; index < 512 && map.problem.empty(); ++index) {
      const auto entry = read(physical + index * 8);
      if (!entry) {
        map.problem = "the level " + std::to_string(level) + " table at " + hex(physical) +
                      " is not in memory";
        return;
      }
      if ((*entry & kPresent) == 0) continue;
      std::uint64_t address = base + index * size;
      if (level == 4 && index >= 256) address |= 0xffff000000000000;
      Mapping here{address,
                   *entry & kFrameBits,
                   size,
                   above.writable && (*entry & kWritable) != 0,
                   above.executable && (*entry & kNoExecute) == 0,
                   above.user || (*entry & kUser) != 0};
      const bool leaf = level == 1 || (level < 4 && (*entry & kLarge) != 0);
      if (!leaf && (*entry & kLarge) != 0) {
        map.problem =
            "entry " + std::to_string(index) + " of the PML4 has bit 7 set, which is reserved";
      } else if (!leaf) {
        table(here.physical_begin, level - 1, address, here);
      } else if (here.physical_begin % size != 0) {
        map.problem = "the page of " + hex(size) + " bytes for " + hex(address) + " is at " +
                      hex(here.physical_begin) + ", which is not a multiple of its size";
      } else {
        add(here);
      }
    }
  }
};

}  // namespace

AddressSpaceMap walk(std::uint64_t root, const ReadWord& read) {
  Walker walker{read, {}};
  walker.table(root & kFrameBits, 4, 0, {0, 0, 0, true, true, false});
  return walker.map;
}

const Mapping* find(const AddressSpaceMap& map, std::uint64_t address) {
  for (const Mapping& mapping : map.mappings) {
    if (mapping.virtual_begin <= address && address - mapping.virtual_begin < mapping.size)
      return &mapping;
  }
  return nullptr;
}

std::string text_of(const Mapping& mapping) {
  return hex(mapping.virtual_begin) + ".." + hex(mapping.virtual_begin + mapping.size) + " -> " +
         hex(mapping.physical_begin) + (mapping.writable ? " rw" : " r-") +
         (mapping.executable ? "x" : "-") + (mapping.user ? " user" : "");
}

}  // namespace lab
