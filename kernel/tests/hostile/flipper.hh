// flipper.hh — the work of core 1 while core 0 is attacked: it rewrites memory that core 0's kernel reads.

#pragma once

#include "shared_page.hh"

namespace sprat::hostile {

// Rewrites the words of page.frame until page.is_over.
void flip_words(volatile SharedPage& page);

}  // namespace sprat::hostile
