// variant.cc — reading what is declared, and comparing it with what came.

#include "score/variant.hh"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "score/files.hh"
#include "score/setup_error.hh"
#include "score/toml_table.hh"

namespace sprat::grading {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kSays = "//@ says ";

Variant read_mutant(TomlTable table, const Manifest& manifest) {
  Variant mutant{Variant::Kind::mutant, table.text("name"), table.text("says"), {}, 0};
  int worth = 0;
  const auto read_tests = [&](const char* key, std::set<std::string>& tests, auto use) {
    for (const std::string& name : table.texts(key)) {
      const Test* test = manifest.test(name);
      if (!test) table.fail(key, fmt::format("lab {} has no test `{}`", manifest.lab, name));
      if (tests.insert(name).second) use(*test);
    }
  };
  read_tests("fails", mutant.fails, [&](const Test& test) { worth += test.points; });
  read_tests("may_fail", mutant.may_fail, [&](const Test& test) {
    if (mutant.fails.contains(test.name))
      table.fail("may_fail", fmt::format("`{}` is what it fails each time", test.name));
  });
  mutant.loses = static_cast<int>(table.integer("loses", 0, manifest.max_points()));
  if (mutant.loses < worth)
    table.fail("loses", fmt::format("`{}` loses at least {} points, for its tests are worth that",
                                    mutant.name, worth));
  table.ignore("edits");
  table.finish();
  return mutant;
}

Variant read_alternative(const fs::path& file) {
  const std::string text = read_file(file).value_or("");
  if (!text.starts_with(kSays))
    throw SetupError(fmt::format("{}:1: begin with a line `{}SENTENCE`, what is different about it",
                                 file.string(), kSays));
  const std::string says = text.substr(kSays.size(), text.find('\n') - kSays.size());
  return {Variant::Kind::alternative, file.stem(), says, {}, 0};
}

}  // namespace

std::vector<Variant> read_variants(const fs::path& lab_folder, const Manifest& manifest) {
  std::vector<Variant> variants{
      {Variant::Kind::reference, "reference", "the reference solution", {}, 0}};
  if (fs::exists(lab_folder / "mutants.toml")) {
    TomlTable document = TomlTable::parse(lab_folder / "mutants.toml");
    for (const TomlTable& table : document.tables("mutant"))
      variants.push_back(read_mutant(table, manifest));
    document.finish();
  }
  std::vector<fs::path> files;
  std::error_code error;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(lab_folder / "alternatives", error))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) variants.push_back(read_alternative(file));
  return variants;
}

std::vector<std::string> deviations(const Variant& variant, const Result& result) {
  if (result.facts.verdict != Verdict::ok) {
    std::string text =
        fmt::format("{}: {}", name_of(result.facts.verdict), result.facts.explanation);
    if (!result.facts.build_errors.empty()) text += " First: " + result.facts.build_errors.front();
    return {text};
  }
  std::vector<std::string> found;
  std::vector<std::string> failed;
  bool may_lose_more = false;
  for (const TestResult& test : result.tests) {
    const bool fails = test.verdict != Verdict::ok;
    if (fails) failed.push_back('"' + test.name + '"');
    if (fails && variant.may_fail.contains(test.name)) {
      may_lose_more = true;
    } else if (fails && !variant.fails.contains(test.name))
      found.push_back(
          fmt::format("{} fails ({}), but is not declared to", test.name, name_of(test.verdict)));
    if (!fails && variant.fails.contains(test.name))
      found.push_back(fmt::format("{} passes, but is declared to fail", test.name));
  }
  const int lost = result.max_score - result.score;
  if (lost < variant.loses || (lost > variant.loses && !may_lose_more)) {
    found.push_back(fmt::format("loses {} points, but {} are declared", lost, variant.loses));
    for (const CheckpointResult& checkpoint : result.checkpoints)
      if (checkpoint.points != checkpoint.max_points)
        found.back() += fmt::format("; {} gave {} of {}", checkpoint.name, checkpoint.points,
                                    checkpoint.max_points);
  }
  if (variant.kind == Variant::Kind::mutant) {
    if (variant.loses == 0)
      found.push_back("declares no loss, but a mutant that loses nothing is no mutant");
    if (!found.empty())
      found.push_back(
          fmt::format("as it came: fails = [{}], loses = {}", fmt::join(failed, ", "), lost));
  }
  return found;
}

}  // namespace sprat::grading
