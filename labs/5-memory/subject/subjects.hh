// subjects.hh — the parts of a memory server under test, one for each kind of question. All numbers are hexadecimal.

#pragma once

#include <string>

#include "lib/lrpc.hh"
#include "question.hh"

namespace subject {

// A buddy system alone (buddies.cc).
void answer_by_buddy(Question& question);

// The records of a server and its clients, over a simulated kernel (records.cc).
void answer_by_records(Question& question);
void answer_by_clients(Question& question);

// Servers of several cores that lend each other pieces (servers.cc).
void answer_by_servers(Question& question);

// A process whose heap grows (paging.cc).
void answer_by_process(Question& question);

// The memory server of that process is the test.
sprat::Result<sprat::Answer> ask_server(const sprat::Words& words);

}  // namespace subject
