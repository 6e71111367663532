"""Student trees derived from the one source tree: the parts of scripts/stage.

Read in this order: markers, source, staged (the text of one file); schema, manifest (lab.toml);
tree (the files); hand_in (in a student's tree: the parts that would be refused); rehearsal (packing it); unanswered
(which exercises are as they were in the starter); reference (all of it together); answers, mutants (bodies of regions);
resolve (a lab for the grader); stage (a whole tree); check, leaks (for CI).
"""
