// bench.hh — a few capabilities to start from, and common steps of unit tests.

#pragma once

#include <criterion/criterion.h>

#include <cstring>

#include "cap/slot.hh"
#include "memory/window.hh"
#include "tests/cap/machine.hh"

namespace sprat::test {

// A megabyte of RAM, a page of devices, interrupt lines, and 255 slots of the kernel's own.
class Bench {
 public:
  Bench() {
    make_root(ram, Type::ram, kRam, 1 << 20);
    make_root(devices, Type::physical_memory, 0xfee0'0000, kPageSize);
    make_root(irq, Type::irq, 0, 24);
  }

  // A new object, made from `source`, in the next slot of the kernel's own.
  cap::Slot& make(Type type, unsigned size_bits = 0) { return make_from(ram, type, size_bits); }
  cap::Slot& make_from(cap::Slot& source, Type type, unsigned size_bits = 0) {
    cap::Slot& slot = next_slot();
    Result<void> made = Error::again;
    while (!made && made.error() == Error::again) {
      made = cap::retype(source, {type, size_bits, 1}, {&slot, 1});
    }
    cr_assert(made.ok(), "retype: %s", name_of(made.error()));
    return slot;
  }

  cap::Slot& copy_of(cap::Slot& source, Rights keep = kAllRights) {
    cap::Slot& slot = next_slot();
    const auto minted = cap::mint(source, slot, {.keep = keep});
    cr_assert(minted.ok(), "mint: %s", name_of(minted.error()));
    return slot;
  }

  cap::Slot& next_slot() { return slots[++used_]; }

  static constexpr std::uint64_t kRam = 1 << 20;

  cap::Slot ram, devices, irq;
  cap::CNodeObject slots;

 private:
  std::size_t used_ = 0;
};

inline void expect_ok(const Result<void>& result) {
  cr_expect(result.ok(), "it should be done, and came %s", name_of(result.error()));
}

inline void expect_error(const Result<void>& result, Error error) {
  cr_expect(!result.ok(), "it should be refused with %s, and was done", name_of(error));
  cr_expect(result.ok() || result.error() == error, "it should be refused with %s, and came %s",
            name_of(error), name_of(result.error()));
}

// Calls `operation` as long as it says `again`; how often that was.
template <class Operation>
std::size_t count_again(Operation operation) {
  std::size_t times = 0;
  Result<void> result = operation();
  for (; !result && result.error() == Error::again; result = operation()) ++times;
  expect_ok(result);
  return times;
}

inline void take_all_apart() {
  while (cap::take_apart()) {
  }
}

inline cap::Slot& slot_in(const cap::Slot& cnode, std::size_t number) {
  return cap::slots_in(cnode)[number];
}

}  // namespace sprat::test
