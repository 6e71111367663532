// operations.hh — the rows of the table: what is measured, what we want, and what other systems take.

#pragma once

#include <array>
#include <string_view>

#include "bench/measure.hh"

namespace sprat::bench {

// Instructions from user code to user code, as medians, all of them counted in the same emulator (QEMU 7.2, TCG, -icount
// shift=0) with a program like this one on: Linux 6.1 (Debian 12), seL4's fast paths, xv6 and Chickadee (MIT's and Harvard's
// teaching systems), Barrelfish. 0: not measured, or there is no such thing. Theirs closest to ours: for an invocation, getpid;
// for LRPC, seL4's call and reply, twice Barrelfish's 978 one way, and a byte through two pipes; for map, mmap of Linux.
struct Figures {
  unsigned linux = 0, sel4 = 0, xv6 = 0, chickadee = 0, barrelfish = 0;
};

struct Operation {
  Region region;
  std::string_view name;
  unsigned goal = 0;            // at most so many instructions; 0: none set
  unsigned per = 1;             // one measurement does so many of the named operation
  bool ends_elsewhere = false;  // only the scope sees the end
  Figures figures{};
};

constexpr unsigned kPages = 1 << (kLargeMappingBits - 12);

inline constexpr std::array kOperations{
    Operation{.region = Region::null_invocation,
              .name = "null invocation",
              .goal = 100,
              .figures = {.linux = 321, .xv6 = 1397, .chickadee = 74}},
    Operation{.region = Region::null_system_call, .name = "yield, no other runnable"},
    Operation{.region = Region::lrpc_call,
              .name = "LRPC, call",
              .ends_elsewhere = true,
              .figures = {.sel4 = 194, .barrelfish = 978}},
    Operation{.region = Region::lrpc_round_trip,
              .name = "LRPC, call and reply",
              .goal = 300,
              .figures = {.linux = 10864, .sel4 = 415, .xv6 = 27249, .barrelfish = 1956}},
    Operation{.region = Region::turns_in_place, .name = "two switches, resumed"},
    Operation{.region = Region::turns_by_upcall, .name = "two switches, upcalled"},
    Operation{.region = Region::page_fault,
              .name = "page fault to upcall",
              .goal = 300,
              .ends_elsewhere = true},
    Operation{.region = Region::page_fault_and_back, .name = "page fault and back"},
    Operation{.region = Region::map,
              .name = "map 4 KiB",
              .goal = 450,
              .figures = {.linux = 6591, .sel4 = 745, .barrelfish = 13907}},
    Operation{.region = Region::unmap,
              .name = "unmap 4 KiB",
              .goal = 400,
              .figures = {.linux = 13980, .sel4 = 593, .barrelfish = 136393}},
    Operation{.region = Region::map_many, .name = "map 128 KiB, a page", .per = kPages},
    Operation{.region = Region::unmap_many, .name = "unmap 128 KiB, a page", .per = kPages},
    Operation{.region = Region::retype,
              .name = "retype to 4 KiB frame",
              .goal = 600,
              .figures = {.sel4 = 923, .barrelfish = 8080}},
    Operation{.region = Region::copy, .name = "copy"},
    Operation{.region = Region::remove_copy, .name = "delete a copy"},
    Operation{.region = Region::remove_last, .name = "delete the last"},
    Operation{.region = Region::revoke,
              .name = "revoke, a copy",
              .goal = 250,
              .per = kRevokedCopies,
              .figures = {.sel4 = 382}},
};

}  // namespace sprat::bench
