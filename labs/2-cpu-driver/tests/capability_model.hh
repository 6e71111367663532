// capability_model.hh — the rules of capabilities, as simply as they can be said: a list of capabilities, searched from
// end to end. No order, no pointers, no steps.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sprat/capability.hh"
#include "sprat/result.hh"

namespace lab {

using sprat::CapAddress;
using sprat::Error;
using sprat::Rights;
using sprat::Type;

inline constexpr std::uint64_t kSlotBytes = 64;
inline constexpr std::uint64_t kCNodeBytes = 16 << 10;
inline constexpr std::uint64_t kTableBytes = 8 << 10;
inline constexpr std::uint64_t kPageBytes = 4 << 10;
inline constexpr std::uint64_t kLargePageBytes = 2 << 20;

struct Capability {
  std::uint64_t slot = 0;  // physical address
  Type type = Type::null;
  Rights rights = sprat::kAllRights;
  std::uint64_t base = 0;
  std::uint64_t bytes = 0;
  bool is_original = true;
  bool is_remote = false;
  bool is_part = false;
  std::uint64_t badge = 0;
  std::uint64_t table = 0;  // where it is mapped; 0: nowhere
  std::uint64_t first_entry = 0;
  bool is_dying = false;
  std::uint64_t age =
      0;  // of the object: the later made, the larger; put() gives one to an object without

  std::uint64_t end() const { return base + bytes; }
  bool is_mapped() const { return table != 0; }
};

// "frame [0x1000, 0x3000) r-xg, a copy, in slot 0x40080"
std::string text_of(const Capability& capability);

// All faults of a request, any of which may be the answer; none: it must succeed.
using Faults = std::set<Error>;
std::string text_of(const Faults& faults);

// The manual's rules about types.
bool may_be_copied(Type type);
bool may_descend(Type ancestor, Type type);

class CapabilityModel {
 public:
  // The capability in a slot; null if there is none.
  const Capability* find(std::uint64_t slot) const;
  const std::map<std::uint64_t, Capability>& all() const { return held_; }

  void put(Capability capability);
  void set_remote(std::uint64_t slot) { held_.at(slot).is_remote = true; }
  void forget(std::uint64_t slot) { held_.erase(slot); }

  // Each does what is asked for if it returns no faults.
  Faults mint(std::uint64_t source, std::uint64_t target, Rights keep, std::uint64_t badge_or_first,
              std::uint64_t count);
  Faults retype(std::uint64_t source, Type type, unsigned size_bits, std::uint64_t count,
                std::uint64_t target, std::uint64_t targets);
  Faults remove(std::uint64_t slot);
  Faults revoke(std::uint64_t slot);
  Faults map(std::uint64_t table, std::uint64_t first_entry, std::uint64_t source, Rights rights);
  void unmap(std::uint64_t slot);

  // Goes when `ancestor` is revoked.
  static bool is_descendant(const Capability& ancestor, const Capability& other);
  static bool same_object(const Capability& a, const Capability& b);

  // Slots of all that goes when this slot is revoked, and nothing that goes because of that.
  std::vector<std::uint64_t> descendants(std::uint64_t slot) const;

  // Where the next object of `size` bytes, a power of two, would be made.
  std::uint64_t next_place(const Capability& source, std::uint64_t size) const;

  // How many entries of its table a mapped capability takes.
  std::uint64_t entries_of(const Capability& mapped) const;

  // The capability that is mapped at an entry of a table; null if none is.
  const Capability* mapped_at(std::uint64_t table, std::uint64_t entry) const;

 private:
  bool is_last(const Capability& capability) const;
  void erase(std::uint64_t slot);
  unsigned level_of(std::uint64_t table) const;

  std::map<std::uint64_t, Capability> held_;
  std::map<std::uint64_t, unsigned> levels_;  // of every page table there ever was, by its address
  std::uint64_t age_ = 0;
};

}  // namespace lab
