// questions.hh — the kinds of questions about lab 1.

#pragma once

#include "question.hh"

namespace subject {

void ask_uart(Question& question);
void ask_memory_map(Question& question);
void ask_address_space(Question& question);
void ask_backtrace(Question& question);
void ask_symbol(Question& question);

}  // namespace subject
