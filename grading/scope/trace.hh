// trace.hh — the events of a run, one by one: for pictures. An event is a marker like those of regions
// (instruction.hh), so it costs the guest one NOP, and nothing at all on a machine without the scope.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sprat::scope {

class Trace {
 public:
  static constexpr std::size_t kMostEvents = std::size_t{1}
                                             << 20;  // of a vCPU; later ones are left out

  // An event that needs no marker: the vCPU executes HLT.
  static constexpr std::uint16_t kHalted = 0;

  explicit Trace(unsigned vcpus) : vcpus_(vcpus) {}

  // Event `id` happened when `time` steps had been made by all vCPUs.
  void happened(unsigned vcpu, std::uint64_t time, std::uint16_t id);

  // The first access to memory after an event tells what it was about.
  void accessed(unsigned vcpu, std::uint64_t physical_address) {
    if (vcpus_[vcpu].wants_address) set_address(vcpu, physical_address);
  }

  // Returns a line for each event, in the order of time: time, vCPU, id, and the physical address (0: nothing was
  // accessed).
  std::string to_text() const;

 private:
  struct Event {
    std::uint64_t time, address;
    unsigned vcpu;
    std::uint16_t id;
  };
  struct alignas(64) Vcpu {
    bool wants_address = false;
    std::vector<Event> events;
  };

  void set_address(unsigned vcpu, std::uint64_t physical_address);

  std::vector<Vcpu> vcpus_;
};

}  // namespace sprat::scope
