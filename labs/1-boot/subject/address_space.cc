// address_space.cc — questions to AddressSpace.
//
//   space new 10 200000 3                 a new one: 16 frames at 2 MiB, pages of up to level 3
//   space map VIRTUAL BEGIN END rw        map; permissions r, rw or rx                  -> ok  or  error NAME
//   space kernel T0 T1 R1 D1 G1 S1 END    map_kernel: text begin, ends of text, rodata, data, guard, stack, memory
//   space dump                            -> ROOT TAKEN, then FRAME INDEX VALUE of each entry that is not zero

#include "memory/address_space.hh"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "memory/window.hh"
#include "questions.hh"

namespace {

using sprat::PhysicalAddress;
using sprat::PhysicalRange;
using namespace sprat::memory;

// Only the frames of the reserve exist; the address sanitizer guards their ends.
struct World {
  World(std::size_t count, PhysicalAddress first_frame, unsigned largest_level)
      : frames(count),
        first(first_frame),
        reserve(frames, first_frame),
        space(reserve, largest_level) {}

  std::vector<sprat::x86::PageTable> frames;
  PhysicalAddress first;
  FrameReserve reserve;
  AddressSpace space;
};

std::unique_ptr<World> world;

Permissions permissions_from(const std::string& word) {
  return word == "rw"   ? Permissions::read_write
         : word == "rx" ? Permissions::read_execute
                        : Permissions::read;
}

PhysicalRange range_up_to(PhysicalAddress& begin, subject::Question& question) {
  const PhysicalAddress end(question.number());
  return {std::exchange(begin, end), end};
}

void say_result(const sprat::Result<void>& result) {
  subject::say(result ? "ok" : std::string("error ") + name_of(result.error()));
}

void map_kernel_as_asked(subject::Question& question) {
  PhysicalAddress at(question.number());
  ImageLayout image;
  for (PhysicalRange* part :
       {&image.text, &image.rodata, &image.data, &image.guard, &image.stack}) {
    *part = range_up_to(at, question);
  }
  say_result(map_kernel(world->space, image, PhysicalAddress(question.number())));
}

void dump() {
  std::string answer =
      subject::hex(world->space.root().value()) + " " + subject::hex(world->reserve.taken());
  for (std::size_t frame = 0; frame < world->frames.size(); ++frame) {
    for (std::size_t index = 0; index < sprat::x86::kEntriesPerTable; ++index) {
      const auto entry = world->frames[frame][index].raw();
      if (entry == 0) continue;
      answer += " " + subject::hex(frame) + " " + subject::hex(index) + " " + subject::hex(entry);
    }
  }
  subject::say(answer);
}

}  // namespace

void* sprat::memory::host_address(PhysicalAddress address) {
  const std::uint64_t offset = address.value() - world->first.value();
  if (address < world->first || offset >= world->frames.size() * kPageSize) {
    std::fprintf(stderr, "physical address 0x%lx is not in the page tables\n",
                 static_cast<unsigned long>(address.value()));
    std::abort();
  }
  return reinterpret_cast<std::byte*>(world->frames.data()) + offset;
}

void subject::ask_address_space(Question& question) {
  const std::string what = question.word();
  if (what == "new") {
    const std::size_t count = question.number();
    const PhysicalAddress first(question.number());
    world = std::make_unique<World>(count, first, static_cast<unsigned>(question.number()));
    return say("ok");
  }
  if (what == "map") {
    const sprat::VirtualAddress address(question.number());
    const PhysicalAddress begin(question.number());
    const PhysicalAddress end(question.number());
    return say_result(world->space.map(address, {begin, end}, permissions_from(question.word())));
  }
  if (what == "kernel") return map_kernel_as_asked(question);
  dump();
}
