// record_file.cc — files that appear as a whole or not at all.

#include "machine/record_file.hh"

#include <unistd.h>

#include <fstream>

#include "machine/config.hh"

namespace sprat::grading {
namespace {

void write_whole(const std::filesystem::path& file, std::string_view text) {
  std::error_code ignored;
  std::filesystem::create_directories(file.parent_path(), ignored);
  const std::filesystem::path unfinished = file.string() + "." + std::to_string(getpid());
  std::ofstream out(unfinished, std::ios::binary);
  out << text;
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(unfinished, file, error);
  if (!out || error) throw MachineError("cannot write " + file.string() + "; is the disk full?");
}

}  // namespace

void write_record(const std::filesystem::path& results, const Record& record) {
  write_whole(results / (record.test + ".json"), to_json(record));
}

std::string write_log(const std::filesystem::path& results, std::string_view name,
                      std::string_view text) {
  const std::string place = "logs/" + std::string(name);
  write_whole(results / place, text);
  return place;
}

}  // namespace sprat::grading
