# handouts/build.mk — the guides as web pages, with pictures drawn from text (handouts/README.md).

HANDOUTS := $(BUILD)/handouts

# A guide's pages have the name of its lab at their beginning, and their tables come from that lab's manifest: pages are made
# of guides whose lab is here, and of pages that belong to no lab, as the glossary. Pictures are drawn for these.
LABS_OF_GUIDES := $(patsubst labs/%/lab.toml,%,$(wildcard labs/*/lab.toml))
GUIDES := $(sort $(wildcard handouts/0-*.md $(foreach lab,$(LABS_OF_GUIDES),handouts/$(lab).md handouts/$(lab)-*.md))) \
  handouts/glossary.md
PICTURES := $(if $(findstring handouts,$(MAKECMDGOALS)),$(addprefix $(HANDOUTS)/,$(sort $(shell grep -oh 'pictures/[a-z0-9-]*\.svg' \
  $(GUIDES) /dev/null))))
PAGES := $(patsubst handouts/%.md,$(HANDOUTS)/%.html,$(GUIDES))

$(eval $(call host-program,layouts,$(wildcard handouts/tools/layouts/*.cc)))
$(B)/host/obj/layouts.o: private HOST_FLAGS += -Ikernel -Iuser

$(HANDOUTS)/layouts.json: $(B)/host/layouts
	@mkdir -p $(@D)
	$(Q)$< >$@

$(HANDOUTS)/pictures/%.svg: handouts/pictures/%.toml $(HANDOUTS)/layouts.json \
    $(wildcard handouts/tools/*.py handouts/pictures/*.csv handouts/output/*.txt)
	$(call say,DRAW,$<)
	@mkdir -p $(@D)
	$(Q)/usr/bin/python3 -B handouts/tools/draw.py --layouts $(HANDOUTS)/layouts.json $< $@

.SECONDARY: $(PICTURES)

MAKE_PAGE = /usr/bin/python3 -B handouts/tools/page.py --template handouts/site/page.html \
  --filter handouts/site/page.lua --pictures $(HANDOUTS)/pictures
PAGE_PARTS := handouts/tools/page.py $(wildcard handouts/site/*)

$(HANDOUTS)/%.html: handouts/%.md $(PAGE_PARTS) $(PICTURES) \
    $(wildcard handouts/output/*.txt labs/*/*.toml)
	$(call say,PAGE,$<)
	$(Q)$(MAKE_PAGE) $< $@

$(HANDOUTS)/index.html: $(GUIDES) $(PAGE_PARTS) $(wildcard labs/*/lab.toml)
	$(call say,PAGE,index)
	@mkdir -p $(@D)
	$(Q)$(MAKE_PAGE) --index $(GUIDES) $@

.PHONY: handouts
handouts: $(PAGES) $(HANDOUTS)/index.html ## the guides as web pages, in the build folder
	@echo 'Open $(HANDOUTS)/index.html in a browser.'

needs-of-handouts-check: handouts
handouts-check: build-for-handouts-check ## are all links, anchors and pictures of the guides there?
	$(Q)/usr/bin/python3 -B handouts/tools/check.py --pages $(HANDOUTS) --root .
