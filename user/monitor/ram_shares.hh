// ram_shares.hh — the RAM with which each core begins, if the kernel's command line says so: ram=1:64,2:8 gives core 1 64 MiB and core 2
// 8 MiB; core 0 has all RAM that the others do not get.

#pragma once

#include <bit>
#include <span>

#include "lib/words.hh"
#include "sprat/result.hh"

namespace sprat::monitor {

// Between these a core's RAM is a power of two, in bits: a program and its files must fit into the one, and the largest loads in one piece
// below 4 GiB.
inline constexpr unsigned kLeastRamBits = 22, kMostRamBits = 30;

// Changes `bits`, in which each core has an entry by its number, core 0 too, as `text` asks: numbers of cores, each with a colon
// and its MiB, a power of two, and commas between them. Core 0's entry may be any number of MiB, which it must keep: in MiB.
//   invalid_argument   text is not of that form, or names a core twice
//   not_found          there is no such core
//   out_of_memory      the others get so much of the `mib` MiB that core 0 cannot keep its own
constexpr Result<void> read_ram_shares(std::string_view text, std::uint64_t mib,
                                       std::span<unsigned> bits) {
  constexpr unsigned kMibBits = 20;
  std::uint64_t named = 0, kept = 0;
  while (true) {
    const std::size_t comma = text.find(','), colon = text.find(':');
    const std::string_view share = slice(text, 0, comma);
    std::uint64_t core = 0, size = 0;
    if (colon >= share.size() || !parse_number(slice(share, 0, colon), core) ||
        !parse_number(slice(share, colon + 1), size))
      return Error::invalid_argument;
    if (core >= bits.size()) return Error::not_found;
    if ((named >> core & 1) != 0) return Error::invalid_argument;
    named |= std::uint64_t{1} << core;
    if (core == 0) {
      kept = size;
    } else {
      const auto size_bits = static_cast<unsigned>(std::countr_zero(size)) + kMibBits;
      if (size == 0 || (size & (size - 1)) != 0 || size_bits < kLeastRamBits ||
          size_bits > kMostRamBits)
        return Error::invalid_argument;
      bits[core] = size_bits;
    }
    if (comma == std::string_view::npos) break;
    text = slice(text, comma + 1);
  }
  for (const unsigned each : bits.subspan(1)) kept += std::uint64_t{1} << (each - kMibBits);
  return kept <= mib ? Result<void>() : Error::out_of_memory;
}

}  // namespace sprat::monitor
