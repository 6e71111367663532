// fragments.hh — questions to messages of several lines. LINE is 7 or 4: how many words a line of the transport has.
//
//   cut LINE CALL BYTE...              a text of these bytes, as the call number CALL
//   -> ok HEADER,WORD,WORD... HEADER,...       its lines
//   assembly NAME ROOM                 a new one, with room for so many words                    -> done
//   add NAME LINE HEADER WORD...       the next line
//   -> ok more   or   ok WORD,WORD...: all that was put together   or   error NAME

#pragma once

#include "question.hh"

namespace subject {

void ask_cut(Question& question);
void ask_assembly(Question& question);
void ask_add(Question& question);

}  // namespace subject
