// self_paging.cc — a frame, a slot for it, a place in the tables.

#include "lib/self_paging.hh"
//@ since memory

#include <algorithm>

#include "lib/heap.hh"
#include "lib/memory_client.hh"
//@ end

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
//@ since memory

// Neighbours become one, with the addresses between them.
void SelfPaging::join_given_back() {
  const std::span all(given_back_.data(), given_back_count_);
  std::ranges::sort(all, {}, &Range::begin);
  given_back_count_ = 0;
  for (const Range& range : all) {
    Range* const last = given_back_count_ == 0 ? nullptr : &given_back_[given_back_count_ - 1];
    if (last != nullptr && last->end + kUnitBytes == range.begin)
      last->end = range.end;
    else
      given_back_[given_back_count_++] = range;
  }
}

// Of the smallest range that was given back and suffices; else new ones.
Result<VirtualAddress> SelfPaging::take_addresses(std::uint64_t bytes) {
  join_given_back();
  Range* found = nullptr;
  for (Range& range : std::span(given_back_.data(), given_back_count_))
    if (range.end - range.begin >= bytes &&
        (found == nullptr || range.end - range.begin < found->end - found->begin))
      found = &range;
  if (found == nullptr || count_ == kMaxRanges) return reserve(bytes);
  const VirtualAddress begin = found->begin;
  ranges_[count_++] = {begin, begin + bytes};
  found->begin = begin + bytes + kUnitBytes;
  if (found->begin >= found->end) *found = given_back_[--given_back_count_];
  return begin;
}

// The list of frames is in memory that is there: fill() writes to it in a page fault.
Result<VirtualAddress> SelfPaging::reserve_for_a_time(std::uint64_t bytes) {
  const std::uint64_t units = (bytes + kUnitBytes - 1) / kUnitBytes;
  auto* const frames = static_cast<CapAddress*>(allocate(units * sizeof(CapAddress)));
  if (frames == nullptr) return Error::out_of_memory;
  std::fill_n(frames, units, CapAddress());
  const auto begin = take_addresses(units * kUnitBytes);
  if (begin)
    ranges_[count_ - 1].frames = frames;
  else
    release(frames);
  return begin;
}

void SelfPaging::give_back(VirtualAddress begin) {
  //@ lab memory.5d: static_cast<void>(begin);
  const std::span used(ranges_.data(), count_);
  const auto range = std::ranges::find(used, begin, &Range::begin);
  if (range == used.end() || range->frames == nullptr) return;
  const Range gone = *range;
  *range = ranges_[--count_];
  for (std::uint64_t unit = 0; unit < (gone.end - gone.begin) / kUnitBytes; ++unit)
    if (gone.frames[unit] != CapAddress()) const Cap<Type::frame> deleted(gone.frames[unit]);
  release(gone.frames);
  if (given_back_count_ != kMaxRanges) given_back_[given_back_count_++] = {gone.begin, gone.end};
  give_back_memory();
  //@ end
}

bool SelfPaging::is_for_a_time(VirtualAddress begin) const {
  return std::ranges::any_of(std::span(ranges_.data(), count_), [&](const Range& range) {
    return range.begin == begin && range.frames != nullptr;
  });
}

// Where the frame of the unit of `address` is noted; null: it is not.
CapAddress* SelfPaging::place_of_frame(VirtualAddress address) {
  for (const Range& range : std::span(ranges_.data(), count_))
    if (range.frames != nullptr && address >= range.begin && address < range.end)
      return &range.frames[(address - range.begin) / kUnitBytes];
  return nullptr;
}
//@ end

bool SelfPaging::is_reserved(VirtualAddress address) const {
  for (std::size_t i = 0; i < count_; ++i)
    if (address >= ranges_[i].begin && address < ranges_[i].end) return true;
  return false;
}

Result<void> SelfPaging::fill(VirtualAddress address) {
  if (!is_reserved(address)) return Error::not_found;
  auto frame = TRY(ram_->make<Type::frame>(kUnitBits));
  TRY(space_->map(address.round_down(kUnitBytes), frame, kUnitBytes, kWrite));
  //@ since memory
  if (CapAddress* const place = place_of_frame(address)) *place = frame.address();
  //@ end
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
