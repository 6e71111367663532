// toy_mutants.hh — the toy lab with mutants and an alternative, and a stand-in for scripts/stage that makes their trees.

#pragma once

#include <string>
#include <vector>

#include "score/tests/toy_lab.hh"
#include "score/variant.hh"

namespace sprat::grading {

using Sentences = std::vector<std::string>;

inline constexpr const char* kMutants = R"([[mutant]]
name = "forgets-first"
says = "The first thing is forgotten."
edits = [ { region = "toy.1a", replace = "a", with = "b" } ]
caught_by = ["one.first"]

[[mutant]]
name = "slow"
says = "Everything takes ten times as long."
edits = [ { region = "toy.2", body = "slow" } ]
caught_by = ["two.third"]
)";

// Stands in for scripts/stage: a tree whose `make artifacts` makes the suite behave as the
// variant's name wants.
inline constexpr const char* kStage = R"(#!/bin/sh
variant=reference
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=$2; shift ;;
    --mutant|--alternative) variant=$2; shift ;;
    --answers) variant=$(cat "$2/answer"); shift ;;
    --alone) exit 4 ;;  # the answer is to both exercises
  esac
  shift
done
if [ "$variant" = refused ]; then
  echo "kernel/a.cc:3: error: region toy.1a is gone; put it back"
  exit 2
fi
if [ -e "$out/Makefile" ]; then
  echo "$out:1: error: a staged tree is there already"
  exit 2
fi
mkdir -p "$out/kernel"
case $variant in
  forgets-first) echo one.first panic ;;
  meddles) echo one.first panic; echo two.third panic ;;
  broken) echo "#error" ;;
esac >"$out/kernel/behaviour"
printf '$(B)/kernel/behaviour: kernel/behaviour\n\t! grep "#error" $<\n\tmkdir -p $(@D) && cp $< $@\n' >"$out/Makefile"
printf '$(B)/kernel/subject-toy: $(B)/kernel/behaviour\n\techo host >>build/built\n' >>"$out/Makefile"
printf 'artifacts: $(B)/kernel/subject-toy\n\techo machines >>build/built\n' >>"$out/Makefile"
)";

class MutantLab : public ToyLab {
 public:
  MutantLab() {
    write("labs/7-toy/mutants.toml", kMutants);
    write("labs/7-toy/alternatives/backwards.cc",
          "//@ says Begins at the end.\n//@ answer toy.1a\n//@ end\n");
    write("scripts/stage", kStage, true);
  }

  Grading common() const {
    Grading grading = this->grading("");
    grading.artifacts.clear();
    grading.stage = root() / "scripts" / "stage";
    return grading;
  }

  std::vector<Variant> variants() const { return read_variants(root(), "toy"); }
};

// The text of kMutants with one word replaced.
inline std::string edited_mutants(const std::string& old, const std::string& replacement) {
  std::string text = kMutants;
  return text.replace(text.find(old), old.size(), replacement);
}

}  // namespace sprat::grading
