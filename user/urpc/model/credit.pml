// credit.pml — the epoch ring's flow control, with all orders of steps: no line is overwritten that was not read, no honest
// acknowledgement is taken for a lie, and neither side waits for ever (user/urpc/epoch.hh).
//
// Two ends send and receive as they like, for ever; numbers of lines are modulo three laps. At any time an end may decide to
// send nothing any more, so that the other must not depend on it; it goes on receiving. An end that would send and has no room
// must always be able to go on: Spin reports a state without a next one, unless both ends are quiet in it. Lines and reports
// are seen in the order in which they are written (message.hh).
//
// Each of these must make the check fail: -D
//   NO_REPORT          a receiver that sends nothing does not report
//   STOPS=1            the receiver stops once in a lap only
//   AROUND_IS_SENDING  a new lap counts as a line that was sent
//   LIMIT_OFF_BY_ONE   one line more than there are slots may be in flight
//   OLD_IS_NEWS        an acknowledgement of fewer lines than are known is used
//   COUNTED_TWICE      an acknowledgement makes room for twice as many lines
//   NO_LAP             the receiver does not look at the lap
//   REPORT_FIRST       the sender uses a report although a line is there to be received

#ifndef W
#define W 4
#endif
#ifndef STOPS
#define STOPS 2  // of the receiver, in a lap
#endif
#define ROUND (3 * W)  // numbers of lines are modulo this
#define NONE ROUND     // no report, or one of lines that the other side knows to be read
#define AHEAD(a, b) (((a) + ROUND - (b)) % ROUND)

#ifdef LIMIT_OFF_BY_ONE
#define LIMIT (W + 1)
#else
#define LIMIT W
#endif

// The lines of the ring that end 0 writes, then those of end 1: of which lap they are, and what they acknowledge.
byte lap_of[2 * W];
byte acknowledges[2 * W];

// Of each end: numbers of the lines that it writes next and reads next, and of the one that the other reads next, as far as
// it has used that; what the last line that it received acknowledges; what its status line says.
byte written[2];
byte got[2];
byte known[2];
byte seen[2];
byte reported[2] = NONE;
bit has_sent[2];  // since its last stop as receiver
bit is_at_end[2]; // it has written the last line of the ring, and has not gone around

#define SLOT(me, number) ((me) * W + (number) % W)
#define LAP(number) (1 + (number) / W)  // 0: never written
#ifdef NO_LAP
#define COMES(me) (lap_of[SLOT(1 - (me), got[(me)])] != 0)
#else
#define COMES(me) (lap_of[SLOT(1 - (me), got[(me)])] == LAP(got[(me)]))
#endif

#define IS_FULL(me) (AHEAD(written[(me)], known[(me)]) == LIMIT)
#ifdef OLD_IS_NEWS
#define IS_NEWS(me) (seen[(me)] != known[(me)])
#else
#define IS_NEWS(me) (AHEAD(known[(me)], seen[(me)]) > W)
#endif
#ifdef REPORT_FIRST
#define USES_REPORT(me) (reported[1 - (me)] != NONE)
#else
#define USES_REPORT(me) (reported[1 - (me)] != NONE && !COMES(me))
#endif
#define CAN_SEND(me) (!IS_FULL(me) || IS_NEWS(me))

inline use(me, number) {
  assert(AHEAD(number, known[me]) <= W);  // or it is a lie
#ifdef COUNTED_TWICE
  known[me] = (known[me] + 2 * AHEAD(number, known[me])) % ROUND;
#else
  known[me] = number;
#endif
  // A report of no more than is known will never be used: forget it, which makes fewer states.
  if
  :: reported[1 - me] != NONE && AHEAD(known[me], reported[1 - me]) <= W -> reported[1 - me] = NONE
  :: else
  fi
}

inline go_around(me) {
  is_at_end[me] = 0;
#ifdef AROUND_IS_SENDING
  has_sent[me] = 1
#endif
}

inline send(me) {
  is_at_end[me] = 0;
  if
  :: !IS_FULL(me)
  :: IS_FULL(me) && IS_NEWS(me) -> use(me, seen[me])
  :: IS_FULL(me) && !IS_NEWS(me) ->  // the report, which may be a later one than that which was there
     use(me, reported[1 - me]);
     seen[me] = known[me]
  fi;
  // Was the line read that is overwritten? `got` of the other is the truth, which `known` only follows.
  assert(AHEAD(written[me], got[1 - me]) < W);
  lap_of[SLOT(me, written[me])] = LAP(written[me]);
  acknowledges[SLOT(me, written[me])] = got[me];
  written[me] = (written[me] + 1) % ROUND;
  is_at_end[me] = (written[me] % W == 0);
  has_sent[me] = 1
}

inline receive(me) {
  // A line that was written, and not read yet?
  assert(AHEAD(written[1 - me], got[me]) > 0);
  seen[me] = acknowledges[SLOT(1 - me, got[me])];
  acknowledges[SLOT(1 - me, got[me])] = 0;  // it will not be read again: fewer states
#ifndef OLD_IS_NEWS
  if
  :: !IS_NEWS(me) -> seen[me] = known[me]  // the same: fewer states
  :: else
  fi;
#endif
  got[me] = (got[me] + 1) % ROUND;
  if
  :: got[me] % (W / STOPS) == 0 ->
     if
#ifndef NO_REPORT
     :: !has_sent[me] -> reported[me] = got[me]
#endif
     :: else
     fi;
     has_sent[me] = 0
  :: else
  fi
}

active [2] proctype end() {
talking:
  do
  :: atomic { COMES(_pid) -> receive(_pid) }
  :: atomic { CAN_SEND(_pid) -> send(_pid) }
  // It looks for a line, and then for a report. In between, the other may do anything: tried for end 0 only, for fewer states.
  // (Without a report it looks while the other can go on, and no longer: to look for ever is not to go on.)
  :: atomic { _pid == 1 && !CAN_SEND(_pid) && USES_REPORT(_pid) -> send(_pid) }
  :: _pid == 0 && !CAN_SEND(_pid) && (USES_REPORT(_pid) || (!COMES(_pid) && COMES(1 - _pid))) ->
     atomic {
       if
       :: reported[1 - _pid] != NONE -> send(_pid)
       :: else
       fi
     }
  :: atomic { !CAN_SEND(_pid) && is_at_end[_pid] -> go_around(_pid) }
  :: CAN_SEND(_pid) || USES_REPORT(_pid) -> goto end_quiet
  od;
end_quiet:
  do
  :: atomic { COMES(_pid) -> receive(_pid) }
  od
}
