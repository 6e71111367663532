// main.cc — questions to capabilities. Slots, tables and objects are named by their physical addresses; all numbers are
// hexadecimal. Operations answer `ok` or `error NAME`.
//
//   arena BASE BYTES                    memory that holds zeros, and no capability
//   fill BEGIN BYTES VALUE              writes VALUE to each of these bytes
//   used BEGIN BYTES                    -> how many of them are not zero
//   put SLOT AFTER TYPE RIGHTS BASE BYTES FLAGS BADGE
//                                       a capability, behind that in slot AFTER (0: at the beginning of the order)
//   drop SLOT                           takes it away, as if it had never been
//   address ROOT CAP                    find_slot   -> ok SLOT
//   find ROOT CAP TYPE RIGHTS           -> ok SLOT
//   copy SOURCE TARGET                  mint SOURCE TARGET KEEP BADGE COUNT
//   retype SOURCE TYPE BITS COUNT TARGET TARGETS
//   remove SLOT       revoke SLOT       apart -> more  or  done
//   map TABLE ENTRY SOURCE RIGHTS       unmap TABLE ENTRY       unmap_capability SLOT       unmap_all TABLE
//   order                               -> each capability in derivation order, as `look` shows it; or  broken
//   look SLOT                           -> SLOT TYPE RIGHTS BASE BYTES FLAGS BADGE TABLE TABLE_SLOT FIRST_ENTRY
//   table ADDRESS                       -> INDEX ENTRY SLOT of each entry that is not empty
//   events                              -> calls of hooks since the last time: NAME NUMBERS ...
//
// FLAGS: 1 original, 2 remote, 4 part of a dispatcher, 8 mapped, 10 dying.

#include <cstring>
#include <map>

#include "arena.hh"
#include "cap/operations.hh"
#include "question.hh"

namespace {

using namespace sprat::cap;
using sprat::CapAddress;
using sprat::Rights;
using sprat::Type;
using subject::hex;
using subject::Question;
using subject::say;
using subject::slot_at;

Slot& slot(Question& question) { return slot_at(question.number()); }
Type type(Question& question) { return static_cast<Type>(question.number()); }

std::string text_of(const sprat::Result<void>& result) {
  return result ? "ok" : std::string("error ") + name_of(result.error());
}

std::string text_of(const sprat::Result<Slot*>& result) {
  return result ? "ok " + hex(subject::address_of(result.value()))
                : std::string("error ") + name_of(result.error());
}

std::string text_of(const Slot& slot) {
  const bool is_badged = slot.type == Type::endpoint || slot.type == Type::notification;
  std::string text = hex(subject::address_of(&slot));
  for (const std::uint64_t number :
       {std::uint64_t{static_cast<std::uint8_t>(slot.type)}, std::uint64_t{slot.rights.bits()},
        slot.base, slot.bytes,
        std::uint64_t(slot.is_original | slot.is_remote << 1 | slot.is_part << 2 |
                      slot.is_mapped << 3 | slot.is_dying << 4),
        is_badged ? slot.badge : 0, slot.is_mapped ? slot.mapping.table : 0,
        slot.is_mapped ? subject::address_of(slot.mapping.table_slot) : 0,
        std::uint64_t{slot.first_entry}}) {
    text += " " + hex(number);
  }
  return text;
}

// ---- memory

std::string new_arena(Question& question) {
  for (std::size_t step = 0; step < subject::slots_in_arena() && take_apart(); ++step) {
  }
  while (first_capability() != nullptr) take_out(*first_capability());
  const std::uint64_t base = question.number();
  subject::make_arena(base, question.number());
  return "ok";
}

std::string fill(Question& question) {
  std::byte* const begin = subject::memory_at(question.number());
  const std::size_t bytes = question.number();
  std::memset(begin, static_cast<int>(question.number()), bytes);
  return "ok";
}

std::string used(Question& question) {
  const std::byte* const begin = subject::memory_at(question.number());
  const std::size_t bytes = question.number();
  std::size_t count = 0;
  for (std::size_t i = 0; i < bytes; ++i) count += begin[i] != std::byte{0};
  return hex(count);
}

// ---- capabilities, made by hand

std::string put(Question& question) {
  Slot& place = slot(question);
  const std::uint64_t after = question.number();
  place = Slot{};
  place.type = type(question);
  place.rights = Rights(question.number());
  place.base = question.number();
  place.bytes = question.number();
  const std::uint64_t flags = question.number();
  place.is_original = (flags & 1) != 0;
  place.is_remote = (flags & 2) != 0;
  place.is_part = (flags & 4) != 0;
  place.badge = question.number();
  insert_behind(after == 0 ? nullptr : &slot_at(after), place);
  return "ok";
}

std::string drop(Question& question) {
  take_out(slot(question));
  return "ok";
}

// ---- operations

std::string address(Question& question) {
  const Slot& root = slot(question);
  return text_of(find_slot(root, CapAddress(question.number())));
}

std::string find_capability(Question& question) {
  const Slot& root = slot(question);
  const CapAddress address(question.number());
  const Type wanted = type(question);
  return text_of(find(root, address, wanted, Rights(question.number())));
}

std::string copy_capability(Question& question) {
  Slot& source = slot(question);
  return text_of(copy(source, slot(question)));
}

std::string mint_capability(Question& question) {
  Slot& source = slot(question);
  Slot& target = slot(question);
  MintArguments arguments;
  arguments.keep = Rights(question.number());
  arguments.badge_or_first = question.number();
  arguments.count = question.number();
  return text_of(mint(source, target, arguments));
}

std::string retype_capability(Question& question) {
  Slot& source = slot(question);
  RetypeArguments arguments{};
  arguments.type = type(question);
  arguments.size_bits = static_cast<unsigned>(question.number());
  arguments.count = question.number();
  Slot& first = slot(question);
  return text_of(retype(source, arguments, {&first, question.number()}));
}

std::string remove_capability(Question& question) { return text_of(remove(slot(question))); }
std::string revoke_capability(Question& question) { return text_of(revoke(slot(question))); }
std::string apart(Question&) { return take_apart() ? "more" : "done"; }

std::string map_capability(Question& question) {
  Slot& table = slot(question);
  const std::uint64_t entry = question.number();
  Slot& source = slot(question);
  return text_of(map(table, entry, source, Rights(question.number())));
}

std::string unmap_entry(Question& question) {
  const Slot& table = slot(question);
  return text_of(unmap(table, question.number()));
}

std::string unmap_capability(Question& question) {
  unmap(slot(question));
  return "ok";
}

std::string unmap_table(Question& question) {
  unmap_all(slot(question));
  return "ok";
}

// ---- looking

std::string order(Question&) {
  std::string text;
  const Slot* previous = nullptr;
  std::size_t count = 0;
  for (const Slot* slot = first_capability(); slot != nullptr; previous = slot, slot = slot->next) {
    if (subject::address_of(slot) == ~std::uint64_t{0})
      return "broken: a capability that is in no slot";
    if (slot->previous != previous)
      return "broken: next and previous do not agree at " + text_of(*slot);
    if (++count > subject::slots_in_arena()) return "broken: it has no end";
    text += (text.empty() ? "" : " ") + text_of(*slot);
  }
  return text.empty() ? "none" : text;
}

std::string look(Question& question) { return text_of(slot(question)); }

std::string table(Question& question) {
  const auto& object = *reinterpret_cast<TableObject*>(subject::memory_at(question.number()));
  std::string text;
  for (std::size_t i = 0; i < object.entries.size(); ++i) {
    if (object.entries[i] == 0 && object.mapped[i] == nullptr) continue;
    text += (text.empty() ? "" : " ") + hex(i) + " " + hex(object.entries[i]) + " " +
            hex(subject::address_of(object.mapped[i]));
  }
  return text.empty() ? "none" : text;
}

std::string called(Question&) { return subject::take_events(); }

}  // namespace

void subject::answer(const std::string& kind, Question& question) {
  static const std::map<std::string, std::string (*)(Question&)> kKinds = {
      {"arena", new_arena},
      {"fill", fill},
      {"used", used},
      {"put", put},
      {"drop", drop},
      {"address", address},
      {"find", find_capability},
      {"copy", copy_capability},
      {"mint", mint_capability},
      {"retype", retype_capability},
      {"remove", remove_capability},
      {"revoke", revoke_capability},
      {"apart", apart},
      {"map", map_capability},
      {"unmap", unmap_entry},
      {"unmap_capability", unmap_capability},
      {"unmap_all", unmap_table},
      {"order", order},
      {"look", look},
      {"table", table},
      {"events", called},
  };
  const auto found = kKinds.find(kind);
  say(found == kKinds.end() ? "error unknown-question" : found->second(question));
}
