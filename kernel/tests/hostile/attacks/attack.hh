// attack.hh — the parts of attacks: objects of their own, requests to the kernel, and the expected results.

#pragma once

#include <array>
#include <bit>
#include <span>

#include "../child.hh"

// Says that `came` is wrong unless it is `expected`; a report shows the first of these.
#define EXPECT_EQ(expected, came) expect(__LINE__, std::uint64_t(expected), std::uint64_t(came))
#define EXPECT_ERROR(error, result) expect(__LINE__, status_of(Error::error), status(result))

namespace sprat::hostile {

inline constexpr std::uint64_t kPageFault = 14, kProtection = 13, kInvalidOpcode = 6, kDebug = 1;
inline constexpr std::uint64_t kKernelAddresses[] = {0xffff'8000'0000'0000, 0xffff'ffff'8010'0000,
                                                     0xffff'ffff'ffff'f000, kUserEnd.value()};
inline constexpr std::uint64_t kNoAddresses[] = {0x8000'0000'0000, 0xdead'0000'0000'0000,
                                                 0xffff'7fff'ffff'ffff};

void expect(std::uint64_t line, std::uint64_t expected, std::uint64_t came);

inline std::uint64_t status(const Result<Words>& result) {
  return result ? kStatusOk : status_of(result.error());
}

constexpr CapAddress own(TaskSlot slot) { return task_slot(slot); }
constexpr CapAddress own(std::uint64_t slot) { return {kProgramFreeNode, slot}; }
inline constexpr CapAddress kFreeNode = CapAddress::in_root(kProgramFreeNode);
inline constexpr CapAddress kRam = task_slot(ProgramSlot::ram);

inline Result<Words> make(std::uint64_t slot, Type type, unsigned bits = 0,
                          std::uint64_t count = 1) {
  return invoke(kFreeNode, Method::retype, slot, kRam.raw(), type,
                bits != 0 ? bits : object_bits(type), count);
}
inline Result<Words> map(CapAddress table, std::uint64_t entry, CapAddress what,
                         Rights rights = {}) {
  return invoke(table, Method::map, entry, what.raw(), rights.bits());
}

Description describe(CapAddress address);

// Three tables for the last 2 MiB of the user's addresses, in slots 40 to 42, and a page at their end in slot 43.
inline constexpr std::uint64_t kLastRootEntry = 254, kLastPage = 0x7f7f'ffff'f000;
void map_last_page();

// A second dispatcher, made in slot kSecond, with its frame in that page. The second can change the first one's data in
// its frame, which both can write. It runs `other` by its upcall; the first is disabled from now on.
inline constexpr std::uint64_t kSecond = 44, kSecondsEndpoint = 45;
void make_second(void (*other)());
bool second_is(DispatcherState state);
// The second one waits, is called, and runs `serve`.
void call_second(void (*serve)());
// Sets the slot for a capability that comes with a call of the second one.
void receive_in(CapAddress slot);

// Races of a second dispatcher whose frame is the page that another core rewrites (races.cc). The first makes their
// objects.
void prepare_race();
void race_once();

// ---- the attacks, by their targets: a file each

std::span<const Attack> attacks_on_memory();
std::span<const Attack> attacks_on_rights();
std::span<const Attack> attacks_on_names();
std::span<const Attack> attacks_by_instructions();
std::span<const Attack> attacks_on_frames();
std::span<const Attack> attacks_by_exhaustion();
std::span<const Attack> attacks_by_dying();
// These need memory shared by another core (../shared_page.hh).
std::span<const Attack> attacks_with_foreign_memory();
std::span<const Attack> attacks_by_races();

}  // namespace sprat::hostile
