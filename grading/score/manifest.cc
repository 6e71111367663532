// manifest.cc — reading lab.toml, and not believing it before its sums are right.

#include "score/manifest.hh"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "score/setup_error.hh"
#include "score/toml_table.hh"

namespace sprat::grading {
namespace {

constexpr int kLabPoints = 100;
constexpr std::array<std::string_view, 4> kMachines{"host", "qemu", "qemu-icount", "bochs"};

Exercise read_exercise(TomlTable table, const Manifest& manifest) {
  Exercise exercise{table.text("id"), table.text("title"),
                    static_cast<int>(table.integer("points", 0, kLabPoints)),
                    table.text("handout")};
  if (!exercise.id.starts_with(manifest.lab + "."))
    table.fail("id", fmt::format("exercise `{}` must begin with the lab's name: \"{}.1\"",
                                 exercise.id, manifest.lab));
  if (manifest.exercise(exercise.id))
    table.fail("id", fmt::format("exercise `{}` stands here a second time; give it another id",
                                 exercise.id));
  for (const auto& [region, file] : table.pairs("regions")) {
    const std::string_view letter =
        std::string_view(region).substr(std::min(region.size(), exercise.id.size()));
    if (!region.starts_with(exercise.id) || letter.size() > 1 ||
        (letter.size() == 1 && (letter[0] < 'a' || letter[0] > 'z')))
      table.fail("regions", fmt::format("region `{}` must be `{}` and at most one letter", region,
                                        exercise.id));
  }
  table.number("hours");
  table.texts("functions");
  table.finish();
  return exercise;
}

std::vector<std::string> read_exercises(TomlTable& table, const std::string& key,
                                        const Manifest& manifest) {
  std::vector<std::string> exercises = table.texts(key);
  for (const std::string& id : exercises)
    if (!manifest.exercise(id))
      table.fail(key, fmt::format("`{}` names `{}`, which is no exercise of this lab", key, id));
  return exercises;
}

std::vector<std::string> read_needs(TomlTable& table, const Manifest& manifest) {
  return read_exercises(table, "needs", manifest);
}

std::string read_exercise_id(TomlTable& table, const Manifest& manifest) {
  const std::string id = table.text("exercise");
  if (!manifest.exercise(id))
    table.fail(
        "exercise",
        fmt::format("`{}` is no exercise of this lab; add an [[exercise]] or correct it", id));
  return id;
}

std::string read_test_name(TomlTable& table, const std::string& key) {
  const std::string name = table.text(key);
  const std::size_t dot = name.find('.');
  if (dot == std::string::npos || dot == 0 || dot + 1 == name.size() ||
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.") !=
          std::string::npos)
    table.fail(key, fmt::format("`{}` must be \"suite.test\", as the test binary calls it", name));
  return name;
}

Test read_test(TomlTable table, const Manifest& manifest) {
  Test test{read_test_name(table, "name"),
            read_exercise_id(table, manifest),
            static_cast<int>(table.integer("points", 0, kLabPoints)),
            read_needs(table, manifest),
            read_exercises(table, "uses", manifest),
            table.text("machine"),
            table.text("checks"),
            table.text("hint")};
  if (manifest.test(test.name))
    table.fail("name", fmt::format("test `{}` stands here a second time; remove one", test.name));
  for (const std::string& id : test.uses)
    if (id == test.exercise || is_among(test.needs, id))
      table.fail("uses",
                 fmt::format("`{}` depends on `{}` anyway; remove it from `uses`", test.name, id));
  if (std::find(kMachines.begin(), kMachines.end(), test.machine) == kMachines.end())
    table.fail("machine",
               fmt::format("machine `{}` must be host, qemu, qemu-icount or bochs", test.machine));
  table.finish();
  return test;
}

// `within` is relative to the reference, `at_most` is absolute.
Band read_band(TomlTable table, const Checkpoint& checkpoint) {
  Band band{};
  if (table.has("within")) {
    const double factor = table.number("within");
    if (factor < 1)
      table.fail("within", "`within` is a factor of the reference and must be at least 1");
    band.limit =
        checkpoint.lower_is_better ? checkpoint.reference * factor : checkpoint.reference / factor;
    band.says = fmt::format("within {:.2f}x", factor);
  } else if (table.has("at_most") && checkpoint.lower_is_better) {
    band.limit = table.number("at_most");
    band.says = fmt::format("at most {}", band.limit);
  } else {
    table.fail("", fmt::format("a band of `{}` needs `within`, or `at_most` where lower is better",
                               checkpoint.name));
  }
  band.points = static_cast<int>(table.integer("points", 1, kLabPoints));
  table.finish();
  return band;
}

Checkpoint read_checkpoint(TomlTable table, const Manifest& manifest) {
  Checkpoint checkpoint{};
  checkpoint.name = table.text("name");
  for (const Checkpoint& other : manifest.checkpoints)
    if (other.name == checkpoint.name)
      table.fail("name",
                 fmt::format("checkpoint `{}` stands here a second time; remove one", other.name));
  checkpoint.exercise = read_exercise_id(table, manifest);
  checkpoint.needs = read_needs(table, manifest);
  checkpoint.test = read_test_name(table, "test");
  checkpoint.unit = table.text("unit");
  const std::string better = table.text("better");
  if (better != "lower" && better != "higher")
    table.fail("better", "`better` must be \"lower\" or \"higher\"");
  checkpoint.lower_is_better = better == "lower";
  checkpoint.reference = table.number("reference");
  for (TomlTable& band : table.tables("bands"))
    checkpoint.bands.push_back(read_band(std::move(band), checkpoint));
  if (checkpoint.bands.empty())
    table.fail("bands", fmt::format("checkpoint `{}` needs at least one band", checkpoint.name));
  for (std::size_t i = 1; i < checkpoint.bands.size(); ++i) {
    const Band& better_band = checkpoint.bands[i - 1];
    const Band& band = checkpoint.bands[i];
    const bool wider = checkpoint.lower_is_better ? band.limit > better_band.limit
                                                  : band.limit < better_band.limit;
    if (!wider || band.points >= better_band.points)
      table.fail(
          "bands",
          fmt::format("the bands of `{}` must go from narrow to wide and from many points to few",
                      checkpoint.name));
  }
  table.finish();
  return checkpoint;
}

// The points of an exercise's tests and best bands.
int sum_of(const Manifest& manifest, const std::string& exercise) {
  int sum = 0;
  for (const Test& test : manifest.tests)
    if (test.exercise == exercise) sum += test.points;
  for (const Checkpoint& checkpoint : manifest.checkpoints)
    if (checkpoint.exercise == exercise) sum += checkpoint.max_points();
  return sum;
}

}  // namespace

bool Test::depends_on(const std::string& other) const {
  return exercise == other || is_among(needs, other) || is_among(uses, other);
}

int Manifest::max_points() const {
  int sum = 0;
  for (const Exercise& exercise : exercises) sum += exercise.points;
  return sum;
}

const Exercise* Manifest::exercise(const std::string& id) const {
  const auto found = std::find_if(exercises.begin(), exercises.end(),
                                  [&](const Exercise& exercise) { return exercise.id == id; });
  return found == exercises.end() ? nullptr : &*found;
}

const Test* Manifest::test(const std::string& name) const {
  const auto found =
      std::find_if(tests.begin(), tests.end(), [&](const Test& test) { return test.name == name; });
  return found == tests.end() ? nullptr : &*found;
}

Manifest read_manifest(const std::filesystem::path& file) {
  TomlTable document = TomlTable::parse(file);
  Manifest manifest{};

  TomlTable lab = document.table("lab");
  manifest.lab = lab.text("name");
  manifest.number = static_cast<int>(lab.integer("number", 1, 99));
  manifest.title = lab.text("title");
  lab.texts("adds");
  lab.texts("omits");
  lab.finish();

  if (document.has("submission")) {
    TomlTable submission = document.table("submission");
    submission.texts("files");
    submission.finish();
  }

  std::vector<TomlTable> exercises = document.tables("exercise");
  if (exercises.empty()) document.fail("", "a lab needs at least one [[exercise]]");
  for (const TomlTable& table : exercises)
    manifest.exercises.push_back(read_exercise(table, manifest));
  for (const TomlTable& table : document.tables("test"))
    manifest.tests.push_back(read_test(table, manifest));
  for (const TomlTable& table : document.tables("checkpoint"))
    manifest.checkpoints.push_back(read_checkpoint(table, manifest));
  document.finish();

  for (std::size_t i = 0; i < exercises.size(); ++i) {
    const Exercise& exercise = manifest.exercises[i];
    const int sum = sum_of(manifest, exercise.id);
    if (sum != exercise.points)
      exercises[i].fail(
          "points",
          fmt::format("exercise `{}` says {} points, but its tests and best bands sum to {}; "
                      "change one of them",
                      exercise.id, exercise.points, sum));
  }
  if (manifest.max_points() != kLabPoints)
    lab.fail("", fmt::format("the exercises of lab `{}` sum to {} points; make it {}", manifest.lab,
                             manifest.max_points(), kLabPoints));
  return manifest;
}

std::filesystem::path find_lab(const std::filesystem::path& root, const std::string& lab) {
  std::set<std::string> labs;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(root / "labs", error)) {
    const std::string folder = entry.path().filename();
    const std::size_t dash = folder.find('-');
    if (dash == std::string::npos || !std::filesystem::exists(entry.path() / "lab.toml")) continue;
    if (lab == folder.substr(0, dash) || lab == folder.substr(dash + 1) || lab == folder)
      return entry.path();
    labs.insert(folder);
  }
  if (labs.empty())
    throw SetupError(fmt::format(
        "{} holds no labs/N-name/lab.toml; is it the root of a Sprat tree?", root.string()));
  throw SetupError(
      fmt::format("there is no lab `{}`; the labs are: {}", lab, fmt::join(labs, ", ")));
}

}  // namespace sprat::grading
