// worker_layout.hh — where things are in a worker's page, for C++ and the assembler; worker.cc checks that it is so.

#pragma once

#include "lib/frame_offsets.hh"

// Worker n has the page at WORKER_PAGES + n * 4096, within reach of a 32-bit absolute address.
#define WORKER_PAGES 0x20000000
#define WORKERS 8

#define FRAME_CRITICAL_BEGIN 24
#define REGISTERS_BYTES 144

// Behind the dispatcher's frame.
#define WORKER_RESUME 1024
#define WORKER_HANDLERS 1032  // of the four upcalls
#define WORKER_COUNTS 1064
#define WORKER_SEEN 1096  // four times REGISTERS_BYTES
#define WORKER_STATE 1672
#define WORKER_DONE 1816
#define WORKER_TURNS 1824
#define WORKER_NOTES 1832

// The numbers of events (events.hh).
#define EVENT_NUMBERS 256
#define EVENT_UPCALLED(worker, upcall) (8 * (upcall + 1) + worker)
#define EVENT_GOES_ROUND(worker) (8 * (12 + 1) + worker)
#define EVENT_IS_DONE(worker) (8 * (13 + 1) + worker)
