// kernel.cc — see kernel.hh. At the end: the functions of user/lib that make system calls, or ask another process.

#include "kernel.hh"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "lib/runtime.hh"
#include "lib/startup.hh"
#include "subjects.hh"

namespace subject {

namespace {

// The slot `slot` of the CNode that `cnode` names: that of the root stands in a slot of the task's CNode.
CapAddress slot_in(CapAddress cnode, std::uint64_t slot) {
  if (cnode == task_slot(TaskSlot::root)) return CapAddress::in_root(slot);
  return CapAddress(cnode.node(), slot);
}

std::string result(const Result<void>& done) { return done ? "" : " failed"; }

}  // namespace

Kernel& kernel() {
  static Kernel kernel;
  return kernel;
}

void Kernel::begin() {
  while (!slots_.empty()) erase(slots_.begin()->first);
  *this = Kernel();
}

void Kernel::put(CapAddress slot, Type type, std::uint64_t base, unsigned bits) {
  slots_[slot.raw()] = {type, base, std::uint64_t{1} << bits, slot.raw()};
}

bool Kernel::fails() { return until_failure_ != 0 && --until_failure_ == 0; }

bool Kernel::has_node(std::size_t node) const {
  return node < kFirstNodes || slots_.contains(CapAddress::in_root(node).raw());
}

// RAM is handed out upwards, and is unused again when all that was made of it is gone.
std::uint64_t Kernel::first_unused(std::uint32_t source) const {
  std::uint64_t end = slots_.at(source).base;
  for (const auto& [slot, capability] : slots_)
    if (capability.parent == source && slot != source)
      end = std::max(end, capability.base + capability.bytes);
  return end;
}

Result<void> Kernel::retype(CapAddress cnode, std::uint64_t first, CapAddress source, Type type,
                            unsigned bits, std::size_t count) {
  const auto place = slots_.find(source.raw());
  if (place == slots_.end()) return Error::no_capability;
  if (place->second.type != Type::ram) return Error::wrong_type;
  for (std::size_t i = 0; i < count; ++i) {
    const CapAddress slot = slot_in(cnode, first + i);
    if (slots_.contains(slot.raw())) return Error::slot_in_use;
    if (!slot.names_root_slot() && !has_node(slot.node())) return Error::no_capability;
  }
  const std::uint64_t bytes = std::uint64_t{1} << bits;
  const std::uint64_t base = (first_unused(source.raw()) + bytes - 1) & ~(bytes - 1);
  if (base + count * bytes > place->second.base + place->second.bytes) return Error::out_of_memory;
  const Result<void> done = fails() ? Result<void>(Error::out_of_memory) : Result<void>();
  calls_ += " retype " + hex(source.raw()) + " " + hex(slot_in(cnode, first).raw()) + " " +
            hex(static_cast<unsigned>(type)) + " " + hex(base) + " " + hex(bits) + " " +
            hex(count) + result(done);
  if (!done) return done;
  for (std::size_t i = 0; i < count; ++i)
    slots_[slot_in(cnode, first + i).raw()] = {type, base + i * bytes, bytes, source.raw()};
  return {};
}

// All objects that were made of the capability are its parent's.
void Kernel::erase(std::uint32_t slot) {
  const Capability gone = slots_.at(slot);
  slots_.erase(slot);
  std::vector<std::uint32_t> inside;
  for (auto& [other, capability] : slots_) {
    if (capability.parent == slot) capability.parent = gone.parent == slot ? other : gone.parent;
    const bool is_inside = CapAddress(slot).names_root_slot() && gone.type == Type::cnode &&
                           !CapAddress(other).names_root_slot() &&
                           CapAddress(other).node() == CapAddress(slot).node();
    if (is_inside) inside.push_back(other);
  }
  std::erase_if(mappings_, [&](const auto& mapping) {
    if (mapping.second.frame != slot) return false;
    munmap(reinterpret_cast<void*>(mapping.first), mapping.second.bytes);
    return true;
  });
  for (const std::uint32_t other : inside)
    if (slots_.contains(other)) erase(other);
}

Result<void> Kernel::remove(CapAddress slot) {
  if (!slots_.contains(slot.raw())) return Error::no_capability;
  calls_ += " remove " + hex(slot.raw());
  erase(slot.raw());
  return {};
}

Result<void> Kernel::revoke(CapAddress slot) {
  if (!slots_.contains(slot.raw())) return Error::no_capability;
  calls_ += " revoke " + hex(slot.raw());
  const auto is_child = [&](const auto& one) {
    return one.second.parent == slot.raw() && one.first != slot.raw();
  };
  for (auto child = std::ranges::find_if(slots_, is_child); child != slots_.end();
       child = std::ranges::find_if(slots_, is_child))
    erase(child->first);
  return {};
}

bool Kernel::is_mapped(VirtualAddress address) const {
  auto place = mappings_.upper_bound(address.value());
  if (place == mappings_.begin()) return false;
  --place;
  return address.value() - place->first < place->second.bytes;
}

Result<void> Kernel::map(VirtualAddress address, CapAddress frame, std::uint64_t bytes) {
  const auto place = slots_.find(frame.raw());
  if (place == slots_.end() || place->second.type != Type::frame) return Error::no_capability;
  if (place->second.bytes != bytes || !address.is_aligned(kPageSize)) return Error::misaligned;
  for (std::uint64_t i = 0; i < bytes; i += kPageSize)
    if (is_mapped(address + i)) return Error::already_mapped;
  const Result<void> done = fails() ? Result<void>(Error::out_of_memory) : Result<void>();
  calls_ +=
      " map " + hex(address.value()) + " " + hex(frame.raw()) + " " + hex(bytes) + result(done);
  if (!done) return done;
  if (mmap(reinterpret_cast<void*>(address.value()), bytes, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED)
    return Error::invalid_argument;
  mappings_[address.value()] = {frame.raw(), bytes};
  return {};
}

// Slots of two CNodes, one after the other.
Result<CapAddress> Kernel::take_slot() {
  if (fails()) {
    calls_ += " no-slot failed";
    return Error::out_of_memory;
  }
  for (;;) {
    const CapAddress slot(8 + next_slot_ / kSlotsPerCNode % 8, next_slot_ % kSlotsPerCNode);
    ++next_slot_;
    if (has(slot)) continue;
    ++slots_taken_;
    return slot;
  }
}

std::size_t Kernel::count_made_of(CapAddress slot) const {
  return static_cast<std::size_t>(std::ranges::count_if(slots_, [&](const auto& one) {
    return one.second.parent == slot.raw() && one.first != slot.raw();
  }));
}

std::string Kernel::state() const {
  return "capabilities " + hex(slots_.size()) + " slots " + hex(slots_taken_) + " mappings " +
         hex(mappings_.size());
}

}  // namespace subject

// ---- in the place of user/lib

namespace sprat {

using subject::kernel;

Place place_of(CapAddress address) { return {CapAddress::in_root(address.node()), address.slot()}; }
Result<CapAddress> take_slot() { return kernel().take_slot(); }
void give_back_slot(CapAddress slot) { kernel().give_back_slot(slot); }
Result<void> remove(CapAddress address) { return kernel().remove(address); }
Result<void> revoke(CapAddress address) { return kernel().revoke(address); }
Result<void> retype_into(CapAddress cnode, std::uint64_t first, CapAddress source, Type type,
                         unsigned size_bits, std::size_t count) {
  return kernel().retype(cnode, first, source, type, size_bits, count);
}

Result<void> RamSupply::add(CapRef<Type::ram> piece) {
  pieces_[count_++] = piece;
  return {};
}
Result<void> RamSupply::make_into(CapAddress cnode, std::uint64_t slot, Type type,
                                  unsigned size_bits) {
  for (std::size_t i = 0; i < count_; ++i) {
    const auto made = retype_into(cnode, slot, pieces_[i].address(), type, size_bits);
    if (made || made.error() != Error::out_of_memory) return made;
  }
  return source_ != nullptr ? source_(cnode, slot, type, size_bits) : Error::out_of_memory;
}

Result<void> AddressSpace::map(VirtualAddress address, CapRef<Type::frame> frame,
                               std::uint64_t bytes, Rights) {
  return kernel().map(address, frame.address(), bytes);
}

Runtime& runtime() {
  static Runtime runtime;
  return runtime;
}

void* allocate(std::size_t bytes) noexcept { return std::malloc(bytes); }
void release(void* memory) noexcept { std::free(memory); }

// Another process is asked: the test is that process.
Result<Answer> ask(CapRef<Type::endpoint>, const Words& words, CapAddress) {
  return subject::ask_server(words);
}

}  // namespace sprat
