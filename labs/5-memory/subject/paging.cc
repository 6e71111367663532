// paging.cc — questions to a process whose memory comes from a memory server: the test is that server.
//
//   process new BITS              it begins with 2^BITS bytes of RAM                -> ok
//   process reserve BYTES         a range, until it is given back                   -> ok ADDRESS
//   process touch ADDRESS VALUE   writes a word; a page fault before if need be     -> ok WORD-BEFORE
//   process give-back ADDRESS     the range that begins there                       -> ok
//   process make TYPE BITS        an object                                         -> ok SLOT
//   process drop SLOT             deletes it                                        -> ok
//   process give-back-memory                                                        -> ok BYTES
//
// Each may be answered by `error NAME`. In between, the process may ask the server:
//
//   ask WORD WORD WORD WORD OBJECTS        (lib/memory_requests.hh); of give_back: how many objects are made of the block
//     -> ok WORD WORD BASE   or   error NAME       BASE: of the RAM that `allocate` gives

#include <algorithm>
#include <map>

#include "kernel.hh"
#include "lib/memory_client.hh"
#include "lib/memory_requests.hh"
#include "lib/runtime.hh"
#include "lib/startup.hh"
#include "subjects.hh"

namespace subject {
namespace {

std::map<std::uint64_t, CapAddress> slots_of_blocks;  // by number

std::string error_text(Error error) { return std::string("error ") + name_of(error); }

Error error_named(const std::string& name) {
  const auto place =
      std::ranges::find_if(kErrorNames, [&](const char* one) { return name == one; });
  return static_cast<Error>(std::min<std::ptrdiff_t>(place - std::begin(kErrorNames),
                                                     static_cast<std::ptrdiff_t>(kLastError)));
}

std::string begin_process(unsigned bits) {
  kernel().begin();
  kernel().put(CapAddress(2, 1), Type::ram, std::uint64_t{1} << 28, bits);
  static_cast<void>(runtime().ram.add(CapRef<Type::ram>(CapAddress(2, 1))));
  runtime().memory = SelfPaging(kSelfPagedBegin, kSelfPagedEnd, runtime().space, runtime().ram);
  use_memory_server(CapRef<Type::endpoint>(CapAddress(2, 2)));
  return "ok";
}

std::string touch(VirtualAddress address, std::uint64_t value) {
  if (!kernel().is_mapped(address)) {
    const auto filled = runtime().memory.fill(address);
    if (!filled) return error_text(filled.error());
    if (!kernel().is_mapped(address)) return "error fault-again";
  }
  auto& word = *reinterpret_cast<volatile std::uint64_t*>(address.value());
  const std::uint64_t before = word;
  word = value;
  return "ok " + hex(before);
}

std::string make(Type type, unsigned bits) {
  const auto slot = take_slot();
  if (!slot) return error_text(slot.error());
  const Place place = place_of(slot.value());
  const auto made = runtime().ram.make_into(place.cnode, place.slot, type, bits);
  return made ? "ok " + hex(slot.value().raw()) : error_text(made.error());
}

std::string drop(CapAddress slot) {
  const auto removed = sprat::remove(slot);
  give_back_slot(slot);
  return removed ? "ok" : error_text(removed.error());
}

}  // namespace

Result<Answer> ask_server(const Words& words) {
  const auto request = static_cast<MemoryRequest>(words[0]);
  const auto block = slots_of_blocks.find(words[1]);
  const bool is_its = request == MemoryRequest::give_back && block != slots_of_blocks.end();
  say("ask " + hex(words[0]) + " " + hex(words[1]) + " " + hex(words[2]) + " " + hex(words[3]) +
      " " + hex(is_its ? kernel().count_made_of(block->second) : 0));
  Question answer(listen());
  if (answer.word() != "ok") return error_named(answer.word());
  Words came{answer.number(), answer.number()};
  if (is_its) {
    static_cast<void>(sprat::revoke(block->second));
    static_cast<void>(sprat::remove(block->second));
    slots_of_blocks.erase(block);
  } else if (request == MemoryRequest::allocate) {
    const CapAddress slot(kTaskNode, words[3]);
    if (kernel().has(slot)) return Error::slot_in_use;
    kernel().put(slot, Type::ram, answer.number(), static_cast<unsigned>(came[1]));
    slots_of_blocks[came[0]] = slot;
  }
  return Answer{CapAddress(), came};
}

void answer_by_process(Question& question) {
  const std::string kind = question.word();
  const std::uint64_t first = question.number();
  if (kind == "new") return say(begin_process(static_cast<unsigned>(first)));
  if (kind == "touch") return say(touch(VirtualAddress(first), question.number()));
  if (kind == "make")
    return say(make(static_cast<Type>(first), static_cast<unsigned>(question.number())));
  if (kind == "drop") return say(drop(CapAddress(first)));
  if (kind == "give-back-memory") {
    const std::uint64_t bytes = give_back_memory();
    return say("ok " + hex(bytes));
  }
  if (kind == "reserve") {
    const auto begin = runtime().memory.reserve_for_a_time(first);
    return say(begin ? "ok " + hex(begin.value().value()) : error_text(begin.error()));
  }
  if (kind != "give-back") return say("error unknown-question");
  runtime().memory.give_back(VirtualAddress(first));
  say("ok");
}

}  // namespace subject
