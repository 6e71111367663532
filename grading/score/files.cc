// files.cc — see files.hh.

#include "score/files.hh"

#include <unistd.h>

#include <fstream>

#include "score/setup_error.hh"

namespace sprat::grading {

namespace fs = std::filesystem;

std::optional<std::string> read_file(const fs::path& file, std::uintmax_t most_bytes) {
  std::error_code error;
  if (!fs::is_regular_file(file, error) || fs::file_size(file, error) > most_bytes || error)
    return std::nullopt;
  std::ifstream stream(file, std::ios::binary);
  std::string content(fs::file_size(file, error), '\0');
  if (error) return std::nullopt;
  stream.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(stream.gcount()));
  if (stream.bad() || !stream.is_open()) return std::nullopt;
  return content;
}

void write_file(const fs::path& file, std::string_view content) {
  const fs::path beside = file.string() + "." + std::to_string(getpid()) + ".new";
  std::ofstream stream(beside, std::ios::binary);
  stream << content;
  stream.close();
  std::error_code error;
  if (stream) fs::rename(beside, file, error);
  if (!stream || error) {
    fs::remove(beside, error);
    throw SetupError(file.string() +
                     " cannot be written; is the disk full or the folder read-only?");
  }
}

}  // namespace sprat::grading
