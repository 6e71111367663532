// load.hh — ceilings in wall time that are fair on a busy computer.

#pragma once

namespace sprat::grading {

// By what a ceiling in wall time is multiplied: 1 on an idle computer, more when others want its
// processors too, and 8 at most: code under test can make load as well.
double load_factor();

// That of a computer with so many processors, for which `load` programs wait or run.
double load_factor_at(double load, unsigned processors);

}  // namespace sprat::grading
