#include "boot/core_start.hh"
namespace sprat::boot { Result<void> load_core(std::uint32_t, cap::Slot&, std::uint64_t){return Error::not_implemented;} Result<void> start_core(std::uint32_t){return Error::not_implemented;} CoreState core_state(std::uint32_t){return CoreState::absent;} }
