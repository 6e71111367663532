// load.hh — ceilings in wall time that are fair on a busy computer.

#pragma once

namespace sprat::grading {

// By what a ceiling in wall time is multiplied: 1 on an idle computer, more when others want its
// processors too.
double load_factor();

}  // namespace sprat::grading
