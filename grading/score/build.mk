# grading/score/build.mk — the scores' library, the programs `grade` and `mutants`, and their tests.

SCORE := grading/score
SCORE_PROGRAMS := $(addprefix $(SCORE)/,grade.cc mutants.cc)
# The only unit that sees nlohmann-json, which takes seconds to compile.
RESULT_FILES := $(addprefix $(SCORE)/,verdict.cc files.cc json_files.cc manifest_json.cc scope_report.cc) $(RECORD_FILE)
SCORE_LIBS = $(B)/host/libscore.a $(B)/host/libmachine.a $(B)/host/libresult.a -lfmt

$(eval $(call host-library,result,$(RESULT_FILES)))
$(eval $(call host-library,score,$(filter-out $(SCORE_PROGRAMS) $(RESULT_FILES) $(OPTIONS),$(wildcard $(SCORE)/*.cc))))
$(eval $(call host-program,grade,$(SCORE)/grade.cc,$(B)/host/liboptions.a $(SCORE_LIBS)))
$(eval $(call host-program,mutants,$(SCORE)/mutants.cc,$(B)/host/liboptions.a $(SCORE_LIBS)))

ifneq ($(wildcard $(SCORE)/tests),)
$(eval $(call host-program,toy-suite,$(SCORE)/tests/toy_suite.cc,-lcriterion -lfmt))
$(eval $(call host-test,score,$(filter-out %/toy_suite.cc,$(wildcard $(SCORE)/tests/*.cc)),$(SCORE_LIBS)))
$(B)/test/score: | $(B)/host/toy-suite $(B)/host/grade $(B)/host/mutants

# Attacks on the wall, and a program that makes them.
$(eval $(call host-program,attacker,$(SCORE)/tests/attacks/attacker.cc))
$(eval $(call host-test,wall,$(SCORE)/tests/attacks/wall_test.cc,$(SCORE_LIBS)))
$(B)/test/wall: | $(B)/host/attacker
endif
