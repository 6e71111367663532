// costs.cc — the checkpoints' operations, which are those of the program bench, in a system where nobody else runs.

#include "lib/program.hh"
#include "probe.hh"

PROBE(costs) { session.answer("bench", sprat::main({})); }
