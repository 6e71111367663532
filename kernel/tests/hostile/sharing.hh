// sharing.hh — memory that the judges of several cores share (shared_page.hh), and the parts that their children get.

#pragma once

#include "judge_tools.hh"
#include "monitor/cores.hh"
#include "monitor/doorbells.hh"
#include "report.hh"
#include "shared_page.hh"

namespace sprat::hostile {

class Sharing final : public monitor::Part {
 public:
  // On core 0: makes the page, and starts the others, which get its address.
  void start(monitor::Cores& cores) {
    monitor::Parts parts;
    if (first_process().core_id == 0) {
      shared_ = page_at(kAddress);
      parts.add(*this);
    }
    cores.start_all(parts);
  }
  Result<void> before_start(std::uint32_t, std::uint32_t, CorePackage& header) override {
    header.link = base_of(shared_);
    header.link_apic_id = first_process().apic_id;
    return {};
  }

  // On all others: core 0's page is foreign memory here.
  void join() {
    if (first_process().core_id == 0) return;
    foreign_ = CapRef<Type::frame>(
        must(monitor::adopt_frame(first_process().link, kPageSize), "core 0's page").release());
    must(runtime().space.map(kAddress, foreign_, kPageSize, kWrite), "mapping core 0's page");
  }

  // Core 0 and core 1 tell each other of a page of core 1's.
  void give_page() {
    own_ = page_at(kAddress + kPageSize);
    page().foreign_base = base_of(own_);
  }
  void take_page() {
    if (!wait_for([this] { return page().foreign_base != 0; }, 5000))
      must(Result<void>(Error::peer_gone), "core 1's page");
    foreign_ = CapRef<Type::frame>(
        must(monitor::adopt_frame(page().foreign_base, kPageSize), "core 1's page").release());
  }

  volatile SharedPage& page() { return *reinterpret_cast<volatile SharedPage*>(kAddress.value()); }

  // Gives a child its copies; without effect where there is no frame.
  void give(CapAddress node) const {
    const auto give_one = [&](std::uint64_t slot, CapRef<Type::frame> frame) {
      if (frame.address() != CapAddress())
        must(mint_into(node, slot, frame.address(), {}), "shared memory");
    };
    give_one(kForeign, foreign_);
    give_one(kShared, shared_);
  }

 private:
  static constexpr VirtualAddress kAddress = kOwnMappings + 0x5000'0000;

  CapRef<Type::frame> shared_, foreign_, own_;
};

}  // namespace sprat::hostile
