// markers.hh — the regions that begin or end in assembly, and the event there.

#pragma once

#define REGION_PAGE_FAULT 28
#define REGION_PAGE_FAULT_AND_BACK 29
#define REGION_LRPC_CALL 31

// The partner is called.
#define EVENT_PARTNER_CALLED 1

#define MARKER(number)    \
  .byte 0x0f, 0x1f, 0x80; \
  .word number;           \
  .byte 0x5e, 0x5a
#define EVENT(number) MARKER(number | 0x4000)
#define BEGIN(region) MARKER(region)
#define END(region) MARKER(region | 0x8000)
