// kernel_space.cc — the promised mappings, in order, beside the actual ones.

#include "kernel_space.hh"

#include <algorithm>

namespace lab {
namespace {

Mapping window(std::uint64_t begin, std::uint64_t end, bool writable) {
  return {kWindowBase + begin, begin, end - begin, writable, false, false};
}

Mapping part(std::uint64_t begin, std::uint64_t end, bool writable, bool executable) {
  return {kKernelBase + begin, begin, end - begin, writable, executable, false};
}

bool same(const Mapping& a, const Mapping& b) {
  return a.virtual_begin == b.virtual_begin && a.physical_begin == b.physical_begin &&
         a.size == b.size && a.writable == b.writable && a.executable == b.executable &&
         a.user == b.user;
}

}  // namespace

Difference compare_kernel_space(const AddressSpaceMap& map, const ImageParts& image,
                                std::uint64_t memory_end) {
  if (!map.problem.empty()) return {"page tables that can be walked", map.problem};
  std::vector<Mapping> expected;
  const auto expect = [&](const Mapping& mapping) {
    if (mapping.size > 0) expected.push_back(mapping);
  };
  expect(window(0, image.text_begin, true));
  expect(window(image.text_begin, image.rodata_end, false));
  expect(window(image.rodata_end, memory_end, true));
  expect(part(image.text_begin, image.text_end, false, true));
  expect(part(image.text_end, image.rodata_end, false, false));
  expect(part(image.rodata_end, image.data_end, true, false));
  expect(part(image.guard_end, image.stack_end, true, false));

  for (std::size_t i = 0; i < std::max(expected.size(), map.mappings.size()); ++i) {
    if (i >= expected.size()) return {"nothing else is mapped", text_of(map.mappings[i])};
    if (i >= map.mappings.size()) return {text_of(expected[i]), "nothing is mapped there"};
    if (!same(expected[i], map.mappings[i]))
      return {text_of(expected[i]), text_of(map.mappings[i])};
  }
  return {};
}

}  // namespace lab
