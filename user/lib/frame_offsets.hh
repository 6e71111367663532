// frame_offsets.hh — where things are in DispatcherFrame and Registers, for the assembler; upcalls.cc checks that it is so.

#pragma once

#define FRAME_IS_DISABLED 0
#define FRAME_WAS_INTERRUPTED 8
#define FRAME_PENDING 16
#define FRAME_UPCALL_STACK 40
#define FRAME_ENABLED 112
#define FRAME_TRAP 400

#define REGISTERS_RAX 0
#define REGISTERS_RBX 8
#define REGISTERS_RCX 16
#define REGISTERS_RDX 24
#define REGISTERS_RSI 32
#define REGISTERS_RDI 40
#define REGISTERS_RBP 48
#define REGISTERS_R8 56
#define REGISTERS_R9 64
#define REGISTERS_R10 72
#define REGISTERS_R11 80
#define REGISTERS_R12 88
#define REGISTERS_R13 96
#define REGISTERS_R14 104
#define REGISTERS_R15 112
#define REGISTERS_RIP 120
#define REGISTERS_RFLAGS 128
#define REGISTERS_RSP 136

// Call (lrpc.hh)
#define CALL_CAPABILITY 8
#define CALL_WORDS 16

#define PENDING_LOOK_AGAIN 63
#define SYSTEM_CALL_REPLY 3
