#pragma once
#include "cap/slot.hh"
namespace sprat::boot { Result<void> load_core(std::uint32_t, cap::Slot&, std::uint64_t); Result<void> start_core(std::uint32_t); CoreState core_state(std::uint32_t); }
