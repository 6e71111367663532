// window.pml — the epoch ring's flow control, with all orders of steps: no line is overwritten before it was read, there is
// always a line for an acknowledgement, and nobody waits for ever (user/urpc/window.hh).
//
// Two ends send and receive as they like, for ever; all counts are modulo two laps. At any time an end may decide to say
// nothing any more, so that the other must not depend on what it says; it goes on reading. An end that would send and has
// no room must always be able to go on: Spin reports a state without a next one, unless both ends are quiet in it.
//
// What must make the check fail, one at a time: -D
//   NO_RESERVE         messages take the last free slot as well
//   NO_PAYMENT         nobody acknowledges by a line of its own
//   PAY_LATE           more than half a window is owed before it is paid for
//   W=2                the ring has two slots only
//   COUNTED_TWICE      an acknowledgement opens the window by twice of what it says
//   WINDOW_OFF_BY_ONE  one line more than there are slots may be on its way
//   NO_EPOCH_FLIP      the sender does not flip the epoch when it comes around

#ifndef W
#define W 4
#endif
#define HALF (W / 2)
#define ROUND (2 * W)  // counts are modulo this
#define AHEAD(a, b) ((a + ROUND - b) % ROUND)

#ifdef NO_RESERVE
#define RESERVED 0
#else
#define RESERVED 1
#endif
#ifdef WINDOW_OFF_BY_ONE
#define SLOTS (W + 1)
#else
#define SLOTS W
#endif
#ifdef NO_PAYMENT
#define LIMIT ROUND
#else
#ifdef PAY_LATE
#define LIMIT (HALF + 1)
#else
#define LIMIT HALF
#endif
#endif

// The lines of the ring that end 0 writes, then those of end 1.
bit epoch_of[2 * W];
bit is_message[2 * W];
byte acknowledges[2 * W];

// Of each end: lines written, lines read, lines known to be read by the other; all modulo ROUND.
byte written[2];
byte got[2];
byte known[2];
byte owed[2];

#define LAP(count) (1 - (count / W) % 2)
#ifdef NO_EPOCH_FLIP
#define EPOCH(count) 1
#else
#define EPOCH(count) LAP(count)
#endif
#define COMES(me) (epoch_of[(1 - me) * W + got[me] % W] == LAP(got[me]))
#define ON_THEIR_WAY(me) AHEAD(written[me], known[me])
#define HAS_ROOM(me) (ON_THEIR_WAY(me) < SLOTS - RESERVED)

inline put(me, kind) {
  // Nobody has read what is overwritten? `got` of the other is the truth, which `known` only follows.
  assert(AHEAD(written[me], got[1 - me]) < W);
  epoch_of[me * W + written[me] % W] = EPOCH(written[me]);
  is_message[me * W + written[me] % W] = kind;
  acknowledges[me * W + written[me] % W] = got[me];
  written[me] = (written[me] + 1) % ROUND;
  owed[me] = 0
}

inline open_window(me) {
  fresh = AHEAD(acknowledges[(1 - me) * W + got[me] % W], known[me]);
  assert(fresh <= ON_THEIR_WAY(me));
#ifdef COUNTED_TWICE
  known[me] = (known[me] + 2 * fresh) % ROUND;
#else
  known[me] = (known[me] + fresh) % ROUND;
#endif
}

inline take(me) {
  // A line that was written, and not read yet?
  assert(AHEAD(written[1 - me], got[me]) > 0);
  open_window(me);
  // Lines that only acknowledge say something new.
  assert(is_message[(1 - me) * W + got[me] % W] || fresh > 0);
  if
  :: is_message[(1 - me) * W + got[me] % W] -> owed[me]++
  :: else
  fi;
  // Forget what nobody will read again: fewer states.
  is_message[(1 - me) * W + got[me] % W] = 0;
  acknowledges[(1 - me) * W + got[me] % W] = 0;
  got[me] = (got[me] + 1) % ROUND;
  fresh = 0
}

// As Epoch::receive: who owes too much pays first, then looks.
#define MUST_PAY(me) (owed[me] >= LIMIT)
inline pay(me) {
  assert(ON_THEIR_WAY(me) < W);  // there is a slot for it
  put(me, 0)
}

active [2] proctype end() {
  byte fresh = 0;
talking:
  do
  :: atomic { MUST_PAY(_pid) -> pay(_pid) }
  :: atomic { !MUST_PAY(_pid) && COMES(_pid) -> take(_pid) }
  :: atomic { HAS_ROOM(_pid) -> put(_pid, 1) }
  :: HAS_ROOM(_pid) -> goto end_quiet
  od;
end_quiet:
  do
  :: atomic { MUST_PAY(_pid) -> pay(_pid) }
  :: atomic { !MUST_PAY(_pid) && COMES(_pid) -> take(_pid) }
  od
}
