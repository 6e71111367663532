// json_files.cc — records, run facts and results, from and to JSON. The fields of each are listed
// once, for both ways.

#include "score/json_files.hh"

#include <algorithm>

#include "score/files.hh"
#include "score/json.hh"
#include "score/record.hh"
#include "score/setup_error.hh"

namespace sprat::grading {
namespace {

constexpr std::size_t kMostRecordBytes = 1 << 20;
constexpr std::size_t kMostText = 4000;

// One object on its way from or to JSON. A call names a field and the variable that holds it; on
// the way in, a field of another type throws, and so does a missing one unless the object is a
// record, where most are optional.
class Fields {
 public:
  // From `source`.
  Fields(const Json& source, bool optional) : in_(&source), optional_(optional) {}
  // To `target`.
  explicit Fields(Json& target) : out_(&target) {}

  void operator()(const char* key, std::string& value) {
    if (out_ != nullptr) {
      out_->add(key, Json(value));
    } else if (const Json* field = find(key)) {
      value = field->text();
      if (optional_ && value.size() > kMostText) value = value.substr(0, kMostText) + " …";
    }
  }

  void operator()(const char* key, int& value) {
    double number = value;
    (*this)(key, number);
    if (!(number >= 0 && number <= 1e9)) throw SetupError(std::string(key) + " is out of range");
    value = static_cast<int>(number);
  }

  void operator()(const char* key, double& value) {
    if (out_ != nullptr)
      out_->add(key, Json(value));
    else if (const Json* field = find(key))
      value = field->number();
  }

  void operator()(const char* key, bool& value) {
    if (out_ != nullptr)
      out_->add(key, Json(value));
    else if (const Json* field = find(key))
      value = field->boolean();
  }

  void operator()(const char* key, std::optional<double>& value) {
    if (out_ != nullptr)
      out_->add(key, value ? Json(*value) : Json());
    else if (const Json& field = in_->at(key); !field.is_null())
      value = field.number();
  }

  void operator()(const char* key, Verdict& value) {
    std::string name(name_of(value));
    (*this)(key, name);
    const auto verdict = verdict_named(name);
    if (!verdict) throw SetupError("`" + name + "` is no verdict");
    value = *verdict;
  }

  void operator()(const char* key, std::vector<std::string>& values) {
    if (out_ != nullptr) {
      Json::List list;
      for (const std::string& value : values) list.emplace_back(value);
      out_->add(key, Json(std::move(list)));
    } else if (const Json* field = find(key)) {
      for (const Json& value : field->list()) values.push_back(value.text());
    }
  }

  void operator()(const char* key, std::map<std::string, std::string>& values) {
    if (out_ != nullptr) {
      Json::Object object;
      for (const auto& [name, value] : values) object.emplace_back(name, Json(value));
      out_->add(key, Json(std::move(object)));
    } else {
      for (const auto& [name, value] : in_->at(key).object()) values[name] = value.text();
    }
  }

  // Measurements, which are only read here.
  void operator()(const char* key, std::map<std::string, double>& values) {
    const Json* field = find(key);
    if (field == nullptr) return;
    for (const auto& [name, value] : field->object()) {
      if (value.number() < 0) throw SetupError("the value `" + name + "` is negative");
      values[name] = value.number();
    }
  }

  template <class T>
  void operator()(const char* key, std::vector<T>& objects) {
    if (out_ != nullptr) {
      Json::List list(objects.size());
      for (std::size_t i = 0; i < list.size(); ++i) each_field(Fields(list[i]), objects[i]);
      out_->add(key, Json(std::move(list)));
    } else {
      for (const Json& source : in_->at(key).list())
        each_field(Fields(source, optional_), objects.emplace_back());
    }
  }

 private:
  const Json* find(const char* key) const { return optional_ ? in_->find(key) : &in_->at(key); }

  const Json* in_ = nullptr;
  Json* out_ = nullptr;
  bool optional_ = false;
};

void each_field(Fields field, Record& record) {
  field("expected", record.expected);
  field("came", record.came);
  field("log", record.log);
  field("line", record.line);
  field("machine", record.machine);
  field("seed", record.seed);
  field("explain", record.explain);
  field("values", record.values);
}

void each_field(Fields field, RunFacts& facts) {
  field("lab", facts.lab);
  field("verdict", facts.verdict);
  field("explanation", facts.explanation);
  field("build_errors", facts.build_errors);
  field("selected", facts.selected);
  field("seed", facts.seed);
  field("versions", facts.versions);
  field("started", facts.started);
  field("seconds", facts.seconds);
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
}

void each_field(Fields field, ExerciseResult& exercise) {
  field("id", exercise.id);
  field("title", exercise.title);
  field("points", exercise.points);
  field("max_points", exercise.max_points);
  field("solved", exercise.solved);
}

void each_field(Fields field, Result& result) {
  std::string schema = kResultSchema;
  field("schema", schema);
  if (schema != kResultSchema) throw SetupError("its schema is " + schema);
  field("lab_number", result.lab_number);
  field("title", result.title);
  field("score", result.score);
  field("max_score", result.max_score);
  each_field(field, result.facts);
  field("exercises", result.exercises);
  field("tests", result.tests);
  field("checkpoints", result.checkpoints);
  field("notes", result.notes);
}

template <class T>
std::string write_json(T object) {
  Json json;
  each_field(Fields(json), object);
  return json.dump() + "\n";
}

// Whatever is wrong with the file becomes a SetupError that names it.
template <class T>
T read_json(const std::filesystem::path& file) {
  const std::optional<std::string> content = read_file(file);
  if (!content)
    throw SetupError(file.string() + " cannot be read; grade first, then ask for its result");
  try {
    const Json json = Json::parse(*content);
    T object;
    each_field(Fields(json, false), object);
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

std::optional<Record> parse_record(std::string_view text, std::string& why) {
  try {
    const Json json = Json::parse(text);
    Record record;
    Fields required(json, false);
    required("test", record.test);
    required("verdict", record.verdict);
    each_field(Fields(json, true), record);
    return record;
  } catch (const std::exception& error) {
    why = error.what();
    return std::nullopt;
  }
}

Records read_records(const std::filesystem::path& folder) {
  Records records;
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string stem = entry.path().stem();
    if (entry.path().extension() == ".json" && stem.find('.') != std::string::npos)
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const std::filesystem::path& file : files) {
    std::string why = "it cannot be read";
    const std::optional<std::string> text = read_file(file, kMostRecordBytes);
    const std::optional<Record> record = text ? parse_record(*text, why) : std::nullopt;
    if (record && record->test == file.stem())
      records.by_test[record->test] = *record;
    else
      records.notes.push_back(file.filename().string() + " is no record: " +
                              (record ? "it says it is of " + record->test : why));
  }
  return records;
}

std::optional<RegionCount> region_in_scope_report(std::string_view text, std::uint64_t id) {
  try {
    RegionCount sum;
    const Json report = Json::parse(text);
    for (const Json& region : report.at("regions").list()) {
      const auto count = [&](const char* key) {
        return static_cast<std::uint64_t>(region.at(key).number());
      };
      if (count("id") != id) continue;
      sum.entries += count("entries");
      sum.ends += count("ends");
      sum.instructions += count("instructions");
    }
    return sum;
  } catch (const JsonError&) {
    return std::nullopt;
  }
}

}  // namespace sprat::grading
