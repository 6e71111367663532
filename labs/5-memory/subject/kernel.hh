// kernel.hh — a simulated kernel: the capabilities of one process, as far as a memory server and its clients use them, and the
// memory that it maps. It takes the place of the system calls of user/lib, and notes each of them.

#pragma once

#include <map>
#include <string>

#include "lib/caps.hh"

namespace subject {

using namespace sprat;

class Kernel {
 public:
  // A process without anything but its first CNodes.
  void begin();

  void put(CapAddress slot, Type type, std::uint64_t base, unsigned bits);

  Result<void> retype(CapAddress cnode, std::uint64_t first, CapAddress source, Type type,
                      unsigned bits, std::size_t count);
  Result<void> remove(CapAddress slot);
  Result<void> revoke(CapAddress slot);
  Result<void> map(VirtualAddress address, CapAddress frame, std::uint64_t bytes);
  bool is_mapped(VirtualAddress address) const;
  std::size_t count_made_of(CapAddress slot) const;
  bool has(CapAddress slot) const { return slots_.contains(slot.raw()); }

  Result<CapAddress> take_slot();
  void give_back_slot(CapAddress) { --slots_taken_; }

  // The operation number `n` from now on fails; 0: none does.
  void fail_at(std::size_t n) { until_failure_ = n; }

  // The operations since the last time, in their order, then all that there is:
  //   retype SOURCE SLOT TYPE BASE BITS COUNT   remove SLOT   revoke SLOT   map ADDRESS SLOT BYTES   failed
  std::string take_calls() { return std::exchange(calls_, {}); }
  std::string state() const;

 private:
  static constexpr std::size_t kFirstNodes = 16;  // CNodes that are there from the beginning

  struct Capability {
    Type type;
    std::uint64_t base, bytes;
    std::uint32_t parent;  // the slot of the capability that it was made of; or its own
  };
  struct Mapping {
    std::uint32_t frame;
    std::uint64_t bytes;
  };

  bool fails();
  bool has_node(std::size_t node) const;
  std::uint64_t first_unused(std::uint32_t source) const;
  void erase(std::uint32_t slot);

  std::map<std::uint32_t, Capability> slots_;
  std::map<std::uint64_t, Mapping> mappings_;
  std::string calls_;
  std::size_t until_failure_ = 0, slots_taken_ = 0, next_slot_ = 0;
};

Kernel& kernel();

}  // namespace subject
