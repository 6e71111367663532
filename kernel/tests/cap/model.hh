// model.hh — the meaning of capabilities, as simple as possible: a tree of objects, and for each object the places
// where its capabilities lie. No order, no bounded steps, no back pointers; sets and maps, and searches over all of
// them.
//
// The model predicts the result and the effect of each operation. Where an operation may stop in the middle (revoke,
// take_apart), it checks that each deleted capability had to be deleted. Lab 2's tests have another model
// (CONTRIBUTING.md says why).

#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cap/operations.hh"

namespace sprat::test {

// Errors that would all be right answers; when there are none, the operation must succeed.
class Errors {
 public:
  void add_if(bool holds, Error error) {
    if (holds) bits_ |= 1u << static_cast<unsigned>(error);
  }
  bool empty() const { return bits_ == 0; }
  bool has(Error error) const { return (bits_ >> static_cast<unsigned>(error) & 1) != 0; }

 private:
  std::uint32_t bits_ = 0;
};

struct Object;

struct Capability {
  Object* object;
  std::uint64_t base, bytes;  // the object's; fewer ports or lines if it was minted so
  Rights rights;
  std::uint64_t badge;
  bool is_original = true, is_remote = false, is_part = false;

  Object* table = nullptr;  // where it is mapped; null: nowhere
  std::size_t first_entry = 0, entries = 0;
  Rights mapped_rights{};
};

struct Object {
  Type type;
  std::uint64_t base, bytes;
  Object* parent;  // null: made by the kernel
  bool is_dying;   // its only capability lies in its own slot
  std::set<cap::Slot*> places;
  std::vector<Object*> children;             // newest first
  std::map<std::size_t, cap::Slot*> mapped;  // of a page table, by entry
};

// A difference between the kernel's behaviour and the model's.
struct Mismatch {
  std::string what;
};

class Model {
 public:
  using Places = std::vector<cap::Slot*>;

  // ---- looking
  const Capability* at(cap::Slot* place) const;
  const Places& places_of(Type type) const { return by_type_[static_cast<std::size_t>(type)]; }
  std::size_t size() const { return capabilities_.size(); }
  bool is_anything_dying() const;
  bool has_descendants(cap::Slot* place) const;

  // ---- foretelling
  Errors of_copy(cap::Slot* source, cap::Slot* target, const cap::MintArguments& arguments) const;
  Errors of_share(cap::Slot* source, cap::Slot* target) const;
  Errors of_sweep(cap::Slot* anchor) const;
  Errors of_move(cap::Slot* source, cap::Slot* target) const;
  Errors of_retype(cap::Slot* source, const cap::RetypeArguments& arguments,
                   std::span<cap::Slot> targets) const;
  Errors of_remove(cap::Slot* place) const;
  Errors of_revoke(cap::Slot* place) const;
  Errors of_map(cap::Slot* table, std::uint64_t first_entry, cap::Slot* source,
                Rights rights) const;
  Errors of_unmap(cap::Slot* table, std::uint64_t entry) const;
  cap::Slot* find(cap::Slot* root, CapAddress address) const;  // null: no such slot

  // ---- repeating the effects of operations
  void make_root(cap::Slot* place);
  void copy(cap::Slot* source, cap::Slot* target, const cap::MintArguments& arguments);
  void move(cap::Slot* source, cap::Slot* target);
  void retype(cap::Slot* source, const cap::RetypeArguments& arguments,
              std::span<cap::Slot> targets);
  void remove(cap::Slot* place);
  void map(cap::Slot* table, std::uint64_t first_entry, cap::Slot* source, Rights rights);
  void unmap(cap::Slot* table, std::uint64_t entry);
  void keep_part(cap::Slot* place) { capabilities_.at(place).is_part = true; }
  void set_remote(cap::Slot* place, bool is_remote) {
    capabilities_.at(place).is_remote = is_remote;
  }

  // Takes out whatever is gone from its slot since the last time, up to kRevokeStep capabilities. Each of them must have
  // been a copy or descendant of `revoked` (unless null), a copy of `swept` (likewise), or held by an object that is dying.
  void follow_step(cap::Slot* revoked, cap::Slot* swept = nullptr);

  // The parts of dispatchers that went since the last time.
  std::set<const cap::Slot*> take_lost_parts() { return std::exchange(lost_parts_, {}); }

  // ---- comparing
  void check_slot(cap::Slot* place) const;  // this slot has exactly the expected contents
  void check_everything() const;  // every slot, the order, every page table, every byte's owner

 private:
  Capability& add(cap::Slot* place, const Capability& capability);
  void erase(cap::Slot* place);
  Object* new_object(Type type, std::uint64_t base, std::uint64_t bytes, Object* parent);
  void end(Object* object);
  void unmap(Capability& capability);
  Object* holder_of(const cap::Slot* place) const;
  bool is_alive(std::uint64_t store) const;
  void end_what_is_empty();

  void check_order() const;
  void check_stores() const;
  void check_tables() const;
  void check_memory() const;

  std::unordered_map<cap::Slot*, Capability> capabilities_;
  std::array<Places, kTypes> by_type_;
  std::unordered_map<const Object*, std::unique_ptr<Object>> objects_;
  std::map<std::uint64_t, Object*> stores_;  // CNodes and Dispatchers by base
  std::set<const cap::Slot*> lost_parts_;
};

// Fails the test with `what`, formatted.
[[noreturn, gnu::format(printf, 1, 2)]] void mismatch(const char* format, ...);

}  // namespace sprat::test
