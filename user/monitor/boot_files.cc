// boot_files.cc — modules are frames; each is mapped into 2 MiB of its own.

#include "monitor/boot_files.hh"

#include "lib/runtime.hh"
#include "lib/words.hh"

namespace sprat::monitor {
namespace {

constexpr std::string_view kCoreKey = "core=";

// The number behind `core=`, or nothing.
bool core_of(std::string_view command_line, std::uint64_t& core) {
  for (std::string_view word = next_word(command_line); !word.empty();
       word = next_word(command_line)) {
    if (!word.starts_with(kCoreKey)) continue;
    word.remove_prefix(kCoreKey.size());
    return parse_number(word, core);
  }
  return false;
}

}  // namespace

std::string_view BootFile::command_line() const {
  return until_zero({entry->command_line.data(), entry->command_line.size()});
}

std::string_view BootFile::name() const {
  std::string_view text = command_line();
  return next_word(text);
}

bool BootFile::names_a_core() const {
  std::uint64_t core = 0;
  return core_of(command_line(), core);
}

bool BootFile::names_core(std::uint32_t core_id) const {
  std::uint64_t core = 0;
  return core_of(command_line(), core) && core == core_id;
}

Result<BootFile> find_file(const FirstProcess& process, std::string_view name) {
  for (std::size_t i = 0; i < process.modules; ++i) {
    const BootFile file{&process.module[i], i};
    if (file.name() == name) return file;
  }
  return Error::not_found;
}

Result<std::span<const std::byte>> contents(const BootFile& file) {
  //@ since monitor
  if (file.bytes != nullptr) return std::span(file.bytes, file.entry->bytes);
  //@ end
  const std::uint64_t pages = (file.entry->bytes + kPageSize - 1) / kPageSize;
  if (pages * kPageSize > kLargePageSize) return Error::out_of_memory;
  const VirtualAddress begin = kOwnMappings + (1 + file.number) * kLargePageSize;
  const CapRef<Type::frame> frame(CapAddress(kModuleNode, 1 + file.number));
  const auto mapped = runtime().space.map(begin, frame, pages * kPageSize, Rights());
  if (!mapped && mapped.error() != Error::already_mapped && mapped.error() != Error::in_use)
    return mapped.error();
  return std::span(reinterpret_cast<const std::byte*>(begin.value()), file.entry->bytes);
}

}  // namespace sprat::monitor
