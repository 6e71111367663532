// prebuilt_test.cc — starters that are kept built: the objects that a submission begins with, and that it cannot change
// those of the next one begins with.

#include "score/prebuilt.hh"

#include <criterion/criterion.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

#include "machine/run_directory.hh"
#include "score/files.hh"
#include "score/job.hh"

namespace sprat::grading {
namespace {

namespace fs = std::filesystem;

// Compiles kernel/1 and kernel/2 by copying them, and says so.
constexpr const char* kMakefile = R"(artifacts: $(B)/kernel/1.o $(B)/kernel/2.o
$(B)/kernel/%.o: kernel/%
	@echo compiles $<
	@mkdir -p $(@D)
	@cp $< $@
)";

struct Site {
  RunDirectory folder;
  fs::path tree = folder.path() / "tree", kept = folder.path() / "kept";
  Wall wall = Wall::standing();

  Site() {
    fs::create_directories(folder.path() / "logs");
    write("Makefile", kMakefile);
    write("kernel/1", "one\n");
    write("kernel/2", "two\n");
  }

  void write(const std::string& file, const std::string& text) const {
    fs::create_directories((tree / file).parent_path());
    write_file(tree / file, text);
  }

  fs::path place(const std::string& name) const { return folder.path() / name; }

  void begin(const std::string& name) const {
    Prebuilt(kept).begin(WalledBuild(place(name)), tree, "toy", wall, "g++", WalledBuild::kAll, 20,
                         folder.path() / "logs", [] {});
  }

  // The files that the build of `tree` in that place compiles, a line each; nothing when it fails.
  std::optional<std::string> built(const std::string& name) const {
    const fs::path log = folder.path() / "logs" / "build.log";
    const JobEnd end =
        run(WalledBuild(place(name)).job(tree, wall, "g++", 2, 20, log, WalledBuild::kAll));
    if (!end.ok()) return std::nullopt;
    std::istringstream lines(read_file(log).value_or(""));
    std::string compiled;
    for (std::string line; std::getline(lines, line);)
      if (line.starts_with("compiles ")) compiled += line.substr(9) + "\n";
    return compiled;
  }

  // All files of the kept starters with their bytes.
  std::map<std::string, std::string> kept_files() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(kept))
      if (entry.is_regular_file())
        files[entry.path().string()] = read_file(entry.path()).value_or("");
    return files;
  }
};

}  // namespace

Test(prebuilt, only_files_that_differ_from_the_starter_are_compiled) {
  const Site site;
  site.begin("first");
  cr_assert_eq(site.built("first"), "");
  site.write("kernel/2", "an answer\n");
  cr_assert_eq(site.built("first"), "kernel/2\n");
  cr_assert_eq(read_file(WalledBuild(site.place("first")).artifacts() / "2.o"), "an answer\n");
}

Test(prebuilt, a_starter_that_has_changed_is_built_again) {
  const Site site;
  site.begin("first");
  site.write("kernel/1", "another one\n");
  site.begin("second");
  cr_assert_eq(site.built("second"), "");
  cr_assert_eq(read_file(WalledBuild(site.place("second")).artifacts() / "1.o"), "another one\n");
}

Test(prebuilt, a_submission_does_not_change_the_start_of_the_next_one) {
  const Site site;
  site.begin("first");
  const auto before = site.kept_files();
  const auto object = std::find_if(before.begin(), before.end(), [](const auto& file) {
    return file.first.ends_with("graded/kernel/1.o");
  });
  cr_assert(object != before.end(), "the starter's object code is kept");
  // It writes to all it was given, and to where the kept starter lies.
  site.write("Makefile",
             "artifacts:\n\t@find build -type f -exec sh -c 'echo bad >>$$0' {} ';'\n"
             "\t@! echo bad 2>/dev/null >>" +
                 object->first +
                 "\n"
                 "\t@! cat " +
                 object->first + " 2>/dev/null\n");
  cr_assert_eq(site.built("first"), "",
               "it reached the kept starter, or could not even write its own");
  cr_assert_eq(read_file(WalledBuild(site.place("first")).artifacts() / "1.o"), "one\nbad\n");
  cr_assert(site.kept_files() == before);
  cr_assert_eq(fs::status(site.kept).permissions(), fs::perms::owner_all);
}

Test(prebuilt, remains_of_an_interrupted_build_are_not_used) {
  const Site site;
  site.begin("first");
  for (const auto& [name, bytes] : site.kept_files())
    if (name.ends_with("graded/kernel/1.o")) write_file(name, "half");
  for (const auto& entry : fs::directory_iterator(site.kept))
    write_file(entry.path() / "unfinished", "");
  site.begin("second");
  cr_assert_eq(read_file(WalledBuild(site.place("second")).artifacts() / "1.o"), "one\n");
}

Test(prebuilt, starter_that_does_not_build_is_not_kept) {
  const Site site;
  site.write("Makefile",
             "artifacts:\n\t@mkdir -p $(B)/kernel && echo half >$(B)/kernel/1.o; exit 1\n");
  site.begin("first");
  cr_assert(!fs::exists(site.place("first")));
  site.write("Makefile", kMakefile);
  site.begin("first");
  cr_assert_eq(read_file(WalledBuild(site.place("first")).artifacts() / "1.o"), "one\n");
}

}  // namespace sprat::grading
