// memory.cc — reports the loader's list and the kernel's list made of it, overwrites all free memory, and then looks
// whether anything that should have been left alone has changed.

#include "boot/guest_test.hh"
#include "boot/steps.hh"
#include "grading/guest/evidence.hh"
#include "memory/layout.hh"
#include "memory/window.hh"

using namespace sprat;

namespace {

// FNV-1a over the bytes of `memory`.
std::uint64_t digest(PhysicalRange memory) {
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto* bytes = memory::window<const std::uint8_t>(memory.begin);
  for (std::uint64_t i = 0; i < memory.size(); ++i) hash = (hash ^ bytes[i]) * 0x100000001b3;
  return hash;
}

}  // namespace

SPRAT_GUEST_TEST(memory) {
  constexpr unsigned kOneWordOfEachLine = 64;
  evidence::Session session(machine.command_line, "memory");
  const memory::ImageLayout image = memory::image_layout();

  // Lists are answered line by line, and each line needs a key of its own: its number.
  std::uint64_t number = 0;
  const auto list = [&](const char* what, PhysicalAddress first, PhysicalAddress second) {
    session.answer_numbered(number++, what, first, second);
  };
  for (const auto& range : machine.info.memory.items()) {
    list(range.available ? "available" : "taken", PhysicalAddress(range.begin),
         PhysicalAddress(range.length));
  }
  for (const PhysicalRange& range : machine.info.occupied.items())
    list("occupied", range.begin, range.end);
  for (const PhysicalRange& region : machine.memory.regions())
    list("free", region.begin, region.end);
  session.answer("image", image.whole().begin, image.whole().end);

  const std::uint64_t text_before = digest(image.text);
  const std::uint64_t rodata_before = digest(image.rodata);
  const boot::MemoryTest test =
      boot::write_and_read_back(machine.memory, session.seed(), kOneWordOfEachLine);
  session.answer("pages", test.pages);
  session.answer("faults", test.faults, test.first_fault.address);
  EXPECT_EQ(session, text_before, digest(image.text));
  EXPECT_EQ(session, rodata_before, digest(image.rodata));
  for (const boot::Module& module : machine.info.modules.items()) {
    session.answer(module.name(), module.memory.size(), digest(module.memory));
  }
}
