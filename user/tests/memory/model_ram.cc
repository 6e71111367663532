// model_ram.cc — see model_ram.hh.

#include "tests/memory/model_ram.hh"

namespace sprat::test {

void expect(bool is_right, const char* wrong) {
  if (!is_right) throw Mismatch{wrong};
}

Result<void> ModelCapabilities::split(const Block& block, const Halves& halves) {
  Capability& parent = at(block);
  expect(!parent.has_children, "a block is split of which something has been made");
  expect(!slots_.contains(halves.low.capability.raw()) &&
             !slots_.contains(halves.high.capability.raw()),
         "a slot is in use");
  expect(halves.high.capability.raw() == halves.low.capability.raw() + 1,
         "the slots of two halves are not neighbours");
  ++splits;
  if (splits_until_failure != 0 && --splits_until_failure == 0) {
    ++failures;
    return Error::no_capability;
  }
  parent.has_children = true;
  const unsigned bits = parent.bits - 1;
  const std::uint64_t base = parent.base;
  slots_[halves.low.capability.raw()] = {base, bits};
  slots_[halves.high.capability.raw()] = {base + (std::uint64_t{1} << bits), bits};
  return {};
}

void ModelCapabilities::merge(const Block& block, const Halves& halves) {
  Capability& parent = at(block);
  expect(parent.has_children, "a block is merged that is not split");
  for (const Block* const half : {&halves.low, &halves.high}) {
    const Capability& capability = at(*half);
    expect(!capability.has_children, "a block is removed of which something has been made");
    expect(capability.bits == parent.bits - 1 &&
               parent.base == capability.base >> parent.bits << parent.bits,
           "a block is merged of halves of another one");
    slots_.erase(half->capability.raw());
  }
  parent.has_children = false;
  ++merges;
}

void ModelCapabilities::put(CapAddress slot, std::uint64_t base, unsigned bits) {
  expect(slots_.try_emplace(slot.raw(), Capability{base, bits}).second, "a slot is in use");
}

void ModelCapabilities::hand_out(const Block& block) {
  Capability& capability = at(block);
  expect(!capability.has_children, "a block is handed out twice");
  expect(capability.base == block.base && capability.bits == block.bits,
         "a block is not the memory of its capability");
  capability.has_children = true;
}

void ModelCapabilities::take_back(const Block& block) {
  Capability& capability = at(block);
  expect(capability.has_children, "a block comes back that was not handed out");
  capability.has_children = false;
}

ModelCapabilities::Capability& ModelCapabilities::at(const Block& block) {
  const auto place = slots_.find(block.capability.raw());
  expect(place != slots_.end(), "a slot is empty");
  return place->second;
}

ModelRam::ModelRam(std::size_t records) : records_(records), halves_(records) {
  for (std::size_t i = 0; i < records; ++i)
    reserve.add(halves_[i], CapAddress(10 + i / 127, 2 + 2 * (i % 127)));
}

void ModelRam::add(std::uint64_t base, unsigned bits, bool is_borrowed) {
  const auto block = std::make_shared<Block>();
  const CapAddress slot(1 + next_root_ / 255, 1 + next_root_ % 255);
  ++next_root_;
  capabilities.put(slot, base, bits);
  expect(buddy.add(*block, base, bits, slot, is_borrowed).ok(), "a block cannot be added");
  roots_[base] = {block, bits, is_borrowed};
  for (std::uint64_t page = base; page != base + (std::uint64_t{1} << bits); page += kPage)
    pages_.emplace(page, nullptr);
}

bool ModelRam::remove(std::uint64_t base) {
  const Root root = roots_.at(base);
  const bool is_right = is_free(base, root.bits);
  const auto removed = buddy.remove(*root.block);
  expect(removed.ok() == is_right, "a block can be removed that is in use, or cannot that is free");
  if (!removed) return false;
  capabilities.remove(root.block->capability);
  roots_.erase(base);
  for (std::uint64_t page = base; page != base + (std::uint64_t{1} << root.bits); page += kPage)
    pages_.erase(page);
  return true;
}

Block* ModelRam::allocate(unsigned bits, std::size_t client) {
  const std::size_t capabilities_before = capabilities.size(), records = reserve.count();
  const Buddy::Counts counts = buddy.free_by_bits();
  const Buddy::Counts own = counts_of_own();
  const std::uint64_t pieces = buddy.pieces_free();
  const unsigned largest = buddy.largest_free();
  const std::size_t failures = capabilities.failures;
  const auto made = buddy.allocate(bits, owners[client]);
  if (!made) {
    if (made.error() == Error::out_of_memory)
      expect(largest < bits || records < largest - bits,
             "there is a block, and it is not handed out");
    else
      expect(made.error() == Error::no_capability && capabilities.failures != failures,
             "an allocation fails for no reason");
    expect(capabilities.size() == capabilities_before, "an error has changed something");
    expect(buddy.free_by_bits() == counts && reserve.count() == records,
           "an error has changed something");
    return nullptr;
  }
  Block& block = *made.value();
  expect(block.bits == bits && block.base % block.bytes() == 0, "a block has another size");
  expect(block.owner == &owners[client], "a block has another owner");
  for (std::uint64_t page = block.base; page != block.base + block.bytes(); page += kPage) {
    const auto place = pages_.find(page);
    expect(place != pages_.end(), "a page is handed out that does not exist");
    expect(place->second == nullptr, "a page is handed out twice");
    place->second = &block;
  }
  capabilities.hand_out(block);
  used_.push_back(&block);
  if (has_any(counts, bits, kPieceBits))
    expect(buddy.pieces_free() == pieces, "a whole piece is split without need");
  if (block.is_borrowed && !has_any(counts, bits, kPieceBits))
    expect(!has_any(own, kPieceBits, kMostBits + 1), "a borrowed piece is used before an own one");
  return &block;
}

void ModelRam::release(Block& block) {
  for (std::uint64_t page = block.base; page != block.base + block.bytes(); page += kPage)
    pages_.at(page) = nullptr;
  std::erase(used_, &block);
  capabilities.take_back(block);
  buddy.release(block);
}

void ModelRam::check() const {
  Buddy::Counts counts{};
  std::size_t splits = 0;
  for (const auto& [base, root] : roots_) count(base, root.bits, counts, splits);
  expect(buddy.free_by_bits() == counts, "the free blocks are not the largest possible");
  std::uint64_t bytes = 0, pieces = 0;
  unsigned largest = 0;
  for (unsigned bits = kLeastBits; bits <= kMostBits; ++bits) {
    bytes += std::uint64_t{counts[bits]} << bits;
    if (counts[bits] != 0) largest = bits;
    if (bits >= kPieceBits) pieces += std::uint64_t{counts[bits]} << (bits - kPieceBits);
  }
  expect(buddy.bytes_free() == bytes && buddy.largest_free() == largest &&
             buddy.pieces_free() == pieces,
         "the sums are wrong");
  for (const Owner& owner : owners) {
    std::uint64_t of_owner = 0;
    for (const Block* const block : used_)
      if (block->owner == &owner) of_owner += block->bytes();
    expect(owner.bytes == of_owner, "a client has other bytes");
  }
  expect(reserve.count() + splits == records_, "a record is lost");
  expect(capabilities.size() == roots_.size() + 2 * splits, "a capability is lost");
  const Block* const loan = buddy.free_loan();
  bool has_free_loan = false;
  for (const auto& [base, root] : roots_)
    has_free_loan = has_free_loan || (root.is_borrowed && is_free(base, root.bits));
  expect((loan != nullptr) == has_free_loan, "a free loan is not found");
  if (loan != nullptr)
    expect(roots_.at(loan->base).is_borrowed && is_free(loan->base, loan->bits),
           "what is found is no free loan");
}

std::vector<std::uint64_t> ModelRam::roots() const {
  std::vector<std::uint64_t> bases;
  for (const auto& [base, root] : roots_) bases.push_back(base);
  return bases;
}

bool ModelRam::is_free(std::uint64_t base, unsigned bits) const {
  for (auto page = pages_.find(base);
       page != pages_.end() && page->first < base + (std::uint64_t{1} << bits); ++page)
    if (page->second != nullptr) return false;
  return true;
}

void ModelRam::count(std::uint64_t base, unsigned bits, Buddy::Counts& counts,
                     std::size_t& splits) const {
  if (is_free(base, bits)) {
    ++counts[bits];
  } else if (const Block* const user = pages_.at(base); user == nullptr || user->bits < bits) {
    ++splits;
    const std::uint64_t half = std::uint64_t{1} << (bits - 1);
    count(base, bits - 1, counts, splits);
    count(base + half, bits - 1, counts, splits);
  }
}

Buddy::Counts ModelRam::counts_of_own() const {
  Buddy::Counts counts{};
  std::size_t splits = 0;
  for (const auto& [base, root] : roots_)
    if (!root.is_borrowed) count(base, root.bits, counts, splits);
  return counts;
}

}  // namespace sprat::test
