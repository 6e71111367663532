// tables.cc — page tables with all their entries in use: mapped, moved, unmapped, thrown away.

#include "machine.hh"

namespace sprat::latency {
namespace {

constexpr std::uint64_t kTable3 = 2, kTable2 = 3, kTable1 = 4, kFrame = 5, kOther = 6, kFirst = 7;
constexpr std::uint64_t kRootEntry = 100;

// Tables of the address space in use, down to level 1; nothing is mapped there.
void make_tables() {
  must(make(kTable3, Type::page_table_3), "a table");
  must(make(kTable2, Type::page_table_2), "a table");
  must(make(kTable1, Type::page_table_1), "a table");
  must(map(task_slot(TaskSlot::address_space), kRootEntry, own(kTable3)), "mapping a table");
  must(map(own(kTable3), 0, own(kTable2)), "mapping a table");
  must(map(own(kTable2), 0, own(kTable1)), "mapping a table");
}

// Maps as many copies of a frame of 2^bits bytes as fit.
void map_copies(unsigned bits) {
  must(make(kFrame, Type::frame, bits), "a frame");
  const std::uint64_t pages = 1u << (bits - 12);
  for (std::uint64_t i = 0; (i + 1) * pages <= 512 && i < 240; ++i) {
    must(copy(kFirst + i, own(kFrame)), "a copy");
    must(map(own(kTable1), i * pages, own(kFirst + i), kWrite), "mapping");
  }
}

template <unsigned kNumber>
void revoke_copies(const char* name, unsigned bits) {
  make_tables();
  map_copies(bits);
  measure<kNumber>(name, [] { must(revoke(own(kFrame)), "revoking"); });
  clear();
}

}  // namespace

void attempt_tables() {
  make_tables();
  must(make(kFrame, Type::frame, 21), "a frame");
  measure<10>("maps 512 pages", [] { must(map(own(kTable1), 0, own(kFrame), kWrite), "mapping"); });
  measure<11>("moves a table of 512 pages",
              [] { must(invoke(kCNode, Method::move, kOther, own(kTable1).raw()), "moving"); });
  measure<12>("moves a frame of 512 pages",
              [] { must(invoke(kCNode, Method::move, kFirst, own(kFrame).raw()), "moving"); });
  measure<13>("unmaps 512 pages", [] { must(invoke(own(kOther), Method::unmap, 0), "unmapping"); });
  must(map(own(kOther), 0, own(kFirst), kWrite), "mapping");
  measure<14>("removes a table of 512 pages", [] { must(remove(own(kOther)), "removing"); });
  clear();
  make_tables();
  must(make(kFrame, Type::frame, 21), "a frame");
  must(map(own(kTable1), 0, own(kFrame), kWrite), "mapping");
  measure<15>("removes a frame of 512 pages", [] { must(remove(own(kFrame)), "removing"); });
  clear();
  revoke_copies<16>("revokes copies of 1 mapped page", 12);
  revoke_copies<17>("revokes copies of 8 mapped pages", 15);
  revoke_copies<18>("revokes copies of 16 mapped pages", 16);
  revoke_copies<19>("revokes copies of 32 mapped pages", 17);
}

}  // namespace sprat::latency
