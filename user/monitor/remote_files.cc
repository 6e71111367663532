// remote_files.cc — copies on core 0, adopted frames on others.

#include "monitor/remote_files.hh"

#include <algorithm>
#include <bit>

#include "lib/runtime.hh"
#include "lib/words.hh"
#include "monitor/doorbells.hh"
#include "monitor/fill.hh"

namespace sprat::monitor {
namespace {

// Each file has 2 MiB of addresses, behind those of this core's own files.
constexpr VirtualAddress kFiles = kOwnMappings + 128 * kLargePageSize;

constexpr std::uint64_t pages_of(std::uint64_t bytes) {
  return (bytes + kPageSize - 1) & ~(kPageSize - 1);
}

std::string_view text_of(const ProcessName& name) { return until_zero({name.data(), name.size()}); }

}  // namespace

RemoteFiles::File* RemoteFiles::find_known(const ProcessName& name) {
  const auto found = std::ranges::find(files_, name, &File::name);
  return found != files_.end() ? found : nullptr;
}

Result<BootFile> RemoteFiles::find(const ProcessName& name) {
  const auto own = find_file(process_, text_of(name));
  if (own || process_.core_id == 0) return own;
  File* file = find_known(name);
  if (file == nullptr) {
    file = find_known(ProcessName{});
    if (file == nullptr) return Error::out_of_memory;
    TRY(links_.post(0, LineKind::file_wanted, FileMessage{.name = name}));
    file->name = name;
  }
  if (!file->state) {
    const Error error = file->state.error();
    if (error != Error::again) *file = File();  // another time it may be there
    return error;
  }
  const auto place = static_cast<std::size_t>(file - files_.data());
  const VirtualAddress begin = kFiles + place * kLargePageSize;
  return BootFile{&file->entry, place, reinterpret_cast<const std::byte*>(begin.value())};
}

void RemoteFiles::give(std::uint32_t to, const FileMessage& question) {
  FileMessage answer{.name = question.name};
  const auto file = find_file(process_, text_of(question.name));
  const auto copied = file ? copy(file.value()) : Result<std::uint64_t>(file.error());
  if (copied) {
    answer.frame = copied.value();
    answer.bytes = file.value().entry->bytes;
  } else {
    answer.status = status_of(copied.error());
  }
  static_cast<void>(links_.post(to, LineKind::file, answer));
}

// Gives the physical address of the frame.
Result<std::uint64_t> RemoteFiles::copy(const BootFile& file) {
  Cap<Type::frame>& frame = copies_[file.number];
  if (!frame) {
    const auto bytes = TRY(contents(file));
    const std::uint64_t size = std::bit_ceil(pages_of(bytes.size()));
    auto made = TRY(runtime().ram.make<Type::frame>(std::countr_zero(size)));
    TRY(fill_frame(made.address(), size,
                   [&](std::byte* memory) { std::memcpy(memory, bytes.data(), bytes.size()); }));
    frame = std::move(made);
  }
  return TRY(identify(frame.address())).base;
}

void RemoteFiles::read(const FileMessage& answer) {
  if (File* const file = find_known(answer.name); file != nullptr)
    file->state = adopt(*file, answer);
}

Result<void> RemoteFiles::adopt(File& file, const FileMessage& answer) {
  if (answer.status != kStatusOk) return error_of(answer.status);
  const std::uint64_t size = pages_of(answer.bytes);
  file.frame = TRY(adopt_frame(answer.frame, size));
  const auto place = static_cast<std::size_t>(&file - files_.data());
  TRY(runtime().space.map(kFiles + place * kLargePageSize, file.frame, size, Rights()));
  file.entry.bytes = answer.bytes;
  std::ranges::copy(answer.name, file.entry.command_line.begin());
  return {};
}

void RemoteFiles::discount(Census& census) const {
  for (const File& file : files_)
    if (file.frame) --census.slots;
  for (std::size_t i = 0; i < copies_.size(); ++i) {
    if (!copies_[i]) continue;
    --census.slots;
    census.free_kib +=
        static_cast<std::uint32_t>(std::bit_ceil(pages_of(process_.module[i].bytes)) >> 10);
  }
}

}  // namespace sprat::monitor
