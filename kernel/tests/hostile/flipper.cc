// flipper.cc — see flipper.hh.

#include "flipper.hh"

#include <iterator>

namespace sprat::hostile {
namespace {

// Addresses that user code must never be entered at, nor the kernel touch.
constexpr std::uint64_t kBad[] = {0x8000'0000'0000, 0xffff'ffff'8010'0000, 0xdead'0000'0000'0000,
                                  0xffff'8000'0000'1000, ~std::uint64_t{0}};

// The kernel must check the words at which user code resumes: these are rewritten as long as all others together.
constexpr std::size_t kAddresses[] = {
    offsetof(DispatcherFrame, entries) / 8 + static_cast<std::size_t>(Upcall::lrpc),
    offsetof(DispatcherFrame, entries) / 8 + static_cast<std::size_t>(Upcall::run),
    offsetof(DispatcherFrame, entries) / 8 + static_cast<std::size_t>(Upcall::trap),
    offsetof(DispatcherFrame, upcall_stack) / 8,
    (offsetof(DispatcherFrame, disabled) + offsetof(Registers, rip)) / 8,
};

// So often in a row that code which reads the word twice meets both values.
constexpr unsigned kTimesInARow = 64;

void flip(volatile SharedPage& page, std::size_t word) {
  for (unsigned i = 0; i < kTimesInARow; ++i) {
    page.frame[word] = kBad[(page.flips + i) % std::size(kBad)];
    page.frame[word] = page.good[word];
  }
}

}  // namespace

void flip_words(volatile SharedPage& page) {
  while (page.is_over == 0) {
    for (std::size_t word = 0; word < kFrameWords; ++word) {
      flip(page, word);
      flip(page, kAddresses[word % std::size(kAddresses)]);
    }
    page.flips = page.flips + 1;
    // QEMU that counts time in instructions goes to the next core only at a pause.
    __builtin_ia32_pause();
  }
}

}  // namespace sprat::hostile
