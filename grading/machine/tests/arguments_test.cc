// arguments_test.cc — command lines as people write them.

#include "machine/arguments.hh"

#include <criterion/criterion.h>
#include <criterion/redirect.h>

using namespace sprat::grading;

namespace {

// All kinds of options, after `words` have been read.
struct Everything {
  std::string name = "default";
  std::string colour = "red";
  unsigned count = 1;
  std::uint64_t seed = 0;
  double seconds = 0.5;
  bool loud = false;
  std::vector<std::string> modules;
  std::vector<std::string> tests;
  Arguments arguments{"everything", "tries all kinds of options"};

  explicit Everything(std::vector<std::string> words) {
    arguments.option("--name", name, "a name");
    arguments.choice("--colour", colour, {"red", "green"}, "a colour");
    arguments.option("--count", count, "a count");
    arguments.option("--seed", seed, "a seed");
    arguments.option("--seconds", seconds, "a time");
    arguments.flag("--loud", loud, "no whisper");
    arguments.repeated("--module", modules, "a module");
    arguments.list("--tests", tests, "tests");
    std::vector<char*> pointers{const_cast<char*>("everything")};
    for (std::string& word : words) pointers.push_back(word.data());
    arguments.read(static_cast<int>(pointers.size()), pointers.data());
  }
};

}  // namespace

Test(arguments, go_to_their_variables) {
  const Everything all({"--name", "", "--colour=green", "--count", "7", "--seed=0xFF", "--seconds",
                        "1.5", "--loud", "--module", "a b", "--module", "c", "--tests", "x,y"});
  cr_expect(all.name.empty() && all.colour == "green" && all.count == 7 && all.seed == 255);
  cr_expect(all.seconds == 1.5 && all.loud);
  cr_expect((all.modules == std::vector<std::string>{"a b", "c"}));
  cr_expect((all.tests == std::vector<std::string>{"x", "y"}));
}

Test(arguments, leave_the_defaults_of_what_is_not_given) {
  Everything all({"--count=3"});
  cr_expect(all.name == "default" && all.seconds == 0.5 && !all.loud && all.modules.empty());
  cr_expect(all.arguments.has("--count") && !all.arguments.has("--seed"));
}

Test(arguments, help_names_every_option) {
  const std::string help = Everything({}).arguments.help();
  for (const char* name : {"--name    VALUE", "--colour  VALUE", "red green", "--loud   "})
    cr_expect(help.find(name) != std::string::npos, "%s", help.c_str());
}

Test(arguments, unknown_option_is_refused, .init = cr_redirect_stderr, .exit_code = 2) {
  Everything({"--nmae", "x"});
}

Test(arguments, missing_value_is_refused, .init = cr_redirect_stderr, .exit_code = 2) {
  Everything({"--name"});
}

Test(arguments, number_that_is_none_is_refused, .init = cr_redirect_stderr, .exit_code = 2) {
  Everything({"--count", "-1"});
}

Test(arguments, word_that_is_not_among_the_choices_is_refused, .init = cr_redirect_stderr,
     .exit_code = 2) {
  Everything({"--colour", "blue"});
}

Test(arguments, what_is_required_must_be_given, .init = cr_redirect_stderr, .exit_code = 2) {
  Everything({}).arguments.require("--seed");
}
