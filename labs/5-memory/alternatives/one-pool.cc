//@ says Has one pool for all objects, looks through all blocks before it asks, and gives a range back from its end.

//@ answer memory.5a
  std::size_t index = 0;
  while (index < kRamSlots && (blocks[index].bits != 0 || blocks[index].is_asked_for)) ++index;
  if (index == kRamSlots) return Error::out_of_memory;
  blocks[index].is_asked_for = true;
  unsigned most = std::max(bits, kLeastBits);
  const unsigned least = most;
  while ((std::uint64_t{8} << most) <= bytes_of_blocks + (std::uint64_t{1} << kProgramRamBits)) ++most;
  const auto allocated =
      ask_server(MemoryRequest::allocate, most, least, kFirstRamSlot + index);
  blocks[index].is_asked_for = false;
  if (!allocated) return allocated.error();
  blocks[index].number = static_cast<std::uint32_t>(allocated.value()[0]);
  blocks[index].bits = static_cast<std::uint8_t>(allocated.value()[1]);
  blocks[index].is_for_frames = is_for_frames;
  bytes_of_blocks += std::uint64_t{1} << blocks[index].bits;
  current[0] = current[1] = index;
  return index;
//@ end

//@ answer memory.5b
  if (const auto made = make_of(current[0]); is_final(made)) return made;
  for (std::size_t index = kRamSlots; index-- > 0;)
    if (const auto made = make_of(index); is_final(made)) return made;
  const auto added = ask_for_block(size_bits, type == Type::frame);
  if (added) return make_of(added.value());
  if (added.error() == Error::no_capability) return Error::out_of_memory;
  return added.error();
//@ end

//@ answer memory.5c
  OwnBlock& block = blocks[index];
  {
    const auto all = retype<Type::ram>(CapRef<Type::ram>(slot_of(index)), block.bits);
    if (!all) return false;
  }
  if (!ask_server(MemoryRequest::give_back, block.number)) return false;
  bytes_of_blocks -= std::uint64_t{1} << block.bits;
  block.bits = 0;
  return true;
//@ end

//@ answer memory.5d
  std::size_t place = 0;
  while (place != count_ && ranges_[place].begin != begin) ++place;
  if (place == count_ || ranges_[place].frames == nullptr) return;
  const Range gone = ranges_[place];
  ranges_[place] = ranges_[count_ - 1];
  --count_;
  for (std::uint64_t unit = (gone.end - gone.begin) / kUnitBytes; unit-- > 0;) {
    if (gone.frames[unit] == CapAddress()) continue;
    Cap<Type::frame> frame(gone.frames[unit]);
  }
  release(gone.frames);
  if (given_back_count_ != kMaxRanges) given_back_[given_back_count_++] = {gone.begin, gone.end};
  static_cast<void>(give_back_memory());
//@ end
