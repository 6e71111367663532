// environment_test.cc — variables that are set where a grading is started do not reach its programs.

#include <criterion/criterion.h>
#include <poll.h>

#include <cstdlib>
#include <set>

#include "machine/channel.hh"
#include "machine/process.hh"
#include "places.hh"

using namespace sprat::grading;

namespace {

std::string output_of(const std::vector<std::string>& arguments,
                      const std::vector<std::string>& environment = {}) {
  RunDirectory directory;
  Channel output(1 << 20);
  Process process({.arguments = arguments,
                   .descriptors = {{output.child_end(), 1}},
                   .environment = environment},
                  Trusted(), directory);
  output.close_child_end();
  while (!process.ended()) {
    pollfd one = {process.ended_descriptor(), POLLIN, 0};
    poll(&one, 1, 1000);
  }
  output.pump();
  return output.text();
}

}  // namespace

Test(environment, child_gets_a_few_variables_only) {
  for (const char* name : {"SPRAT_SEED", "MAKEFLAGS", "MAKEFILES", "CXX", "CPATH", "LD_PRELOAD",
                           "LD_LIBRARY_PATH", "LANG", "LANGUAGE", "LC_NUMERIC", "GIT_DIR",
                           "CRITERION_JOBS", "GCC_EXEC_PREFIX", "PYTHONPATH", "QEMU_AUDIO_DRV"})
    setenv(name, "", 1);
  setenv("LC_ALL", "tr_TR.UTF-8", 1);
  setenv("TERM", "dumb", 1);
  std::set<std::string> names;
  const std::string text = output_of({"/usr/bin/env", "-0"});
  for (std::size_t at = 0; at < text.size(); at = text.find('\0', at) + 1)
    names.insert(text.substr(at, text.find('=', at) - at));
  for (const char* allowed : {"HOME", "LC_ALL", "LOGNAME", "PATH", "TERM", "TMPDIR", "USER"})
    names.erase(allowed);
  cr_assert(names.empty(), "a child sees %s", names.empty() ? "" : names.begin()->c_str());
}

Test(environment, child_speaks_the_same_language_everywhere) {
  for (const char* language : {"de_DE.UTF-8", "tr_TR.UTF-8", "C", "xx"}) {
    setenv("LC_ALL", language, 1);
    setenv("LANGUAGE", "de", 1);
    cr_assert(output_of({"sh", "-c", "echo $LC_ALL $LANGUAGE"}) == "C.UTF-8\n");
  }
}

Test(environment, additions_replace_inherited_variables) {
  cr_assert(output_of({"sh", "-c", "echo $HOME"}, {"HOME=/elsewhere"}) == "/elsewhere\n");
}

Test(environment, temporary_folder_is_absolute_for_a_child_that_runs_elsewhere) {
  setenv("TMPDIR", ".", 1);
  cr_assert(output_of({"sh", "-c", "echo $TMPDIR"}).starts_with("/"));
}
