// operations.hh — everything that can be done with capabilities. Each call takes a bounded number of steps.

#pragma once

#include "cap/cspace.hh"

namespace sprat::cap {

// ---- beginning (derivation.cc)

// Fills `slot`, which is empty, with a capability that has no ancestor: to RAM, ports, the kernel itself.
void grant(Slot& slot, Type type, std::uint64_t base, std::uint64_t bytes,
           Rights rights = kAllRights);

// ---- copying (copy.cc)

// Puts another capability to the object of `source` into `target`, with the same rights.
//   no_capability   source is empty          slot_in_use  target is not
//   wrong_type      this type is never copied (the table in types.hh)
//   no_rights       source does not carry kGrant
//   ask_monitor     source is remote
Result<void> copy(Slot& source, Slot& target);

struct MintArguments {
  Rights keep = kAllRights;
  std::uint64_t badge_or_first = 0;  // endpoints, notifications: badge; irq, io_ports: the first
  std::uint64_t count = 0;           // irq, io_ports: how many; 0: all that follow
};

// copy, with fewer rights: those of `source` and of `keep`. An endpoint or notification without a badge gets one, and
// one that has a badge keeps it (0 and the same badge change nothing); `count` is ignored. Lines and ports,
// counted from the source's first, become fewer. All other types have nothing but rights to change.
//   those of copy
//   invalid_argument   a badge where there is a different one already; lines or ports beyond the source's; badge_or_first or
//                      count other than 0 for all other types
Result<void> mint(Slot& source, Slot& target, const MintArguments& arguments);

// copy, for a capability that goes along with a call: some can be copied by their holder and not be sent.
//   those of copy; wrong_type as well for a type that is never sent (the table in types.hh)
Result<void> send(Slot& source, Slot& target);

// The capability of `source` goes to `target`, with its place in the derivation order and its mapping. Visits all that
// is mapped in it if it is a page table.
//   no_capability, slot_in_use
Result<void> move(Slot& source, Slot& target);

//@ since monitor
// copy, of a frame that other cores may know of, with the rights of `source` and of `keep`: the caller agrees on it with those cores.
// move, of RAM.
//   those of copy, but for ask_monitor; wrong_type as well for all that is neither
//   in_use   something is made of the RAM
Result<void> share(Slot& source, Slot& target, Rights keep);

//@ end
// ---- making objects (retype.cc)

struct RetypeArguments {
  Type type;           // any number
  unsigned size_bits;  // of each object; where the type decides the size: that, or 0
  std::size_t count;   // 1 to kMostObjects
};
inline constexpr std::size_t kMostObjects = 32;

// Makes objects from the start of the unused part of `source` (rounded up to a multiple of the object's size) into
// consecutive empty slots. The unused part begins where the newest descendant ends; a source whose descendants are all
// gone is unused as a whole. Memory is zeroed before it becomes anything but Ram, at most kZeroStep bytes a call;
// `again` while there is more to zero. Endpoints and notifications are made from a Dispatcher, take no memory, and
// no dispatcher has more than 2048. Objects have the rights of their source.
//   no_capability     source is empty
//   wrong_type        the table of types.hh has no edge from the source's type to `type`
//   no_rights         source is a copy              ask_monitor   source is remote
//   invalid_argument  `count` is out of range or not the number of targets
//   slot_in_use       one of the slots is not empty; then nothing was made
//   invalid_argument  the size is out of range
//   out_of_memory     too little is unused          again         see above
Result<void> retype(Slot& source, const RetypeArguments& arguments, std::span<Slot> targets);
inline constexpr std::uint64_t kZeroStep = 16 << 10;

// ---- delete and revoke (remove.cc)

// Empties `slot`. With the last capability to an object, the object ends: all mappings in a page table are removed at
// once; CNodes and dispatchers come apart in later steps (`take_apart`), while their memory stays taken.
//   no_capability   it is empty      ask_monitor   the object is remote and this is its last capability here
Result<void> remove(Slot& slot);

// Deletes copies and descendants of `slot`, dying ones included: one bounded step, up to kRevokeStep capabilities. ok:
// none are left; objects that are dying elsewhere are taken apart in other steps. A remote descendant is an error when
// its turn comes, not before.
//   no_capability    it is empty, perhaps because it was stored in an object that was taken apart
//   no_rights        the capability is a copy        ask_monitor  it or a descendant is remote
//   again            there may be more
Result<void> revoke(Slot& slot);
inline constexpr std::size_t kRevokeStep = 16;

//@ since monitor
// For the anchor of a foreign frame: the original, which is remote. sweep deletes its copies: one bounded step, up to kRevokeStep
// capabilities. drop deletes the anchor.
//   no_capability, invalid_argument   it is empty, or no such anchor
//   again    there may be more copies      in_use   (drop) there is a copy
Result<void> sweep(Slot& anchor);
Result<void> drop(Slot& anchor);

//@ end
// Takes dying objects apart: one bounded step, up to kRevokeStep capabilities. Returns whether there is more to do.
bool take_apart();

// Returns the dying object that began last, which the next step takes apart; null if there is none. The pointer is for
// comparison only: its memory may soon be another object.
const Slot* newest_dying();

// ---- other cores (remote.cc)

// Sets in all capabilities to the frame of `slot` whether other cores may hold copies of it: one bounded step, up to
// kRemoteStep capabilities. While they may, the kernel keeps a capability of its own, so that the frame's memory stays
// taken whatever happens to all others.
//   no_capability, wrong_type (only a Frame is shared)
//   out_of_memory    kMostRemote frames are remote already
//   again            there is more to do
Result<void> set_remote(Slot& slot, bool is_remote);
inline constexpr std::size_t kRemoteStep = 64;
inline constexpr std::size_t kMostRemote = 64;

// Returns an error if the RAM of `ram` cannot go to another core.
//   in_use           something has been made from it, or it is known to other cores
//   out_of_memory    the RAM of kMaxCores cores has gone, and kMostLent pieces
Result<void> may_give_away(const Slot& ram);
inline constexpr std::size_t kMostLent = 64;

// The capability goes from `ram`, which may be given away, to the kernel, which keeps it, marked as remote: nothing can be made
// from that memory here.
void give_away(Slot& ram);

//@ since monitor
// Returns the capability to RAM that was given away and is in `range`, or has a part of it; null: there is none.
Slot* find_given_away(PhysicalRange range);

// The RAM of `kept`, which find_given_away has returned and which no core uses any more, is this core's again: its capability goes
// to `target`, which is empty.
void take_back(Slot& kept, Slot& target);

//@ end
// Returns whether a descendant of `slot` is in use by other cores: a frame that they may hold, or their RAM. Visits up to
// kMostRemote + kMaxCores + kMostLent slots.
bool is_known_to_other_cores(const Slot& slot);

// ---- mapping (mapping.cc)

// Enters the object of `source` (Frame, DeviceFrame, or the table of the next lower level) from `first_entry` on:
// one entry for a table, else as many as the frame needs at the table's level (4 KiB pages at 1, 2 MiB at 2). A frame of
// several levels' sizes fits where its size and base are multiples of the entry's. `rights`: kWrite, kExecute; both never go
// together, and each must be among the capability's, as must kRead. Visits the entries it fills. Rights apply to
// frames; tables allow everything.
//   wrong_type        this cannot be mapped into that
//   invalid_argument  entries that do not exist or are not the user's (kUserRootEntries), write and execute together
//   misaligned        the frame is no multiple of the entry's size
//   no_rights, already_mapped (an entry is taken), in_use (this capability is mapped; a copy can be mapped as well)
Result<void> map(Slot& table, std::uint64_t first_entry, Slot& source, Rights rights);

// Entries of a root that are the user's. The last one of the lower half is not among them: a SYSCALL at its end would
// return to a non-canonical address.
inline constexpr std::size_t kUserRootEntries = 255;

// Takes out the mapping that the entry is part of, as a whole.
//   invalid_argument  there is no such entry      not_found  it is empty
Result<void> unmap(const Slot& table, std::uint64_t entry);

// The same, seen from the mapped capability; nothing happens if it is not mapped.
void unmap(Slot& mapped);

// Removes all mappings in the page table that `table` names, which is about to end. Visits all its entries.
void unmap_all(const Slot& table);

// Updates the records of a mapped capability that moved to `slot`: its entries, and if it is a page table, the
// capabilities mapped there.
void follow_move(Slot& slot);

// Returns how many entries the mapping of `mapped` (is_mapped) takes.
std::size_t entries_of(const Slot& mapped);

// ---- order (derivation.cc)

// Returns the first capability of this core.
Slot* first_capability();

// Puts `slot`, already filled, behind `after`, or at the very beginning if that is null.
void insert_behind(Slot* after, Slot& slot);

// Puts `copy`, already filled, before `source`, whose object it names as well, and copies the object's properties
// is_foreign and owner.
void insert_before(Slot& source, Slot& copy);

// Exchanges the places of `slot` and the slot behind it in the order, which are copies of one object.
void change_places(Slot& slot, Slot& its_next);

// Takes `slot` out of the order and empties it.
void take_out(Slot& slot);

// Moves the contents of `source` and its place to `target`, which is empty; `source` is empty then.
void take_place(Slot& target, Slot& source);

// Returns whether revoking `slot` deletes `other`: a copy of it, or a descendant. Only for slots that are next to each
// other but for others of which that is true.
bool is_descendant(const Slot& slot, const Slot& other);

// Returns whether the object of `other`, at any place in the order, can have been made from the one of `slot`, in one
// or more steps.
bool may_have_made(const Slot& slot, const Slot& other);

// Return the copy next to `original`, and the descendant next to `slot`; null if there is none.
Slot* nearest_copy(const Slot& original);
Slot* newest_descendant(const Slot& slot);

// Returns whether no other capability names the object of `slot`.
bool is_last(const Slot& slot);

// ---- called by operations, and defined above this folder (dispatch/dispatcher.cc)

// A new Dispatcher at `slot`'s base, in zeroed memory, is to be made ready for `configure`.
void dispatcher_made(const Slot& slot);

// The capability in `slot` (is_part) is about to go: the dispatcher around it must not run on. Also called for the
// parts of a dispatcher that has died.
void dispatcher_lost_part(const Slot& slot);

// Takes the Dispatcher of `slot`, whose last capability was deleted, off every list and ends the calls to it.
void dispatcher_died(const Slot& slot);

// Forgets the foreign frame of `slot`, whose last capability on this core is about to be deleted.
void foreign_frame_ended(const Slot& slot);

//@ since monitor
// The last copy of the foreign frame of `anchor` has been deleted.
void foreign_frame_is_lonely(const Slot& anchor);

//@ end
// Return the slot in which a Dispatcher keeps its own capability while it is taken apart, and the first of the
// kDispatcherParts slots that hold its CSpace, address space, frame and report.
Slot& dispatcher_own_slot(const Slot& dispatcher);
Slot* dispatcher_parts(const Slot& dispatcher);
inline constexpr std::size_t kDispatcherParts = 4;

// Translations for [address, address + bytes) in the address space below `root` must not be used any longer.
void forget_translations(PhysicalAddress root, VirtualAddress address, std::uint64_t bytes);

// The address space below `root` is about to go; if the processor is using it, it must use another one.
void leave_address_space(PhysicalAddress root);

// Fills the kernel's half of a new root table.
void make_kernel_half(TableObject& root);

}  // namespace sprat::cap
