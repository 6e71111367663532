// pages.hh — shared pages by their numbers, cores in sets, and how a page may be mapped.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "sprat/first_process.hh"

namespace sprat {

inline constexpr std::size_t kMostSharedPages = 64;

// How a shared page may be mapped on a core; each allows more than the one before.
enum class Mapping : std::uint8_t { none, read_only, writable };

// A bit for each core.
using Cores = std::uint64_t;
static_assert(kMaxCores <= 64);
constexpr Cores only(std::uint64_t core) { return Cores{1} << core; }
constexpr auto first_of(Cores cores) { return static_cast<std::uint64_t>(std::countr_zero(cores)); }

}  // namespace sprat
