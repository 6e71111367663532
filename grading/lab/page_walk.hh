// page_walk.hh — the mappings in page tables, seen from outside of the machine: every leaf entry, with the permissions
// that all levels together give.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lab {

struct Mapping {
  std::uint64_t virtual_begin;
  std::uint64_t physical_begin;
  std::uint64_t size;
  bool writable;
  bool executable;
  bool user;  // an entry on the way has bit U, of whatever level
};

// Reads the 64-bit word at a physical address; nothing when there is no such memory.
using ReadWord = std::function<std::optional<std::uint64_t>(std::uint64_t physical)>;

struct AddressSpaceMap {
  std::vector<Mapping>
      mappings;            // sorted by virtual address; neighbours that continue each other are one
  std::size_t leaves = 0;  // entries that map a page, of whatever size
  std::string problem;     // empty, or what is wrong with the tables themselves
};

// Walks the four levels below `root` (CR3; its low 12 bits are ignored).
AddressSpaceMap walk(std::uint64_t root, const ReadWord& read);

// The mapping that translates `address`, if any.
const Mapping* find(const AddressSpaceMap& map, std::uint64_t address);

// "0xffffffff80100000..0xffffffff80104000 -> 0x100000 r-x"
std::string text_of(const Mapping& mapping);

}  // namespace lab
