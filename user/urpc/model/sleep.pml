// sleep.pml — announce, look again, sleep; store, look, and look again: with all orders of steps and with store buffers,
// no end sleeps for ever beside a message (user/urpc/sleep.hh).
//
// Two ends send each other MESSAGES messages. An end that waits for an answer, or has sent all, may sleep. Each has a store
// buffer: its stores are seen by the other in order, but at any later time, while what it loads is always what is in
// memory now. A fence waits until the buffer is empty. An end that has sent all and got all settles, and ends: Spin
// reports a state without a next one in which an end has not ended.
//
// Each of these must make the check fail: -D
//   NO_SECOND_LOOK   sleeps without having looked after the announcement
//   NO_FENCE         looks while the announcement may still be in the store buffer
//   NO_SETTLING      the sender looks at the status line once, after the store, and never again
//   NO_SETTLE_FENCE  it settles without a fence
//   SIGNAL_IS_LOST   a signal that comes before the other end sleeps is not kept
//   SIGNAL_ONCE      it does not tell one sleep of the other end from the next
//
// Larger bounds (LARGE=1 scripts/check-models):
//   -DMESSAGES=3

#ifndef MESSAGES
#define MESSAGES 2
#endif

mtype = { line, step, asleep, awake };

// The store buffer of each end: lines, and status lines with the number of a sleep (0: awake) and how much was read.
chan buffer0 = [4] of { mtype, byte, byte };
chan buffer1 = [4] of { mtype, byte, byte };
#define EMPTY(me) (len(buffer0) * (1 - me) + len(buffer1) * me == 0)

// Memory, of each end: lines it wrote, its status line, the signal that waits for it.
byte lines[2];
byte sleep_number[2];
byte read_before_sleep[2];
bit signal[2];

bit is_asleep[2];  // for SIGNAL_IS_LOST

inline store(me, kind, first, second) {
  if
  :: me == 0 -> buffer0!kind,first,second
  :: else -> buffer1!kind,first,second
  fi
}

#define OTHER (1 - _pid)
#define NAME 'A' + _pid  // in the story that check-models --show tells
#define COMES (lines[OTHER] > got)

#ifdef SIGNAL_ONCE
#define IS_NEW_SLEEP (answered == 0)
#else
#define IS_NEW_SLEEP (sleep_number[OTHER] != answered)
#endif

inline wake_peer() {
  d_step {
    if
    :: sleep_number[OTHER] != 0 && IS_NEW_SLEEP && sent != read_before_sleep[OTHER] ->
       answered = sleep_number[OTHER];
       printf("%c signals\n", NAME);
#ifdef SIGNAL_IS_LOST
       signal[OTHER] = is_asleep[OTHER]
#else
       signal[OTHER] = 1
#endif
    :: else
    fi
  }
}
inline fence() { EMPTY(_pid) }

active [2] proctype end() {
  byte sent = 0, got = 0, sleeps_announced = 0, answered = 0;
  do
  :: sent < MESSAGES ->
     atomic { sent++; printf("%c stores message %d\n", NAME, sent); store(_pid, line, 0, 0) };
     wake_peer()
  :: atomic { COMES -> got++; printf("%c receives message %d\n", NAME, got) }
  :: !COMES && got < MESSAGES && (sent > got || sent == MESSAGES) ->
     atomic {
       sleeps_announced++;
       printf("%c finds no message, and announces that it sleeps\n", NAME);
       store(_pid, step, sleeps_announced, got)
     };
#ifndef NO_FENCE
     fence();
#endif
#ifndef NO_SETTLING
     wake_peer();
#endif
     if
#ifndef NO_SECOND_LOOK
     :: COMES
     :: atomic { !COMES -> printf("%c looks again: no message\n", NAME) };
#else
     :: true ->
#endif
        atomic { is_asleep[_pid] = 1; printf("%c sleeps\n", NAME) };
        atomic { signal[_pid] -> signal[_pid] = 0; printf("%c wakes up\n", NAME) };
        is_asleep[_pid] = 0
     fi;
     store(_pid, step, 0, 0)
  :: sent == MESSAGES && got == MESSAGES -> break
  od;
#ifndef NO_SETTLING
#ifndef NO_SETTLE_FENCE
  fence();
#endif
  wake_peer()
#endif
}

// The first entry of a store buffer may reach memory at any time.
inline reach_memory(me, buffer) {
  buffer?kind,first,second ->
  if
  :: kind == line -> lines[me]++; printf("%c's message is seen\n", 'A' + me)
  :: else ->
     sleep_number[me] = first;
     read_before_sleep[me] = second;
     printf("%c is seen as %e\n", 'A' + me, (first != 0 -> asleep : awake))
  fi;
  kind = 0; first = 0; second = 0
}

active proctype memory() {
  mtype kind;
  byte first, second;
end_idle:
  do
  :: atomic { nempty(buffer0) -> reach_memory(0, buffer0) }
  :: atomic { nempty(buffer1) -> reach_memory(1, buffer1) }
  od
}
