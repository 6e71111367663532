// out_folder.cc — see out_folder.hh.

#include "score/out_folder.hh"

#include <string>

#include "score/setup_error.hh"

namespace sprat::grading {

namespace fs = std::filesystem;

namespace {

constexpr const char* kLockFile = ".grading-lock";

[[noreturn]] void refuse(const fs::path& path, const std::string& why) {
  throw SetupError(path.string() + " cannot be written: " + why +
                   "; name another --out, or make room for it");
}

}  // namespace

OutFolder::OutFolder(const fs::path& folder, const std::function<void()>& on_wait)
    : folder_(folder), lock_(folder / kLockFile, on_wait) {}

void OutFolder::clear() const {
  std::error_code error;
  for (const char* first : {kResultFile, kFactsFile}) {
    fs::remove(folder_ / first, error);
    if (error) refuse(folder_ / first, error.message());
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_, error)) {
    const fs::path& path = entry.path();
    const bool record = path.extension() == ".json" && path.stem().has_extension();
    if (record || path.filename() == "logs" || path.stem() == "criterion")
      fs::remove_all(path, error);
    if (error) break;
  }
  if (!error) fs::create_directories(folder_ / "logs", error);
  if (error) refuse(folder_, error.message());
}

}  // namespace sprat::grading
