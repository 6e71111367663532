// json_files.cc — records, run facts and results, from and to JSON. The fields of each are listed
// once, for both ways.

#include "score/json_files.hh"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "score/files.hh"
#include "score/record.hh"
#include "score/setup_error.hh"

namespace sprat::grading {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostRecordBytes = 1 << 20;
constexpr std::size_t kMostText = 4000;

// One object on its way from or to JSON. A call names a field and the variable that holds it; on
// the way in, a field of another type throws, and so does a missing one unless the object is a
// record, where most are optional.
class Fields {
 public:
  enum class Way { in, in_optional, out };

  Fields(Json& json, Way way) : json_(json), way_(way) {}

  void operator()(const char* key, std::string& value) {
    if (way_ == Way::out) {
      json_[key] = value;
    } else if (const Json* field = find(key)) {
      value = field->get_ref<const std::string&>();
      if (way_ == Way::in_optional && value.size() > kMostText)
        value = value.substr(0, kMostText) + " …";
    }
  }

  void operator()(const char* key, int& value) {
    double number = value;
    (*this)(key, number);
    if (!(number >= 0 && number <= 1e9)) throw SetupError(std::string(key) + " is out of range");
    value = static_cast<int>(number);
    if (way_ == Way::out) json_[key] = value;  // without a point
  }

  void operator()(const char* key, double& value) {
    if (way_ == Way::out)
      json_[key] = value;
    else if (const Json* field = find(key))
      value = field->get<double>();
  }

  void operator()(const char* key, bool& value) {
    if (way_ == Way::out)
      json_[key] = value;
    else if (const Json* field = find(key))
      value = field->get<bool>();
  }

  void operator()(const char* key, std::optional<double>& value) {
    if (way_ == Way::out)
      json_[key] = value ? Json(*value) : Json();
    else if (const Json& field = json_.at(key); !field.is_null())
      value = field.get<double>();
  }

  void operator()(const char* key, std::optional<bool>& value) {
    if (way_ == Way::out)
      json_[key] = value ? Json(*value) : Json();
    else if (const Json& field = json_.at(key); !field.is_null())
      value = field.get<bool>();
  }

  void operator()(const char* key, Verdict& value) {
    std::string name(name_of(value));
    (*this)(key, name);
    const auto verdict = verdict_named(name);
    if (!verdict) throw SetupError("`" + name + "` is no verdict");
    value = *verdict;
  }

  void operator()(const char* key, std::vector<std::string>& values) {
    if (way_ == Way::out)
      json_[key] = values;
    else if (const Json* field = find(key))
      for (const Json& value : field->get_ref<const Json::array_t&>())
        values.push_back(value.get_ref<const std::string&>());
  }

  template <class T>
  void operator()(const char* key, std::map<std::string, T>& values) {
    if (way_ == Way::out) json_[key] = Json::object();
    Json* object = find(key);
    if (object == nullptr) return;
    if (way_ != Way::out)
      for (const auto& member : object->get_ref<const Json::object_t&>()) values[member.first];
    Fields members(*object, way_);
    for (auto& [name, value] : values) members(name.c_str(), value);
  }

  template <class T>
  void operator()(const char* key, std::vector<T>& objects) {
    if (way_ == Way::out) json_[key] = Json(objects.size(), Json::object());
    auto& list = json_.at(key).get_ref<Json::array_t&>();
    objects.resize(list.size());
    for (std::size_t i = 0; i < list.size(); ++i) each_field(Fields(list[i], way_), objects[i]);
  }

 private:
  Json* find(const char* key) {
    if (way_ == Way::in_optional && !json_.contains(key)) return nullptr;
    return &json_.at(key);
  }

  Json& json_;
  Way way_;
};

void each_field(Fields field, Record& record) {
  field("expected", record.expected);
  field("came", record.came);
  field("log", record.log);
  field("line", record.line);
  field("questions", record.questions);
  field("machine", record.machine);
  field("seed", record.seed);
  field("explain", record.explain);
  field("trouble", record.trouble);
  field("values", record.values);
}

// The required keys of a record.
void name_fields(Fields field, Record& record) {
  field("test", record.test);
  field("verdict", record.verdict);
}

void each_field(Fields field, Alone& alone) {
  field("exercise", alone.exercise);
  field("built", alone.built);
  field("passed", alone.passed);
  field("bands", alone.bands);
}

void each_field(Fields field, RunFacts& facts) {
  field("lab", facts.lab);
  field("verdict", facts.verdict);
  field("explanation", facts.explanation);
  field("build_errors", facts.build_errors);
  field("selected", facts.selected);
  field("unanswered", facts.unanswered);
  field("alone", facts.alone);
  field("seed", facts.seed);
  field("versions", facts.versions);
  field("started", facts.started);
  field("seconds", facts.seconds);
  field("wall", facts.wall);
}

void each_field(Fields field, TestResult& test) {
  field("name", test.name);
  field("exercise", test.exercise);
  field("verdict", test.verdict);
  field("points", test.points);
  field("max_points", test.max_points);
  field("seconds", test.seconds);
  field("machine", test.machine);
  field("checks", test.checks);
  field("expected", test.expected);
  field("came", test.came);
  field("log", test.log);
  field("line", test.line);
  field("explanation", test.explanation);
  field("hint", test.hint);
  field("handout", test.handout);
  field("waits_for", test.waits_for);
  field("fails_after", test.fails_after);
  field("alone", test.alone);
  field("console", test.console);
  field("questions", test.questions);
}

void each_field(Fields field, CheckpointResult& checkpoint) {
  field("name", checkpoint.name);
  field("exercise", checkpoint.exercise);
  field("test", checkpoint.test);
  field("value", checkpoint.value);
  field("unit", checkpoint.unit);
  field("lower_is_better", checkpoint.lower_is_better);
  field("reference", checkpoint.reference);
  field("band", checkpoint.band);
  field("points", checkpoint.points);
  field("max_points", checkpoint.max_points);
  field("explanation", checkpoint.explanation);
  field("tree_points", checkpoint.tree_points);
  field("waits_for", checkpoint.waits_for);
  field("alone_band", checkpoint.alone_band);
}

void each_field(Fields field, ExerciseResult& exercise) {
  field("id", exercise.id);
  field("title", exercise.title);
  field("points", exercise.points);
  field("max_points", exercise.max_points);
  field("solved", exercise.solved);
  field("tree_points", exercise.tree_points);
  field("answered", exercise.answered);
  field("explanation", exercise.explanation);
}

void each_field(Fields field, Result& result) {
  std::string schema = kResultSchema;
  field("schema", schema);
  if (schema != kResultSchema) throw SetupError("its schema is " + schema);
  field("lab_number", result.lab_number);
  field("title", result.title);
  field("score", result.score);
  field("max_score", result.max_score);
  field("tree_score", result.tree_score);
  each_field(field, result.facts);
  field("exercises", result.exercises);
  field("tests", result.tests);
  field("checkpoints", result.checkpoints);
  field("notes", result.notes);
}

std::string text_of(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

template <class T>
std::string write_json(T object) {
  Json json;
  each_field(Fields(json, Fields::Way::out), object);
  return text_of(json);
}

// Whatever is wrong with the file becomes a SetupError that names it.
template <class T>
T read_json(const std::filesystem::path& file) {
  const std::optional<std::string> content = read_file(file);
  if (!content)
    throw SetupError(file.string() + " cannot be read; grade first, then ask for its result");
  try {
    Json json = Json::parse(*content);
    T object;
    each_field(Fields(json, Fields::Way::in), object);
    return object;
  } catch (const std::exception& error) {
    throw SetupError(file.string() + " is not what `grade` wrote: " + error.what());
  }
}

}  // namespace

std::string to_json(const Result& result) { return write_json(result); }
std::string to_json(const RunFacts& facts) { return write_json(facts); }

Result read_result(const std::filesystem::path& file) { return read_json<Result>(file); }
RunFacts read_facts(const std::filesystem::path& file) { return read_json<RunFacts>(file); }

std::string json_string(std::string_view text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string to_json(const Record& record) {
  Json json;
  Record copy = record;
  name_fields(Fields(json, Fields::Way::out), copy);
  each_field(Fields(json, Fields::Way::out), copy);
  return text_of(json);
}

std::optional<Record> parse_record(std::string_view text, std::string& why) {
  try {
    Json json = Json::parse(text);
    Record record;
    name_fields(Fields(json, Fields::Way::in), record);
    each_field(Fields(json, Fields::Way::in_optional), record);
    for (const auto& [name, value] : record.values)
      if (value < 0) throw SetupError("the value `" + name + "` is negative");
    return record;
  } catch (const std::exception& error) {
    why = error.what();
    return std::nullopt;
  }
}

std::vector<std::filesystem::path> record_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string stem = entry.path().stem();
    if (entry.path().extension() == ".json" && stem.find('.') != std::string::npos)
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::optional<Record> read_record(const std::filesystem::path& file, std::string& why) {
  why = "it cannot be read";
  const std::optional<std::string> text = read_file(file, kMostRecordBytes);
  std::optional<Record> record = text ? parse_record(*text, why) : std::nullopt;
  if (!record || record->test == file.stem()) return record;
  why = "it says it is of " + record->test;
  return std::nullopt;
}

Records read_records(const std::filesystem::path& folder) {
  Records records;
  for (const std::filesystem::path& file : record_files(folder)) {
    std::string why;
    if (const std::optional<Record> record = read_record(file, why))
      records.by_test[record->test] = *record;
    else
      records.notes.push_back(file.filename().string() + " is no record: " + why);
  }
  return records;
}

}  // namespace sprat::grading
