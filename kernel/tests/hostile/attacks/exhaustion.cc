// exhaustion.cc — slots, memory and endpoints used up, and CNodes that hold each other.

#include "attack.hh"

namespace sprat::hostile {
namespace {

void exhaust_slots() {
  std::uint64_t made = 0;
  for (std::uint64_t slot = kFirstFree; slot < kSlotsPerCNode; ++slot)
    made += status(invoke(kFreeNode, Method::copy, slot, own(kSecret).raw())) == kStatusOk ? 1 : 0;
  EXPECT_EQ(kSlotsPerCNode - kFirstFree, made);
  EXPECT_ERROR(slot_in_use, invoke(kFreeNode, Method::copy, 40, own(kSecret).raw()));
  EXPECT_ERROR(slot_in_use, make(40, Type::frame, 12));
  EXPECT_ERROR(slot_in_use, invoke(kFreeNode, Method::move, 40, own(41).raw()));
}

void exhaust_memory() {
  std::uint64_t slot = kFirstFree;
  Result<Words> made = Error::again;
  for (unsigned bits = 16; bits >= 12; --bits) {
    while ((made = make(slot, Type::frame, bits)).ok()) ++slot;
    EXPECT_ERROR(out_of_memory, made);
  }
  EXPECT_ERROR(out_of_memory, make(slot, Type::dispatcher));
  EXPECT_EQ(true, slot >= kFirstFree + (1u << (kProgramRamBits - 16)));
}

void exhaust_names() {
  for (std::uint64_t slot = kFirstFree; slot < kSlotsPerCNode; ++slot)
    EXPECT_EQ(kStatusOk, status(invoke(kFreeNode, Method::retype, slot,
                                       own(TaskSlot::dispatcher).raw(), Type::endpoint, 0, 1)));
  for (std::uint64_t slot = kFirstFree; slot < kSlotsPerCNode; ++slot)
    EXPECT_EQ(kStatusOk, status(invoke(kFreeNode, Method::remove, slot)));
}

// CNodes that hold each other and themselves, and nothing else does.
void hold_each_other() {
  EXPECT_EQ(kStatusOk, status(make(40, Type::cnode, 0, 8)));
  for (std::uint64_t a = 40; a < 48; ++a) {
    for (std::uint64_t b = 40; b < 48; ++b)
      EXPECT_EQ(kStatusOk, status(invoke(own(a), Method::copy, b, own(b).raw())));
  }
  for (std::uint64_t a = 40; a < 48; ++a)
    EXPECT_EQ(kStatusOk, status(invoke(kFreeNode, Method::remove, a)));
  EXPECT_EQ(kStatusOk, status(make(50, Type::ram, kProgramRamBits - 2)));
}

// CNodes full of capabilities come apart while no process waits for that; a page is given back meanwhile.
void leave_garbage() {
  constexpr std::uint64_t kPage = 60, kNodes = 6;
  EXPECT_EQ(kStatusOk, status(make(40, Type::cnode, 0, kNodes)));
  EXPECT_EQ(kStatusOk, status(make(kPage, Type::frame, 12)));
  for (std::uint64_t node = 40; node < 40 + kNodes; ++node) {
    for (std::uint64_t slot = 1; slot < kSlotsPerCNode; ++slot)
      EXPECT_EQ(kStatusOk, status(invoke(own(node), Method::copy, slot, own(kSecret).raw())));
  }
  for (std::uint64_t node = 40; node < 40 + kNodes; ++node)
    EXPECT_ERROR(again, invoke_once(kFreeNode, Method::remove, {node}));
  EXPECT_EQ(kStatusOk, status(invoke_once(kFreeNode, Method::remove, {kPage})));
  EXPECT_ERROR(no_capability, invoke_once(kFreeNode, Method::remove, {kPage}));
}

constexpr Attack kAttacks[] = {
    {"gives a page back while much comes apart", leave_garbage, kGoesOn},
    {"uses up its slots", exhaust_slots, kGoesOn},
    {"uses up its memory", exhaust_memory, kGoesOn},
    {"makes as many endpoints as it has slots", exhaust_names, kGoesOn},
    {"makes CNodes that hold each other", hold_each_other, kGoesOn},
};

}  // namespace

std::span<const Attack> attacks_by_exhaustion() { return kAttacks; }

}  // namespace sprat::hostile
