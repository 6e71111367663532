// files_test.cc — records, logs and seeds.

#include <criterion/criterion.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

#include "machine/config.hh"
#include "machine/record_file.hh"
#include "machine/run_directory.hh"
#include "machine/seed.hh"
#include "places.hh"

using namespace sprat::grading;

Test(record_file, holds_every_field) {
  RunDirectory results;
  Record record;
  record.test = "suite.test";
  record.verdict = Verdict::hang_silent;
  record.expected = "\"x\"\n";
  record.came = "bad \xff byte";
  record.line = 7;
  record.values["instructions"] = 123;
  record.log = write_log(results.path(), "suite.test.console", "hello");
  write_record(results.path(), record);

  std::string why;
  const auto read = parse_record(places::content_of(results.path() / "suite.test.json"), why);
  cr_assert(read.has_value(), "%s", why.c_str());
  cr_assert(read->test == record.test && read->verdict == record.verdict && read->line == 7);
  cr_assert(read->expected == record.expected && read->came == "bad \xef\xbf\xbd byte");
  cr_assert(read->values == record.values && read->log == "logs/suite.test.console");
  cr_assert(places::content_of(results.path() / read->log) == "hello");
}

Test(record_file, folder_that_cannot_be_written_is_our_trouble) {
  cr_assert_throw(write_record("/proc/nowhere", Record()), MachineError);
}

Test(seed, comes_from_the_environment_in_either_base) {
  setenv("SPRAT_SEED", "0x2a", 1);
  cr_assert_eq(master_seed(), 42u);
}

Test(seed, that_is_no_number_is_refused) {
  setenv("SPRAT_SEED", "fortytwo", 1);
  cr_assert_throw(master_seed(), MachineError);
}

Test(seed, belongs_to_its_purpose) {
  std::set<std::uint64_t> seeds;
  for (std::uint64_t master : {0, 1, 2}) {
    for (const char* purpose : {"", "a", "b", "ab", "ba"})
      seeds.insert(derived_seed(master, purpose));
  }
  cr_assert_eq(seeds.size(), 15u);
  cr_assert_eq(derived_seed(7, "x"), derived_seed(7, "x"));
}

Test(seed, has_sixteen_digits) {
  cr_assert(sixteen_digits(0xabc) == "0000000000000abc");
  cr_assert(sixteen_digits(~std::uint64_t{0}) == "ffffffffffffffff");
}

Test(run_directory, goes_away_with_its_owner) {
  std::filesystem::path path;
  {
    RunDirectory directory;
    path = directory.path();
    std::ofstream(path / "file") << "x";
    std::filesystem::create_directories(path / "a/b");
    cr_assert(std::filesystem::is_directory(path));
  }
  cr_assert(!std::filesystem::exists(path));
}

Test(run_directory, that_cannot_be_made_is_our_trouble) {
  setenv("TMPDIR", "/nowhere", 1);
  cr_assert_throw(RunDirectory{}, MachineError);
}
