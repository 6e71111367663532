// trial_test.cc — programs that cannot be watched: code under test is linked into them, so they fail the test and do not end the
// grading.

#include "lab/trial.hh"

#include <criterion/criterion.h>
#include <stdlib.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace sprat::grading {
namespace {

namespace fs = std::filesystem;

std::string built_image() {
  const fs::path built = fs::read_symlink("/proc/self/exe").parent_path().parent_path();
  std::ifstream file(built / "kernel/sprat-test.elf", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The image with a symbol under another name of the same length.
std::string renamed(std::string image, const std::string& from, const std::string& to) {
  // Behind the names that debuggers read.
  const std::size_t at = image.rfind('\0' + from + '\0');
  cr_assert_neq(at, std::string::npos, "the image has no symbol %s", from.c_str());
  return image.replace(at + 1, to.size(), to);
}

// How a test ends that boots this image.
Failure failure_of(const std::string& image) {
  RunDirectory folder;
  fs::create_directories(folder.path() / "results/logs");
  std::ofstream(folder.path() / "sprat-test.elf", std::ios::binary) << image;
  setenv("SPRAT_ARTIFACTS", folder.path().c_str(), 1);
  setenv("SPRAT_RESULTS", (folder.path() / "results").c_str(), 1);
  setenv("SPRAT_SCOPE", "scope.so", 1);
  setenv("SPRAT_SEED", "0x1", 1);
  Trial trial("one.first", "qemu-icount");
  try {
    trial.boot({.test = "example"});
  } catch (const Failure& failure) {
    return failure;
  }
  throw std::runtime_error("the image was booted");
}

void expect_wrong_answer(const std::string& image, const char* what) {
  const Failure failure = failure_of(image);
  cr_expect(failure.verdict == Verdict::wrong_answer, "%s: %s", what,
            std::string(name_of(failure.verdict)).c_str());
  cr_expect_neq(failure.came.find("sprat-test.elf"), std::string::npos, "%s: %s", what,
                failure.came.c_str());
  cr_expect_gt(failure.explain.size(), 20, "%s is not explained", what);
}

}  // namespace
}  // namespace sprat::grading

using namespace sprat::grading;

Test(trial, an_image_that_cannot_be_watched_is_a_wrong_answer) {
  const std::string image = built_image();
  expect_wrong_answer("no program", "a text");
  expect_wrong_answer(image.substr(0, 64), "a header alone");
  expect_wrong_answer(image.substr(0, image.size() / 2), "the first half");
  for (const char* const name : {"guest_text_end", "guest_entries_begin", "speech_words"})
    expect_wrong_answer(renamed(image, name, std::string(name).replace(0, 1, "x")), name);
}
