// trace.cc — a list for each vCPU, and one of all at the end.
#include "scope/trace.hh"

#include <algorithm>

namespace sprat::scope {

void Trace::happened(unsigned vcpu, std::uint64_t time, std::uint16_t id) {
  Vcpu& self = vcpus_[vcpu];
  if (self.events.size() == kMostEvents) return;
  self.events.push_back({time, 0, vcpu, id});
  self.wants_address = true;
}

void Trace::set_address(unsigned vcpu, std::uint64_t physical_address) {
  Vcpu& self = vcpus_[vcpu];
  self.events.back().address = physical_address;
  self.wants_address = false;
}

std::string Trace::to_text() const {
  std::vector<Event> all;
  for (const Vcpu& vcpu : vcpus_) all.insert(all.end(), vcpu.events.begin(), vcpu.events.end());
  std::ranges::stable_sort(all, {}, &Event::time);
  std::string text;
  for (const Event& event : all) {
    text += std::to_string(event.time) + ' ' + std::to_string(event.vcpu) + ' ' +
            std::to_string(event.id) + ' ' + std::to_string(event.address) + '\n';
  }
  return text;
}

}  // namespace sprat::scope
