// manifest_json.cc — see manifest_json.hh.

#include "score/manifest_json.hh"

#include <nlohmann/json.hpp>

#include "score/setup_error.hh"

namespace sprat::grading {
namespace {

using Object = nlohmann::json;
using Texts = std::vector<std::string>;

// Scripts/manifest has checked the manifest: here, a field that is missing or has another type is the script's mistake.
template <class Read>
auto read_from(std::string_view json, Read read) {
  try {
    return read(Object::parse(json));
  } catch (const Object::exception& error) {
    throw SetupError(std::string("scripts/manifest printed no manifest: ") + error.what());
  }
}

std::string text(const Object& object, const char* key) {
  return object.at(key).get<std::string>();
}

Texts texts(const Object& object, const char* key) { return object.at(key).get<Texts>(); }

Exercise exercise_of(const Object& object) {
  return {text(object, "id"), text(object, "title"), object.at("points").get<int>(),
          text(object, "handout")};
}

Test test_of(const Object& object) {
  return {text(object, "name"),   text(object, "exercise"), object.at("points").get<int>(),
          texts(object, "needs"), texts(object, "uses"),    text(object, "machine"),
          text(object, "checks"), text(object, "hint")};
}

Checkpoint checkpoint_of(const Object& object) {
  Checkpoint checkpoint{text(object, "name"),
                        text(object, "exercise"),
                        texts(object, "needs"),
                        text(object, "test"),
                        text(object, "unit"),
                        object.at("lower_is_better").get<bool>(),
                        object.at("reference").get<double>(),
                        {}};
  for (const Object& band : object.at("bands"))
    checkpoint.bands.push_back(
        {band.at("limit").get<double>(), band.at("points").get<int>(), text(band, "says")});
  return checkpoint;
}

Variant variant_of(const Object& object) {
  const Texts exercises = texts(object, "exercises");
  return {text(object, "kind") == "mutant" ? Variant::Kind::mutant : Variant::Kind::alternative,
          text(object, "name"),
          text(object, "says"),
          {exercises.begin(), exercises.end()},
          texts(object, "caught_by")};
}

}  // namespace

Manifest parse_manifest(std::string_view json) {
  return read_from(json, [](const Object& object) {
    Manifest manifest{
        text(object, "lab"), object.at("number").get<int>(), text(object, "title"), {}, {}, {}};
    for (const Object& one : object.at("exercises")) manifest.exercises.push_back(exercise_of(one));
    for (const Object& one : object.at("tests")) manifest.tests.push_back(test_of(one));
    for (const Object& one : object.at("checkpoints"))
      manifest.checkpoints.push_back(checkpoint_of(one));
    return manifest;
  });
}

std::vector<Variant> parse_variants(std::string_view json) {
  return read_from(json, [](const Object& object) {
    std::vector<Variant> variants;
    for (const Object& one : object.at("variants")) variants.push_back(variant_of(one));
    return variants;
  });
}

}  // namespace sprat::grading
