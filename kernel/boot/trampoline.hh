// trampoline.hh — the two pages of low memory through which another core comes to life, for C++ and assembly.

#pragma once

// Where a core starts in real mode: a copy of trampoline.S, below 1 MiB and page-aligned.
#define SPRAT_TRAMPOLINE 0x8000
// The word by which it says that it has left the trampoline; the only memory that two CPU drivers ever share.
#define SPRAT_HANDSHAKE 0x7000
