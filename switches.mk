# switches.mk — the switches of the make line: which there are, and how they get into make without being read as make's own language.

# A switch is what the make line says, to the letter: nothing in it is expanded, and a variable of the environment that
# happens to have its name does not count. Plain switches are used by make itself; texts may hold anything, and reach
# programs as arguments: in a recipe, "$$OUT" is one.
PLAIN_SWITCHES := ACCEL BUILD CXX EMU EX FUZZ_STEPS GDB IMAGE KILLS LAB LOG MEM MESSAGES NCPU ROUNDS SAN SECONDS SEED SOLUTION \
  STOPS THOROUGH TRACE V WALL WERROR
TEXT_SWITCHES := APPEND FROM LINUX MODULES ONLY OUT RUN SOCKET STEPS SUBMISSION T
# What a make tells a make that it starts.
INNER_SWITCHES := B LOCKED SYNTAX
SWITCHES := $(PLAIN_SWITCHES) $(TEXT_SWITCHES) $(INNER_SWITCHES)

is-given = $(filter command,$(firstword $(origin $(1))))
define take-switch
ifneq ($(call is-given,$(1)),)
  override $(1) := $$(value $(1))
else
  override undefine $(1)
endif
endef
$(foreach switch,$(SWITCHES),$(eval $(call take-switch,$(switch))))
export $(TEXT_SWITCHES)

UNKNOWN_SWITCHES := $(strip $(foreach name,$(filter-out $(SWITCHES),$(.VARIABLES)),$(if $(call is-given,$(name)),$(name))))
ifneq ($(UNKNOWN_SWITCHES),)
  $(error there is no switch $(UNKNOWN_SWITCHES); make without arguments lists them)
endif

PLAIN_CHARACTERS := a b c d e f g h i j k l m n o p q r s t u v w x y z A B C D E F G H I J K L M N O P Q R S T U V W X Y Z \
  0 1 2 3 4 5 6 7 8 9 + - . / = _
# $(call without,CHARACTERS,TEXT): takes away the first of the characters, and then the others.
without = $(if $(1),$(call without,$(wordlist 2,$(words $(1)),$(1)),$(subst $(firstword $(1)),,$(2))),$(2))
# The rest of a text without the characters that a plain switch may have.
not-plain = $(call without,$(PLAIN_CHARACTERS),$(1))
$(foreach name,$(PLAIN_SWITCHES),$(if $(strip $(call not-plain,$($(name))) $(filter-out CXX,$(if $(word 2,$($(name))),\
  $(name)))),$(error $(name)= holds a character that it may not have; letters, digits and + - . / = _ are allowed)))
$(if $(strip $(call not-plain,$(MAKECMDGOALS))),$(error there is nothing of that name to make; make without arguments \
  lists what there is))
