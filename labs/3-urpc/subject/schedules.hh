// schedules.hh — whole conversations in this program's own memory: of two simulated cores, in orders that seeds decide
// (user/urpc/simulation/schedule.hh), and long ones of two ends that take turns.
//
//   schedules KIND FIRST COUNT SECRET      KIND: epoch, used-bit; seeds FIRST, FIRST + 1, …
//   -> ok DIGEST                            a sum over all that both cores received, that follows from SECRET
//   -> lost SEED: a wake-up      wrong SEED: a message      endless SEED
//   laps W COUNT SECRET                     COUNT messages in each direction of an epoch ring, in bursts of random length
//   -> ok DIGEST   or   wrong NUMBER: the first message that is not as it was sent, or does not come

#pragma once

#include "question.hh"

namespace subject {

void ask_schedules(Question& question);
void ask_laps(Question& question);

}  // namespace subject
