// memory_requests.hh — requests to the memory server of this core (memory/server.hh), by LRPC. The badge of the endpoint says whose they
// are, and no process can change it.
//
//               words: request, then                      answer: status, then
//
// A process asks for itself, and so does the monitor:
//   allocate    bits at most, bits at least, slot of its  number of the block, bits: RAM of 2^bits bytes is in that
//               task CNode                                slot, as many as are free and within the limit
//   give_back   number of a block                         1 if a whole piece of another core's is free, else 0; all that was
//                                                         made of the block is deleted
//   left        —                                         bytes that the process may still have
//
// The monitor alone:
//   add         slot of the server's task CNode; 1 if     —: the RAM in it is the server's
//               another core has lent it, else 0
//   begin       client, parent, limit in bytes, bytes of  —
//               it that the monitor has spent on the
//               client; the client's task CNode goes along
//   end         client                                    —; ask_monitor: other cores have frames of it, again later
//   owner       address                                   client whose RAM the byte is in, and its block: base, bytes
//   use         —                                         MemoryUse
//   used_by     client                                    bytes that it has, that it may still have, and that all
//                                                         clients have
//   pieces      —                                         whole pieces that are free, and how many of them others have lent
//   lend        slot of the monitor's task CNode          number and address of a free piece of the server's own: RAM of it is
//                                                         in the slot, and the server has it no longer
//   returned    number of a piece that was lent           —: it is the server's again; what was made of it is deleted
//   remove      address of a piece that others have lent  —: all of it was free, and the server has it no longer
//
// Each is answered at once, in place.
//
// By the endpoint that stands for the core (ProgramSlot::core), the monitor is asked about the server of any core, as about other
// cores' processes (remote_processes.hh):
//   use         core; a notification goes along           MemoryUse
//   used_by     core, number of a process; the same       bytes that it has from the server
//
// By its own endpoint a process asks the monitor about pieces that cores lend each other (memory/stealing.hh):
//   more        0, 0; a notification goes along           —: pieces have come to the server; out_of_memory: no core gives any.
//                                                         `again`: other cores are being asked (monitor/late_answers.hh)
//   released    —                                         —: the server may have more than it needs

#pragma once

#include <array>

#include "lib/remote_processes.hh"

namespace sprat {

enum class MemoryRequest : std::uint8_t {
  allocate,
  give_back,
  left,
  add,
  begin,
  end,
  owner,
  use,
  used_by,
  pieces,
  lend,
  returned,
  remove,
};

enum class MemoryOfCoreRequest : std::uint8_t { use = first_request::over_memory, used_by };

enum class PiecesRequest : std::uint8_t { more = first_request::pieces, released };
static_assert(is_before(PiecesRequest::released, first_request::over_core));

// RAM from the server stands in these slots of the client's task CNode.
inline constexpr std::size_t kFirstRamSlot = 192;
inline constexpr std::size_t kRamSlots = 64;

// Pieces that others have lent stand in these slots of the server's; one that it lends comes into the first of them of the monitor's.
inline constexpr std::size_t kFirstPieceSlot = 128;
inline constexpr std::size_t kPieceSlots = 64;
static_assert(kFirstPieceSlot + kPieceSlots == kFirstRamSlot);

// A client of the server: the badge of its endpoint. Places are used again, numbers are not.
struct MemoryClient {
  std::uint64_t number = 0;  // of the process; 0: the monitor
  std::uint64_t place = 0;   // below kMostMemoryClients

  static constexpr unsigned kPlaceBits = 8;

  constexpr std::uint64_t raw() const { return number << kPlaceBits | place; }
  static constexpr MemoryClient of(std::uint64_t raw) {
    return {raw >> kPlaceBits, raw & ((std::uint64_t{1} << kPlaceBits) - 1)};
  }
  constexpr bool operator==(const MemoryClient&) const = default;
};
inline constexpr std::size_t kMostMemoryClients = 33;  // the monitor, at place 0, and all processes

inline constexpr unsigned kLeastBlockBits = 12, kMostBlockBits = 21;

// The RAM of one core.
struct MemoryUse {
  std::array<std::uint16_t, kMostBlockBits - kLeastBlockBits + 1> free_blocks{};  // by size
  std::uint16_t lent = 0, borrowed = 0;                                           // pieces of 2 MiB
  std::uint32_t all_kib = 0, free_kib = 0;
};
static_assert(sizeof(MemoryUse) == 4 * sizeof(std::uint64_t));

}  // namespace sprat
