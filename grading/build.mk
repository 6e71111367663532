# grading/build.mk — the command lines of `machine`, `grade` and `mutants`: one unit, for CLI11 takes seconds to compile.

OPTIONS := grading/machine/options.cc grading/score/options.cc

$(eval $(call host-library,options,$(OPTIONS)))
