// schedules.hh — conversations of two simulated cores, in orders that seeds decide (user/urpc/simulation/schedule.hh).
//
//   schedules KIND FIRST COUNT SECRET      KIND: epoch, used-bit; seeds FIRST, FIRST + 1, …
//   -> ok DIGEST                            a sum over all that both cores received, which follows from SECRET
//   -> lost SEED: a wake-up      wrong SEED: a message      endless SEED

#pragma once

#include "question.hh"

namespace subject {

void ask_schedules(Question& question);

}  // namespace subject
