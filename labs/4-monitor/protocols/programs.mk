# programs.mk — makes OUT/*/NAME/protocol of the sources that scripts/protocols has written there, with the reference's in place of
# the files that are not there. labs/build.mk calls it, with CXX, FLAGS and SOURCES: the files that solutions may change.

FOLDERS := $(wildcard $(OUT)/right/* $(OUT)/wrong/*)
REFERENCE := $(OUT)/right/reference
COMMON := $(filter-out $(SOURCES),$(wildcard user/agreement/*.cc)) grading/subject/main.cc \
  labs/4-monitor/subject/monitors.cc labs/4-monitor/protocols/main.cc
COMMON_OBJECTS := $(addprefix $(OUT)/common/,$(COMMON:.cc=.o))

all: $(addsuffix /protocol,$(FOLDERS))

define program
$(1)/protocol: $(COMMON_OBJECTS) $(foreach name,$(notdir $(SOURCES)),$(if $(wildcard $(1)/$(name)),$(1),$(REFERENCE))/$(name:.cc=.o))
endef
$(foreach folder,$(FOLDERS),$(eval $(call program,$(folder))))

# The headers that all of them include, compiled once, which takes half of the time.
HEADERS := $(OUT)/common/headers.hh
$(HEADERS).gch: $(wildcard user/agreement/*.hh)
	@mkdir -p $(@D) && printf '#include "agreement/%s.hh"\n' coordinator names >$(HEADERS)
	$(CXX) $(FLAGS) -MMD -MP -x c++-header -o $@ $(HEADERS)

$(OUT)/common/%.o: %.cc
	@mkdir -p $(@D)
	$(CXX) $(FLAGS) -MMD -MP -c -o $@ $<
$(REFERENCE)/%.o $(OUT)/%.o: $(OUT)/%.cc $(HEADERS).gch
	$(CXX) $(FLAGS) -include $(HEADERS) -MMD -MP -c -o $@ $<
%/protocol:
	$(CXX) -o $@ $^

-include $(shell find $(OUT) -name '*.d')
