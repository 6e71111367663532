// child_process.hh — a process made from one piece of RAM, of the judge's very program.

#pragma once

#include "judge_tools.hh"
#include "monitor/boot_files.hh"
#include "monitor/process_builder.hh"
#include "report.hh"

namespace sprat::hostile {

inline constexpr unsigned kChildBits = 20;
inline constexpr std::size_t kTheirTask = 255, kTheirRoot = 254;  // the ProcessBuilder's
inline constexpr std::size_t kTheirFree = 253;

constexpr CapAddress in_their_task(TaskSlot slot) {
  return {kTheirTask, static_cast<std::size_t>(slot)};
}

class Child {
 public:
  explicit Child(VirtualAddress report_address)
      : ram_(must(runtime().ram.make<Type::ram>(kChildBits), "RAM for a child")),
        frame_(page_at(report_address)),
        report_(*reinterpret_cast<volatile Report*>(report_address.value())) {}

  volatile Report& report() { return report_; }

  // Makes it; `give` fills slots of its CNode, which is named to it.
  template <class Give>
  void make(void (*entry)(), CapRef<Type::endpoint> endpoint, CapRef<Type::notification> bell,
            Give give) {
    const monitor::BootFile file{&first_process().module[0], 0};
    const ElfImage image = must(parse_elf(must(monitor::contents(file), "our file")), "our file");
    monitor::ProcessBuilder builder(ram_);
    must(builder.make_cspace(), "a CSpace");
    must(builder.make_address_space(), "an address space");
    must(builder.load(image), "loading");
    must(builder.make_stack(VirtualAddress(reinterpret_cast<std::uint64_t>(entry))), "a stack");
    dispatcher_ = must(builder.make_dispatcher(bell), "a dispatcher");
    must(mint_into(task_slot(TaskSlot::root), kTheirFree, CapAddress(kTheirRoot, kProgramFreeNode),
                   {}),
         "its free CNode");
    share_report();
    must(builder.give({endpoint, 1, 0, false}), "giving");  // RAM, behind all else
    give(CapAddress::in_root(kTheirFree));
    must(remove(CapAddress::in_root(kTheirFree)), "its free CNode");
  }

  void run() { must(invoke(dispatcher_.address(), Method::run), "running a child"); }

  // Nothing if its dispatcher's capabilities are gone.
  Result<Words> status() const { return invoke(dispatcher_.address(), Method::status); }

  // Takes back all memory of the process. Returns whether all of it is back.
  bool end() {
    must(revoke(ram_.address()), "taking its RAM back");
    dispatcher_ = Cap<Type::dispatcher>();
    const auto whole = retype<Type::ram>(ram_, kChildBits);
    return whole.ok();
  }

 private:
  void share_report() {
    must(mint_into(CapAddress::in_root(kTheirFree), kReport, frame_.address(), {}), "its report");
    RamSupply ram;
    must(ram.add(ram_), "its RAM");
    SlotAllocator slots;
    must(slots.add(kTheirFree, kReport + 1), "its slots");
    const CapRef<Type::page_table_4> root(in_their_task(TaskSlot::address_space));
    AddressSpace space(root, slots, ram);
    must(space.map(kReportAddress, CapRef<Type::frame>(CapAddress(kTheirFree, kReport)), kPageSize,
                   kWrite),
         "mapping its report");
  }

  Cap<Type::ram> ram_;
  CapRef<Type::frame> frame_;
  volatile Report& report_;
  Cap<Type::dispatcher> dispatcher_;
};

}  // namespace sprat::hostile
