// elf_test.cc — programs as files, well made and hostile.

#include "sprat/elf.hh"

#include <criterion/criterion.h>

#include <cstring>
#include <random>
#include <vector>

using namespace sprat;

namespace {

// A file with the headers of a program; a test changes its subject by name.
class File {
 public:
  explicit File(std::size_t segments, std::size_t bytes = 0x3000) : bytes_(bytes) {
    const std::uint8_t beginning[] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    std::memcpy(bytes_.data(), beginning, sizeof(beginning));
    put<std::uint16_t>(elf::kType, 2);
    put<std::uint16_t>(elf::kMachine, 62);
    put<std::uint32_t>(elf::kVersion, 1);
    put<std::uint64_t>(elf::kEntry, 0x400010);
    put<std::uint64_t>(elf::kProgramHeaders, elf::kHeaderBytes);
    put<std::uint16_t>(elf::kProgramHeaderSize, elf::kProgramHeaderBytes);
    put<std::uint16_t>(elf::kProgramHeaderCount, static_cast<std::uint16_t>(segments));
    for (std::size_t i = 0; i < segments; ++i) {
      set(i, elf::kSegmentType, std::uint32_t{1});
      set(i, elf::kSegmentFlags, std::uint32_t{i == 0 ? 5u : 6u});
      set(i, elf::kSegmentOffset, std::uint64_t{0x1000});
      set(i, elf::kSegmentAddress, std::uint64_t{0x400000 + 0x10000 * i});
      set(i, elf::kFileBytes, std::uint64_t{0x800});
      set(i, elf::kMemoryBytes, std::uint64_t{0x1800});
    }
  }

  template <class T>
  File& put(std::size_t offset, T value) {
    std::memcpy(bytes_.data() + offset, &value, sizeof(value));
    return *this;
  }

  // A field of the program header of segment `i`.
  template <class T>
  File& set(std::size_t i, std::size_t field, T value) {
    return put(elf::kHeaderBytes + i * elf::kProgramHeaderBytes + field, value);
  }

  std::vector<std::byte>& bytes() { return bytes_; }
  Result<ElfImage> parse() const { return parse_elf(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

void expect_error(Error expected, const File& file) {
  const auto image = file.parse();
  cr_assert(!image.ok(), "expected %s, came an image", name_of(expected));
  cr_expect(image.error() == expected, "expected %s, came %s", name_of(expected),
            name_of(image.error()));
}

}  // namespace

Test(elf, a_program_comes_with_its_segments_in_order) {
  File file(2);
  const auto image = file.parse();
  cr_assert(image.ok());
  cr_expect(image.value().entry == VirtualAddress(0x400010));
  cr_assert(image.value().segments().size() == 2);
  const ElfSegment& text = image.value().segments()[0];
  const ElfSegment& data = image.value().segments()[1];
  cr_expect(text.address == VirtualAddress(0x400000));
  cr_expect(text.file.data() == file.bytes().data() + 0x1000 && text.file.size() == 0x800);
  cr_expect(text.memory_bytes == 0x1800);
  cr_expect(text.rights == (kRead | kExecute));
  cr_expect(data.address == VirtualAddress(0x410000));
  cr_expect(data.rights == (kRead | kWrite));
}

Test(elf, segments_that_are_not_loaded_are_passed_over) {
  File file(3);
  file.set(1, elf::kSegmentType, std::uint32_t{0x6474e551});  // the stack's permissions
  file.set(2, elf::kMemoryBytes, std::uint64_t{0}).set(2, elf::kFileBytes, std::uint64_t{0});
  const auto image = file.parse();
  cr_assert(image.ok());
  cr_expect(image.value().segments().size() == 1);
}

Test(elf, a_file_of_another_kind_is_malformed) {
  for (const std::size_t offset : {0, 1, 2, 3, 4, 5, 6}) {
    expect_error(Error::malformed, File(1).put<std::uint8_t>(offset, 0x55));
  }
  expect_error(Error::malformed, File(1).put<std::uint16_t>(elf::kType, 3));
  expect_error(Error::malformed, File(1).put<std::uint16_t>(elf::kMachine, 183));
  expect_error(Error::malformed, File(1).put<std::uint32_t>(elf::kVersion, 2));
  expect_error(Error::malformed, File(1).put<std::uint16_t>(elf::kProgramHeaderSize, 32));
  for (const std::uint32_t kind : {2u, 3u, 7u})
    expect_error(Error::malformed, File(2).set(1, elf::kSegmentType, kind));
}

Test(elf, headers_must_be_in_the_file) {
  expect_error(Error::malformed, File(1, 0x3000).put<std::uint64_t>(elf::kProgramHeaders, 0x2fc9));
  expect_error(Error::malformed,
               File(1).put<std::uint64_t>(elf::kProgramHeaders, ~std::uint64_t{0} - 8));
  expect_error(Error::malformed, File(1).put<std::uint16_t>(elf::kProgramHeaderCount, 0xffff));
  expect_error(Error::malformed, File(1).put<std::uint16_t>(elf::kProgramHeaderCount, 0));
}

Test(elf, bytes_of_a_segment_must_be_in_the_file) {
  expect_error(Error::malformed, File(1).set(0, elf::kSegmentOffset, std::uint64_t{0x2801}));
  expect_error(Error::malformed, File(1).set(0, elf::kSegmentOffset, ~std::uint64_t{0} - 0x7ff));
  expect_error(Error::malformed, File(1).set(0, elf::kFileBytes, std::uint64_t{0x1801}));
  cr_expect(File(1).set(0, elf::kSegmentOffset, std::uint64_t{0x2800}).parse().ok());
}

Test(elf, addresses_must_be_the_users) {
  expect_error(Error::invalid_argument,
               File(2).set(1, elf::kSegmentAddress, std::uint64_t{0xffff'8000'0000'0000}));
  expect_error(Error::invalid_argument, File(2).set(1, elf::kSegmentAddress, kUserEnd.value()));
  expect_error(Error::invalid_argument,
               File(2).set(1, elf::kMemoryBytes, kUserEnd.value() - 0x410000 + 1));
  expect_error(Error::invalid_argument, File(2).set(1, elf::kMemoryBytes, ~std::uint64_t{0}));
  expect_error(Error::invalid_argument, File(1).set(0, elf::kSegmentAddress, std::uint64_t{0}));
  cr_expect(File(2).set(1, elf::kMemoryBytes, kUserEnd.value() - 0x410000).parse().ok());
}

Test(elf, segments_must_be_in_order_and_share_no_page) {
  expect_error(Error::invalid_argument,
               File(2).set(1, elf::kSegmentAddress, std::uint64_t{0x3ff000}));
  expect_error(Error::invalid_argument,
               File(2).set(1, elf::kSegmentAddress, std::uint64_t{0x401000}));
  cr_expect(File(2).set(1, elf::kSegmentAddress, std::uint64_t{0x402000}).parse().ok());
}

Test(elf, segments_begin_at_a_page) {
  expect_error(Error::misaligned, File(2).set(1, elf::kSegmentAddress, std::uint64_t{0x410008}));
}

Test(elf, nothing_is_writable_and_executable) {
  expect_error(Error::no_rights, File(2).set(1, elf::kSegmentFlags, 7u));
  expect_error(Error::no_rights, File(2).set(1, elf::kSegmentFlags, 0u));
  expect_error(Error::no_rights, File(2).set(1, elf::kSegmentFlags, 0x16u));
}

Test(elf, the_entry_is_code_of_the_file) {
  expect_error(Error::malformed, File(2).put<std::uint64_t>(elf::kEntry, 0x400800));
  expect_error(Error::malformed, File(2).put<std::uint64_t>(elf::kEntry, 0x410000));
  expect_error(Error::malformed, File(2).put<std::uint64_t>(elf::kEntry, 0x3fffff));
  cr_expect(File(2).put<std::uint64_t>(elf::kEntry, 0x4007ff).parse().ok());
}

Test(elf, there_are_at_most_eight_segments) {
  cr_expect(File(kMaxElfSegments).parse().ok());
  expect_error(Error::malformed, File(kMaxElfSegments + 1));
}

Test(elf, accepted_files_keep_all_promises) {
  std::random_device device;
  const std::uint32_t seed = device();
  std::mt19937 random(seed);
  std::size_t accepted = 0;
  for (int round = 0; round < 200'000; ++round) {
    File file(1 + random() % 4);
    const std::size_t fields = elf::kHeaderBytes + 4 * elf::kProgramHeaderBytes;
    for (auto changes = random() % 3; changes > 0; --changes) {
      const std::uint8_t value =
          static_cast<std::uint8_t>(random() % 4 == 0 ? random() : random() % 16);
      file.put<std::uint8_t>(7 + random() % (fields - 7), value);
    }
    const auto image = file.parse();
    if (!image) continue;
    ++accepted;
    VirtualAddress from(kPageSize);
    for (const ElfSegment& segment : image.value().segments()) {
      cr_assert(segment.address >= from && segment.end() <= kUserEnd, "seed %u", seed);
      cr_assert(segment.file.size() <= segment.memory_bytes, "seed %u", seed);
      cr_assert(!segment.rights.has(kWrite | kExecute), "seed %u", seed);
      cr_assert(segment.file.data() >= file.bytes().data() &&
                    segment.file.data() + segment.file.size() <=
                        file.bytes().data() + file.bytes().size(),
                "seed %u", seed);
      from = segment.end();
    }
  }
  cr_expect(accepted > 1000, "only %zu files were accepted", accepted);
}
