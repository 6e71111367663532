// files.hh — whole files: read with a limit, written so that a reader never sees half of one.

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace sprat::grading {

// Returns the content of a regular file of at most `most_bytes` bytes; nothing when it is missing, too
// large or no file.
std::optional<std::string> read_file(const std::filesystem::path& file,
                                     std::uintmax_t most_bytes = 16 << 20);

// Writes beside `file` and renames over it: the old content stays whole until the new one is.
// Throws SetupError when the folder cannot be written.
void write_file(const std::filesystem::path& file, std::string_view content);

}  // namespace sprat::grading
