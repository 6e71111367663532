// self_paging.cc — a frame, a slot for it, a place in the tables.

#include "lib/self_paging.hh"

namespace sprat {

Result<VirtualAddress> SelfPaging::reserve(std::uint64_t bytes) {
  const std::uint64_t room = end_ - next_;
  if (count_ == kMaxRanges || bytes > room) return Error::out_of_memory;
  const std::uint64_t units = (bytes + kUnitBytes - 1) / kUnitBytes;
  if ((units + 1) * kUnitBytes > room) return Error::out_of_memory;
  const VirtualAddress begin = next_ + kUnitBytes;
  next_ = begin + units * kUnitBytes;
  ranges_[count_++] = {begin, next_};
  return begin;
}

bool SelfPaging::is_reserved(VirtualAddress address) const {
  for (std::size_t i = 0; i < count_; ++i)
    if (address >= ranges_[i].begin && address < ranges_[i].end) return true;
  return false;
}

Result<void> SelfPaging::fill(VirtualAddress address) {
  if (!is_reserved(address)) return Error::not_found;
  auto frame = TRY(ram_->make<Type::frame>(kUnitBits));
  TRY(space_->map(address.round_down(kUnitBytes), frame, kUnitBytes, kWrite));
  frame.release();  // the range's, as long as the process lives
  return {};
}

Result<void> SelfPaging::fill_all(VirtualAddress begin, std::uint64_t bytes) {
  for (VirtualAddress unit = begin.round_down(kUnitBytes); unit < begin + bytes;
       unit = unit + kUnitBytes) {
    const auto filled = fill(unit);
    if (!filled && filled.error() != Error::already_mapped) return filled;
  }
  return {};
}

}  // namespace sprat
