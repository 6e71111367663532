// objects.cc — the most memory, and the most objects, that one call makes.

#include "machine.hh"

namespace sprat::latency {
namespace {

constexpr std::uint64_t kMostObjects = 32, kFirst = 2;

}  // namespace

void attempt_objects() {
  measure<0>("zeroes a large frame", [] { must(make(kFirst, Type::frame, 21), "a frame"); });
  clear();
  measure<1>("makes 32 root tables",
             [] { must(make(kFirst, Type::page_table_4, 0, kMostObjects), "tables"); });
  clear();
  measure<2>("makes 32 dispatchers",
             [] { must(make(kFirst, Type::dispatcher, 0, kMostObjects), "dispatchers"); });
  measure<3>("configures, runs and suspends a dispatcher", [] {
    must(make(kFirst + kMostObjects, Type::frame, 12), "a frame");
    must(invoke(own(kFirst), Method::configure, task_slot(TaskSlot::root).raw(),
                task_slot(TaskSlot::address_space).raw(), own(kFirst + kMostObjects).raw(), 0x1000,
                0),
         "configuring");
    must(invoke(own(kFirst), Method::run), "running");
    must(invoke(own(kFirst), Method::suspend), "suspending");
  });
  measure<4>("takes 32 dispatchers back", clear);
  measure<5>("makes 32 CNodes", [] { must(make(kFirst, Type::cnode, 0, kMostObjects), "CNodes"); });
  measure<6>("takes 32 CNodes back", clear);
}

}  // namespace sprat::latency
