// record_file.cc — records as JSON.

#include "machine/record_file.hh"

#include <unistd.h>

#include <fstream>
#include <sstream>

#include "machine/config.hh"
#include "score/json.hh"

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
  std::ostringstream json;
  json.precision(17);
  auto field = [&](const char* name, std::string_view text) {
    json << "  \"" << name << "\": " << json_string(text) << ",\n";
  };
  json << "{\n";
  field("test", record.test);
  field("verdict", name_of(record.verdict));
  field("expected", record.expected);
  field("came", record.came);
  field("log", record.log);
  json << "  \"line\": " << record.line << ",\n";
  field("machine", record.machine);
  field("seed", record.seed);
  field("explain", record.explain);
  json << "  \"values\": {";
  const char* separator = "";
  for (const auto& [name, value] : record.values) {
    json << separator << json_string(name) << ": " << value;
    separator = ", ";
  }
  json << "}\n}\n";
  write_whole(results / (record.test + ".json"), json.str());
}

std::string write_log(const std::filesystem::path& results, std::string_view name,
                      std::string_view text) {
  const std::string place = "logs/" + std::string(name);
  write_whole(results / place, text);
  return place;
}

}  // namespace sprat::grading
