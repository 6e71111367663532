// coroutines.hh — questions to an event loop with channels, both of whose sides are in it, and tasks that wait for them. After
// the word `loop`; numbers are hexadecimal. CHANNEL is a number from 0, SIDE 0 or 1, TASK a name.
//
//   begin CHANNELS                     a new loop with so many channels of 8 slots                        -> done
//   receive TASK CHANNEL SIDE          begins a task that receives a message                              -> done
//   receive-and-destroy TASK CHANNEL SIDE OTHER     a task that destroys another when it has received        -> done
//   send TASK CHANNEL SIDE VALUE       one that sends a message of one word                               -> done
//   add TASK A B      echo TASK BYTE...      note TASK BYTE...       one that says it to the peer          -> done
//   add-and-end TASK A B               the same, and destroys the peer as soon as the reply has come           -> done
//   turns                              resumes all tasks that can be resumed, never sleeps                -> done
//   ended                              tasks that have ended since the last time, in their order          -> NAME=ok… NAME=error…
//   destroy TASK                                                                                          -> done
//   receive-asleep VALUE CHANNEL       a task receives from side 1 of the channel; when the loop sleeps, side 0 sends VALUE
//   -> ok VALUE SLEEPS SIGNALS
//   late-message VALUE CHANNEL         a task receives from side 1; when that has announced that it sleeps, side 0 has sent VALUE
//   late-room CHANNEL                  a task sends to a full ring; when it has announced, side 1 has read all  -> as ended
//   close CHANNEL SIDE                 ends this side              gone CHANNEL SIDE       marks this side as gone
//   lie CHANNEL SIDE                   this side acknowledges lines never sent                             -> done
//   take CHANNEL SIDE                  receives a line, without waiting                -> ok HEADER WORD... or error NAME
//   put CHANNEL SIDE HEADER WORD...    sends a line without waiting                    -> ok or error NAME
//   peer CHANNEL SIDE                  a Peer<echo::interface> at this side; the tasks before are gone      -> done
//   unpeer                             and its end                                                         -> done

#pragma once

#include "question.hh"

namespace subject {

void ask_loop(Question& question);

}  // namespace subject
