// package.cc — through frames that are made from the RAM, and deleted again.

#include "monitor/package.hh"

#include <algorithm>
#include <cstring>

#include "monitor/boot_files.hh"
#include "monitor/fill.hh"

namespace sprat::monitor {
namespace {

constexpr unsigned kFrameBits = 16;
constexpr std::uint64_t kFrameBytes = std::uint64_t{1} << kFrameBits;

constexpr std::uint64_t pages_of(std::uint64_t bytes) {
  return (bytes + kPageSize - 1) / kPageSize * kPageSize;
}

// The beginning of a piece of RAM, as frames that are there as long as this object. They must all stay: a piece of RAM from
// which nothing is made any longer is used from its beginning again.
class Beginning {
 public:
  explicit Beginning(CapRef<Type::ram> ram) : ram_(ram) {}

  // Appends `bytes`, and leaves zeros up to the next page.
  Result<void> append(std::span<const std::byte> bytes) {
    const std::uint64_t end = length_ + pages_of(bytes.size());
    while (length_ < end) {
      TRY(reach(length_ / kFrameBytes));
      const std::uint64_t offset = length_ % kFrameBytes;
      const std::uint64_t room = std::min(end - length_, kFrameBytes - offset);
      const auto part = bytes.first(std::min<std::size_t>(bytes.size(), room));
      const CapAddress frame = frames_[length_ / kFrameBytes].address();
      const auto filled = fill_frame(frame, kFrameBytes, [&](std::byte* memory) {
        std::memcpy(memory + offset, part.data(), part.size());
      });
      if (!filled) return filled;
      bytes = bytes.subspan(part.size());
      length_ += room;
    }
    return {};
  }

  std::uint64_t length() const { return length_; }

 private:
  // Frame number `index` is there.
  Result<void> reach(std::size_t index) {
    if (index >= frames_.size()) return Error::out_of_memory;
    if (frames_[index]) return {};
    auto frame = retype<Type::frame>(ram_, kFrameBits);
    if (!frame) return frame.error();
    frames_[index] = std::move(frame.value());
    return {};
  }

  CapRef<Type::ram> ram_;
  std::array<Cap<Type::frame>, 64> frames_{};
  std::uint64_t length_ = 0;
};

// The monitor, and the programs that name the core.
bool belongs_to(const BootFile& file, std::uint64_t number) {
  //@ since memory
  if (file.name() == "memory") return true;
  //@ end
  return file.name() == "monitor" || file.names_core(static_cast<std::uint32_t>(number));
}

}  // namespace

Result<std::uint64_t> pack(const FirstProcess& process, CorePackage header, CapRef<Type::ram> ram) {
  std::array<BootFile, kMaxModules> files;
  std::uint64_t offset = pages_of(sizeof(header));
  for (std::size_t i = 0; i < process.modules; ++i) {
    const BootFile file{&process.module[i], i};
    if (!belongs_to(file, header.core_id)) continue;
    files[header.files] = file;
    header.file[header.files++] = {offset, *file.entry};
    offset += pages_of(file.entry->bytes);
  }

  Beginning beginning(ram);
  TRY(beginning.append(std::as_bytes(std::span(&header, 1))));
  for (std::size_t i = 0; i < header.files; ++i) {
    const auto bytes = TRY(contents(files[i]));
    TRY(beginning.append(bytes));
  }
  return beginning.length();
}

}  // namespace sprat::monitor
