// arena.cc — physical memory is one mapping, whose pages come when they are touched, with a page on each side that may not be touched;
// hooks only write down that they were called.

#include "arena.hh"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "cap/operations.hh"
#include "memory/window.hh"
#include "question.hh"

namespace {

constexpr std::uint64_t kPage = 4096;

class Arena {
 public:
  Arena() = default;
  Arena(std::uint64_t base, std::uint64_t bytes) : base_(base), bytes_(bytes) {
    void* const mapped = mmap(nullptr, bytes + 2 * kPage, PROT_NONE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) std::abort();
    begin_ = static_cast<std::byte*>(mapped) + kPage;
    if (bytes != 0 && mprotect(begin_, bytes, PROT_READ | PROT_WRITE) != 0) std::abort();
  }
  Arena& operator=(Arena&& other) noexcept {
    std::swap(base_, other.base_);
    std::swap(bytes_, other.bytes_);
    std::swap(begin_, other.begin_);
    return *this;
  }
  ~Arena() {
    if (begin_ != nullptr) munmap(begin_ - kPage, bytes_ + 2 * kPage);
  }

  std::uint64_t base() const { return base_; }
  std::uint64_t bytes() const { return bytes_; }
  std::byte* begin() const { return begin_; }

 private:
  std::uint64_t base_ = 0;
  std::uint64_t bytes_ = 0;  // a multiple of pages
  std::byte* begin_ = nullptr;
};
Arena arena;
std::string events;

void note(const char* what, std::initializer_list<std::uint64_t> numbers) {
  if (!events.empty()) events += " ";
  events += what;
  for (const std::uint64_t number : numbers) events += " " + subject::hex(number);
}

}  // namespace

namespace subject {

void make_arena(std::uint64_t base, std::uint64_t bytes) {
  arena = Arena(base, bytes);
  events.clear();
}

std::size_t slots_in_arena() { return arena.bytes() / sizeof(sprat::cap::Slot); }

std::byte* memory_at(std::uint64_t address) {
  const std::uint64_t offset = address - arena.base();
  if (address < arena.base() || offset >= arena.bytes()) {
    std::fprintf(stderr, "physical address 0x%lx is not in the memory of this test\n",
                 static_cast<unsigned long>(address));
    std::abort();
  }
  return arena.begin() + offset;
}

sprat::cap::Slot& slot_at(std::uint64_t address) {
  return *reinterpret_cast<sprat::cap::Slot*>(memory_at(address));
}

std::uint64_t address_of(const void* place) {
  const auto* const byte = static_cast<const std::byte*>(place);
  if (byte == nullptr) return 0;
  if (byte < arena.begin() || byte >= arena.begin() + arena.bytes()) return ~std::uint64_t{0};
  return arena.base() + static_cast<std::uint64_t>(byte - arena.begin());
}

std::string take_events() { return events.empty() ? "none" : std::exchange(events, std::string()); }

}  // namespace subject

void* sprat::memory::host_address(PhysicalAddress address) {
  return subject::memory_at(address.value());
}

// ---- hooks

namespace sprat::cap {

void dispatcher_made(const Slot& slot) { note("made", {slot.base}); }
void dispatcher_lost_part(const Slot& slot) { note("lost", {subject::address_of(&slot)}); }
void dispatcher_died(const Slot& slot) { note("died", {slot.base}); }
void foreign_frame_ended(const Slot&) {}
//@ since monitor
void foreign_frame_is_lonely(const Slot&) {}
//@ end

// Slot 0 of a dispatcher is its own, the next four are its parts.
Slot& dispatcher_own_slot(const Slot& dispatcher) { return subject::slot_at(dispatcher.base); }
Slot* dispatcher_parts(const Slot& dispatcher) { return &subject::slot_at(dispatcher.base) + 1; }

void forget_translations(PhysicalAddress root, VirtualAddress address, std::uint64_t bytes) {
  note("forget", {root.value(), address.value(), bytes});
}
void leave_address_space(PhysicalAddress root) { note("leave", {root.value()}); }

// Recognisable, and nothing that a user could reach.
void make_kernel_half(TableObject& root) {
  for (std::size_t entry = 256; entry < 512; ++entry) root.entries[entry] = entry << 12;
  note("half", {subject::address_of(&root)});
}

}  // namespace sprat::cap
