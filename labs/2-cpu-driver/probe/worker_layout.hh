// worker_layout.hh — numbers of workers and of their events, for C++ and assembly.

#pragma once

// Worker n has the page at WORKER_PAGES + n * 4096, within reach of a 32-bit absolute address.
#define WORKER_PAGES 0x20000000
#define WORKERS 8

// The numbers of events (events.hh).
#define EVENT_NUMBERS 256
#define EVENT_UPCALLED(worker, upcall) (8 * (upcall + 1) + worker)
#define EVENT_GOES_ROUND(worker) (8 * (12 + 1) + worker)
#define EVENT_IS_DONE(worker) (8 * (13 + 1) + worker)
