// world.cc — from the first capabilities to the last; the objects of the operations, and the checks after each.

#include "tests/cap/world.hh"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

namespace sprat::test {

using cap::Slot;

namespace {

constexpr std::size_t kOperationsPerFullCheck = 100;

}  // namespace

World::World(std::uint64_t seed) : random_(seed) {
  make_root(roots_.large_ram, Type::ram, 2 << 20, 8 << 20);
  make_root(roots_.small_ram, Type::ram, 0x13000, 0x8d000);
  make_root(roots_.devices, Type::physical_memory, 0xfec0'0000, 4 << 20);
  make_root(roots_.irq, Type::irq, 0, 24);
  make_root(roots_.io_ports, Type::io_ports, 0, 65536);
  make_root(roots_.kernel, Type::kernel, 0, 0);
  roots_.devices.rights = kRead | kWrite | kGrant;
  for (Slot* root : roots_.all()) model_.make_root(root);
  adopt();
}

void World::note(const char* format, ...) {
  std::array<char, 160> text;
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text.data(), text.size(), format, arguments);
  va_end(arguments);
  log_.emplace_back(text.data());
  if (log_.size() > 40) log_.pop_front();
}

// ---- choosing ---------------------------------------------------------------------------------------------------

// A capability that a process can name: dying objects keep theirs in slots that have no name.
Slot* World::any_capability() {
  for (;;) {
    const auto& places = model_.places_of(static_cast<Type>(random(kTypes)));
    if (places.empty()) continue;
    Slot* const place = places[random(places.size())];
    if (!place->is_dying) return place;
  }
}

// A capability of one of `types`; of another now and then, or if there is none.
Slot* World::capability_of(std::initializer_list<Type> types) {
  const auto& places = model_.places_of(types.begin()[random(types.size())]);
  if (places.empty() || one_in(40)) return any_capability();
  Slot* const place = places[random(places.size())];
  return place->is_dying ? any_capability() : place;
}

Slot* World::any_table() {
  for (unsigned tries = 0; tries < 4; ++tries) {
    const auto& places = model_.places_of(page_table_type(1 + static_cast<unsigned>(random(4))));
    if (!places.empty()) return places[random(places.size())];
  }
  return nullptr;
}

// `count` slots of a CNode, or of the kernel's own; the first is empty, mostly.
std::span<Slot> World::any_slots(std::size_t count) {
  std::span<Slot> slots;
  for (unsigned tries = 0; tries < 4; ++tries) {
    const std::size_t first = one_in(8) ? 1 + random(255) : 1 + random(40);
    slots = std::span(outside_).subspan(first, std::min(count, 256 - first));
    const Slot* const cnode = one_in(12) ? &roots_.kernel : capability_of({Type::cnode});
    if (cnode->type == Type::cnode) {
      const auto found = cap::slots_of(*cnode, first, count);
      if (found) slots = found.value();
    }
    if (slots.empty() || slots.front().is_empty()) break;
  }
  return slots;
}

Slot* World::any_slot() { return any_slots(1).data(); }

// ---- living ----------------------------------------------------------------------------------------------------

// The hooks were called for exactly the deleted parts, and all translations that are no longer true were flushed.
void World::check_hooks() {
  const auto lost = model_.take_lost_parts();
  if (std::set(calls().lost.begin(), calls().lost.end()) != lost ||
      calls().lost.size() != lost.size()) {
    mismatch("%zu parts went, and hooks were called for %zu", lost.size(), calls().lost.size());
  }
  const Capability* const anchor = model_.at(&anchor_);
  const std::size_t copies = anchor != nullptr ? anchor->object->places.size() - 1 : 0;
  const std::size_t became_lonely = anchor != nullptr && copies_ != 0 && copies == 0 ? 1 : 0;
  if (calls().lonely.size() != became_lonely) {
    mismatch("an anchor had %zu copies and has %zu: it was called lonely %zu times", copies_,
             copies, calls().lonely.size());
  }
  copies_ = copies;
  if (const Translation* const stale = stale_translation(); stale != nullptr) {
    mismatch("the translation of 0x%lx is no longer true", stale->address.value());
  }
  calls().clear();
}

void World::step() {
  struct Choice {
    std::uint64_t weight;
    void (World::*operation)();
  };
  constexpr std::array<Choice, 18> kChoices{{
      {2, &World::copy},
      {2, &World::mint},
      {1, &World::move},
      {1, &World::move_into_own},
      {4, &World::retype},
      {2, &World::remove},
      {1, &World::revoke},
      {1, &World::take_apart},
      {4, &World::map},
      {1, &World::unmap},
      {1, &World::find},
      {1, &World::keep_part},
      {1, &World::set_remote},
      {2, &World::share},
      {1, &World::sweep},
      {1, &World::drop},
      {1, &World::use_memory},
      {2, &World::use_translation},
  }};
  std::uint64_t number = random(29);
  for (const Choice& choice : kChoices) {
    if (number < choice.weight) {
      (this->*choice.operation)();
      break;
    }
    number -= choice.weight;
  }
  check_hooks();
  if (++operations_ % kOperationsPerFullCheck == 0) model_.check_everything();
}

void World::end() {
  note("the end");
  end_foreign();
  for (Slot* slot = cap::first_capability(); slot != nullptr; slot = slot->next) {
    slot->is_remote = false;
    model_.set_remote(slot, false);
  }
  while (model_.size() > roots_.all().size()) {
    for (Slot* root : roots_.all()) revoke_all(root);
  }
  model_.check_everything();
  for (Slot* ram : {&roots_.large_ram, &roots_.small_ram}) {
    Slot page;
    const auto result = cap::retype(*ram, {Type::ram, 12, 1}, {&page, 1});
    if (!result || page.base != ram->base) mismatch("memory below 0x%lx was lost", page.base);
    if (!cap::remove(page)) mismatch("remove");
  }
  for (Slot* root : roots_.all()) {
    if (!cap::remove(*root)) mismatch("remove");
  }
  if (cap::first_capability() != nullptr) mismatch("a capability is left over");
}

}  // namespace sprat::test
