// world.cc — see world.hh.

#include "world.hh"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <sstream>

namespace lab {

using sprat::grading::bare;
using sprat::grading::hex;

namespace {

constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::size_t kWordsOfCapability = 10;
constexpr std::size_t kMeaningsShown = 12;

// Flags of a capability, as the subject shows them.
constexpr std::uint64_t kOriginal = 1;
constexpr std::uint64_t kRemote = 2;
constexpr std::uint64_t kPart = 4;
constexpr std::uint64_t kMapped = 8;
constexpr std::uint64_t kDying = 16;

std::string asked(const std::string& what, std::initializer_list<std::uint64_t> numbers) {
  std::string text = what;
  for (const std::uint64_t number : numbers) text += " " + bare(number);
  return text;
}

std::uint64_t as_number(Type type) { return static_cast<std::uint64_t>(type); }

Capability parse(const std::vector<std::string>& words, std::size_t at) {
  const auto number = [&](std::size_t i) { return number_of_word(words[at + i]); };
  Capability capability;
  capability.slot = number(0);
  capability.type = static_cast<Type>(number(1));
  capability.rights = Rights(number(2));
  capability.base = number(3);
  capability.bytes = number(4);
  capability.is_original = (number(5) & kOriginal) != 0;
  capability.is_remote = (number(5) & kRemote) != 0;
  capability.is_part = (number(5) & kPart) != 0;
  capability.is_dying = (number(5) & kDying) != 0;
  capability.badge = number(6);
  constexpr std::uint64_t kNoTable = 1;  // it says that it is mapped, and not where
  if ((number(5) & kMapped) != 0) capability.table = number(7) != 0 ? number(7) : kNoTable;
  capability.first_entry = number(9);
  return capability;
}

}  // namespace

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream words(text);
  return {std::istream_iterator<std::string>(words), {}};
}

std::uint64_t number_of_word(const std::string& word) {
  return std::strtoull(word.c_str(), nullptr, 16);
}

World::World(Trial& trial, unsigned mib)
    : trial_(trial),
      base_((1 + trial.below(1 << 12)) * 4 * kMiB),
      end_(base_ + mib * kMiB),
      next_memory_(base_) {
  ask(asked("arena", {base_, mib * kMiB}));
}

std::uint64_t World::new_memory(std::uint64_t bytes, std::uint64_t alignment) {
  const std::uint64_t begin = (next_memory_ + alignment - 1) / alignment * alignment;
  if (begin + bytes > end_) throw sprat::grading::MachineError("a test needs a larger World");
  next_memory_ = begin + bytes;
  return begin;
}

// Slots lie in CNodes; slot 0 of each is the kernel's.
std::uint64_t World::new_slots(std::uint64_t count) {
  if (next_slot_ + count * kSlotBytes > last_slot_) {
    next_slot_ = new_memory(kCNodeBytes, kCNodeBytes) + kSlotBytes;
    last_slot_ = next_slot_ - kSlotBytes + kCNodeBytes;
  }
  const std::uint64_t first = next_slot_;
  next_slot_ += count * kSlotBytes;
  return first;
}

std::uint64_t World::put(Capability capability) {
  if (capability.slot == 0) capability.slot = new_slots();
  if (!end_of_order_) {
    const std::vector<Capability> now = order();
    end_of_order_ = now.empty() ? 0 : now.back().slot;
  }
  const std::uint64_t flags = (capability.is_original ? kOriginal : 0) |
                              (capability.is_remote ? kRemote : 0) |
                              (capability.is_part ? kPart : 0);
  ask(asked("put",
            {capability.slot, *end_of_order_, as_number(capability.type), capability.rights.bits(),
             capability.base, capability.bytes, flags, capability.badge}));
  model_.put(capability);
  end_of_order_ = capability.slot;
  return capability.slot;
}

std::uint64_t World::put_new(Type type, std::uint64_t bytes) {
  if (const unsigned bits = object_bits(type); bits != 0) bytes = std::uint64_t{1} << bits;
  return put(
      {.type = type, .base = new_memory(bytes, std::max(bytes, kPageBytes)), .bytes = bytes});
}

std::uint64_t World::put_copy(std::uint64_t original, Rights keep, std::uint64_t slot) {
  Capability copy = model_.all().at(original);
  copy.slot = slot != 0 ? slot : new_slots();
  copy.rights = copy.rights & keep;
  copy.is_original = copy.is_part = false;
  copy.table = copy.first_entry = 0;
  const std::vector<Capability> now = order();
  const auto place = std::ranges::find(now, original, &Capability::slot);
  const std::uint64_t before = place == now.begin() ? 0 : std::prev(place)->slot;
  ask(asked("put", {copy.slot, before, as_number(copy.type), copy.rights.bits(), copy.base,
                    copy.bytes, copy.is_remote ? kRemote : 0u, copy.badge}));
  model_.put(copy);
  return copy.slot;
}

void World::drop(std::uint64_t slot) {
  ask(asked("drop", {slot}));
  model_.forget(slot);
  end_of_order_.reset();
}

std::string World::ask(const std::string& question) {
  questions_ += question + "\n";
  return trial_.ask(question);
}

std::string World::name(std::uint64_t slot) const {
  const Capability* const capability = model_.find(slot);
  return capability == nullptr ? "the empty slot " + hex(slot) : text_of(*capability);
}

void World::wrong(const std::string& expected, const std::string& came,
                  const std::string& explain) {
  trial_.keep_log("questions", questions_);
  std::string text = explain;
  const std::size_t count = std::min(meanings_.size(), kMeaningsShown);
  if (count > 0) text += (text.empty() ? "" : "\n") + std::string("The last requests:");
  for (std::size_t i = meanings_.size() - count; i < meanings_.size(); ++i) {
    text += "\n  " + meanings_[i];
  }
  trial_.wrong(expected, came, text);
}

bool World::expect(const std::string& question, const std::string& meaning, const Faults& faults) {
  meanings_.push_back(meaning);
  end_of_order_.reset();
  const std::string came = ask(question);
  if (came == "ok" && faults.empty()) return true;
  const bool is_one = std::ranges::any_of(
      faults, [&](Error fault) { return came == "error " + std::string(name_of(fault)); });
  if (!is_one) wrong(text_of(faults) + " as the answer to: " + meaning, came);
  return false;
}

// ---- operations

bool World::mint(std::uint64_t source, std::uint64_t target, Rights keep,
                 std::uint64_t badge_or_first, std::uint64_t count) {
  const std::string meaning = "mint " + name(source) + " into " + name(target) +
                              ", rights to keep " + std::to_string(keep.bits()) +
                              ", badge or first " + hex(badge_or_first) + ", count " +
                              std::to_string(count);
  return expect(asked("mint", {source, target, keep.bits(), badge_or_first, count}), meaning,
                model_.mint(source, target, keep, badge_or_first, count));
}

bool World::copy(std::uint64_t source, std::uint64_t target) {
  const std::string meaning = "copy " + name(source) + " into " + name(target);
  return expect(asked("copy", {source, target}), meaning,
                model_.mint(source, target, sprat::kAllRights, 0, 0));
}

// Memory is zeroed in steps of a page at least.
bool World::retype(std::uint64_t source, Type type, unsigned size_bits, std::uint64_t count,
                   std::uint64_t target, std::uint64_t targets) {
  const std::string meaning = "retype " + name(source) + " into " + std::to_string(count) + " " +
                              name_of(type) + ", size_bits " + std::to_string(size_bits) +
                              ", into " + std::to_string(targets) + " slots from " + hex(target);
  const std::string question =
      asked("retype", {source, as_number(type), size_bits, count, target, targets});
  const Capability* const from = model_.find(source);
  const std::uint64_t most = 1 + (from == nullptr ? 0 : from->bytes / kPageBytes);
  const Faults faults = model_.retype(source, type, size_bits, count, target, targets);
  end_of_order_.reset();
  if (faults.empty()) {
    std::string came;
    for (std::uint64_t steps = 0; (came = ask(question)) == "error again"; ++steps) {
      if (steps > most)
        wrong("ok, after " + std::to_string(most) + " steps at most", "again and again", meaning);
    }
    meanings_.push_back(meaning);
    if (came != "ok") wrong("ok as the answer to: " + meaning, came);
    return true;
  }
  return expect(question, meaning, faults);
}

bool World::remove(std::uint64_t slot) {
  const std::string meaning = "remove " + name(slot);
  return expect(asked("remove", {slot}), meaning, model_.remove(slot));
}

// Each step takes something away, if only a slot that is looked at in a CNode that comes apart.
bool World::revoke(std::uint64_t slot) {
  const std::string meaning = "revoke " + name(slot);
  const std::uint64_t most = 64 + 300 * model_.all().size();
  const Faults faults = model_.revoke(slot);
  end_of_order_.reset();
  std::string came;
  for (std::uint64_t steps = 0; (came = ask(asked("revoke", {slot}))) == "error again"; ++steps) {
    if (steps > most) wrong("an end of: " + meaning, "again and again");
  }
  meanings_.push_back(meaning);
  const bool is_one = std::ranges::any_of(
      faults, [&](Error fault) { return came == "error " + std::string(name_of(fault)); });
  if (faults.empty() ? came != "ok" : !is_one)
    wrong(text_of(faults) + " as the answer to: " + meaning, came);
  return came == "ok";
}

bool World::map(std::uint64_t table, std::uint64_t first_entry, std::uint64_t source,
                Rights rights) {
  const std::string meaning = "map " + name(source) + " into " + name(table) + " from entry " +
                              std::to_string(first_entry) + " with rights " +
                              std::to_string(rights.bits());
  return expect(asked("map", {table, first_entry, source, rights.bits()}), meaning,
                model_.map(table, first_entry, source, rights));
}

void World::settle() {
  end_of_order_.reset();
  for (unsigned steps = 0; ask("apart") == "more"; ++steps) {
    if (steps > 10'000) wrong("what is dying comes to an end", "there is more after 10,000 steps");
  }
}

// ---- comparing

std::vector<Capability> World::order() {
  const std::string came = ask("order");
  if (came.starts_with("broken")) wrong("a derivation order that can be followed both ways", came);
  const std::vector<std::string> words = words_of(came == "none" ? "" : came);
  std::vector<Capability> order;
  for (std::size_t at = 0; at + kWordsOfCapability <= words.size(); at += kWordsOfCapability) {
    order.push_back(parse(words, at));
  }
  return order;
}

void World::check() {
  std::vector<Capability> now = order();
  for (Capability& came : now) {
    const Capability* const expected = model_.find(came.slot);
    if (expected == nullptr) wrong("nothing in slot " + hex(came.slot), text_of(came));
    if (text_of(*expected) != text_of(came)) wrong(text_of(*expected), text_of(came));
    came.age = expected->age;
  }
  for (const auto& [slot, expected] : model_.all()) {
    if (std::ranges::find(now, slot, &Capability::slot) == now.end())
      wrong(text_of(expected), "it is not in the derivation order any longer");
  }
  check_order(now);
}

// Copies stand directly before their original, its descendants directly behind.
void World::check_order(const std::vector<Capability>& order) {
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (!order[i].is_original) continue;
    const auto is_copy = [&](const Capability& other) {
      return other.type == order[i].type && !other.is_original &&
             CapabilityModel::is_descendant(order[i], other);
    };
    const auto is_made_from_it = [&](const Capability& other) {
      return !is_copy(other) && CapabilityModel::is_descendant(order[i], other);
    };
    std::size_t first = i;
    std::size_t last = i;
    while (first > 0 && is_copy(order[first - 1])) --first;
    while (last + 1 < order.size() && is_made_from_it(order[last + 1])) ++last;
    for (std::size_t other = 0; other < order.size(); ++other) {
      const bool is_misplaced = (is_copy(order[other]) && (other < first || other > i)) ||
                                (is_made_from_it(order[other]) && (other < i || other > last));
      if (!is_misplaced) continue;
      wrong("in the derivation order, copies stand directly before " + text_of(order[i]) +
                " and its descendants directly behind",
            text_of(order[other]) + " does not");
    }
  }
}

}  // namespace lab
