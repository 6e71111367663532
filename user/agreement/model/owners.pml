// owners.pml — a core stops that owned frames, had borrowed RAM and had lent RAM: no piece of RAM is used again while a
// live core has it or holds a copy of a frame of it, and none is lost (user/agreement).
//
// Core 0 grants RAM to a core, its home. The home may lend it to one other core. A borrower never lends it on: it
// returns the piece and names the core that shall have it next, and the home sends the new Lend. So the loans of a home
// are a star, like the copies of a frame. A core that has a piece may make frames of it and send copies of these frames;
// in this model it then keeps the piece.
//
//   Lend piece        home to borrower    the receiver has the piece; core 0 grants a piece with it, too
//   Return piece, to  borrower to lender  the sender has the piece no longer; core `to` shall have it
//   Recv piece        owner to holder     a copy of a frame that the owner made of this piece
//   Prepare core      core 0 to members   this core is dead: close the link from it and discard its unread messages, delete
//                                         all copies of its frames, and post Orphan for each piece that it had lent
//   Orphan piece      borrower to core 0  the home is dead: core 0 is the lender now, and the borrower the new home
//   Prepared          member to core 0    done; it is read later than the orphans, which take the same link
//   Commit core       core 0 to members   no live core can reach memory of the dead core: a home takes back the pieces
//                                         that it had lent to it
//
// Core 0 takes back its grants to a dead core, but for the orphans; not before all fenced cores are out of the view,
// since one of them may have had an orphan that it could not report. Any core except core 0 may be fenced at any time.
//
// Each of these must make the check fail: -D
//   NO_FENCE          a core that is called dead goes on
//   TAKES_AT_PREPARE  a home takes back in the first phase
//   NO_CLOSE          the link from a dead core is read on
//   NO_SWEEP          copies of the frames of a dead core are kept
//   NO_ORPHANS        orphans are not reported
//   PREPARED_FIRST    Prepared is posted before the orphans
//   UNSURE            core 0 takes back although another fenced core is in the view
//   LENDS_ON          a borrower lends on
//   KEEPS_LENDER      a borrower does not note that it is the home of an orphan
//
// Larger bounds (LARGE=1 scripts/check-models):
//   -DFENCES=3
//   -DCOPIES=2 -DMOVES=1

#ifndef COPIES
#define COPIES 1  // Recv messages
#endif
#ifndef MOVES
#define MOVES 2   // loans and returns
#endif
#ifndef FENCES
#define FENCES 2
#endif
#define COORDINATOR 0
#define PIECES 2

#include "links.inc"

mtype = { Lend, Return, Recv, Prepare, Orphan, Prepared, Commit };
chan link[CORES * CORES] = [5] of { mtype, byte, byte };

// The knowledge of each core. A set of pieces is like a set of cores.
byte ram[CORES];                  // the set of pieces that it has
byte used[CORES];                 // the set of pieces of which it has sent copies of frames
byte dead[CORES];                 // the set of dead cores, as far as it has heard
byte lenders[CORES * PIECES];     // of each piece that it has or has lent: the core from which it is
byte borrowers[CORES * PIECES];   // of each piece: the core to which it has lent it
byte owners[CORES * PIECES];      // of each piece: the owner of the frame of which it holds a copy
#define LENDER(core, piece) lenders[(core) * PIECES + (piece)]
#define BORROWER(core, piece) borrowers[(core) * PIECES + (piece)]
#define OWNER(core, piece) owners[(core) * PIECES + (piece)]

// Of core 0: the home of each piece (itself: it has not granted it), the view, and the change in progress.
byte home[PIECES];
byte members = ALL;
byte leaving;  // the set of cores that have been fenced and are in the view
bool changes;
byte subject;
byte awaited;  // the set of cores that must still answer Prepared

byte fenced;         // the set of cores that execute nothing any more
byte uses[PIECES];   // for the check: how often the piece has been taken back from a dead core

// How often each may still happen: any number up to its bound.
byte copies, moves, fences;

// For use within a step, and forgotten at its end: values that are left behind would make more states.
byte i, p, first, second;
mtype kind;
inline forget() { i = 0; p = 0; first = 0; second = 0; kind = 0 }

inline post(from, to, message, one, two) {
  printf("core %d posts %e(%d, %d) to core %d\n", from, message, one, two, to);
  assert(nfull(LINK(from, to)));
  LINK(from, to)!message,one,two
}

inline post_to_all(set, message, core) {
  for (i : 1 .. CORES - 1) {
    if
    :: has(set, i) -> post(COORDINATOR, i, message, core, 0)
    :: else
    fi
  }
}

// Core `me` may make anything of the piece now: no live core may reach it in another way.
inline take_back(me, piece) {
  printf("core %d takes back piece %d\n", me, piece);
  uses[piece]++;
  add(ram[me], piece);
  remove(used[me], piece);
  LENDER(me, piece) = COORDINATOR;
  BORROWER(me, piece) = NONE;
  for (i : 0 .. CORES - 1) {
    assert(has(fenced, i) || (OWNER(i, piece) == NONE && (i == me || !has(ram[i], piece))))
  }
}

inline take_back_from(me, core) {
  for (p : 0 .. PIECES - 1) {
    if
    :: BORROWER(me, p) == core -> take_back(me, p)
    :: else
    fi
  }
}

inline prepared(me) {
  if
  :: me != COORDINATOR -> post(me, COORDINATOR, Prepared, 0, 0)
  :: else
  fi
}

inline prepare(me, core) {
  add(dead[me], core);
#ifndef NO_CLOSE
  do
  :: LINK(core, me)?_,_,_
  :: empty(LINK(core, me)) -> break
  od;
#endif
#ifdef PREPARED_FIRST
  prepared(me);
#endif
  for (p : 0 .. PIECES - 1) {
#ifndef NO_SWEEP
    if
    :: OWNER(me, p) == core -> OWNER(me, p) = NONE
    :: else
    fi;
#endif
    if
    :: has(ram[me], p) && LENDER(me, p) == core ->
#ifndef KEEPS_LENDER
       LENDER(me, p) = COORDINATOR;
#endif
       if
       :: me == COORDINATOR -> home[p] = COORDINATOR
#ifndef NO_ORPHANS
       :: me != COORDINATOR -> post(me, COORDINATOR, Orphan, p, 0)
#endif
       :: else
       fi
    :: else
    fi
  }
#ifdef TAKES_AT_PREPARE
  take_back_from(me, core);
#endif
#ifndef PREPARED_FIRST
  prepared(me)
#endif
}

inline begin_change(core) {
  printf("core 0 prepares the view without core %d\n", core);
  changes = true;
  subject = core;
  prepare(COORDINATOR, core);
  awaited = members & ~leaving & ~ONLY(COORDINATOR);
  post_to_all(awaited, Prepare, core)
}

#ifdef UNSURE
#define IS_SURE true
#else
#define IS_SURE (leaving == EMPTY)
#endif

inline commit_change() {
  printf("core 0 commits the view without core %d\n", subject);
  changes = false;
  remove(leaving, subject);
  remove(members, subject);
  post_to_all(members & ~leaving & ~ONLY(COORDINATOR), Commit, subject);
  take_back_from(COORDINATOR, subject);
  for (p : 0 .. PIECES - 1) {
    if
    :: IS_SURE && !has(members, home[p]) -> home[p] = COORDINATOR; take_back(COORDINATOR, p)
    :: else
    fi
  }
  subject = 0
}

// Core 0 notes a home, and a home notes a borrower.
inline lend(me, to, piece) {
  remove(ram[me], piece);
  if
  :: me == COORDINATOR -> home[piece] = to
  :: else -> BORROWER(me, piece) = to
  fi;
  post(me, to, Lend, piece, 0)
}

// The piece is at home again; core `to` shall have it, unless it is dead.
inline returned(me, piece, to) {
  BORROWER(me, piece) = NONE;
  if
  :: to == me || has(dead[me], to) ->
     add(ram[me], piece);
     if
     :: me == COORDINATOR -> home[piece] = COORDINATOR
     :: else
     fi
  :: else -> lend(me, to, piece)
  fi
}

// Core `me` reads the next message from core `from`.
inline receive(me, from) {
  LINK(from, me)?kind,first,second;
  printf("core %d reads %e(%d, %d) from core %d\n", me, kind, first, second, from);
  if
  :: kind == Lend -> add(ram[me], first); remove(used[me], first); LENDER(me, first) = from
  :: kind == Return -> returned(me, first, second)
  :: kind == Recv -> assert(second == uses[first]); OWNER(me, first) = from
  :: kind == Prepare -> prepare(me, first)
  :: kind == Orphan -> home[first] = from
  :: kind == Prepared -> remove(awaited, from)
  :: kind == Commit -> take_back_from(me, first)
  fi
}

inline send_copy(me, to, piece) {
  add(used[me], piece);
  post(me, to, Recv, piece, uses[piece])
}

inline give_back(me, piece, to) {
  remove(ram[me], piece);
  post(me, LENDER(me, piece), Return, piece, to);
  LENDER(me, piece) = NONE
}

inline fence(core) {
  printf("core 0 fences core %d\n", core);
#ifndef NO_FENCE
  add(fenced, core);
#endif
  add(leaving, core);
  remove(awaited, core)
}

#define runs(core) (!has(fenced, core))
#define has_link(me, peer) (runs(me) && !has(dead[me], peer))
#ifdef NO_CLOSE
#define may_read(me, peer) runs(me)
#else
#define may_read(me, peer) has_link(me, peer)
#endif
#ifdef LENDS_ON
#define is_lender(me, piece) true
#else
#define is_lender(me, piece) (LENDER(me, piece) == COORDINATOR)  // core 0 or the home
#endif
#define may_copy(me, to, piece) (has_link(me, to) && has(ram[me], piece) && copies > 0)
#define may_move(me, to, piece) (has_link(me, to) && has(ram[me] & ~used[me], piece) && moves > 0)
#define may_lend(me, to, piece) (may_move(me, to, piece) && is_lender(me, piece))
#define may_return(me, to, piece) \
  (me != COORDINATOR && may_move(me, to, piece) && LENDER(me, piece) != NONE && !has(dead[me], LENDER(me, piece)))

// All that core `me` may do with one of the others.
proctype pair(byte me; byte peer) {
end:
  do
  :: d_step { may_read(me, peer) && nempty(LINK(peer, me)) -> receive(me, peer); forget() }
  :: d_step { may_copy(me, peer, 0) -> copies--; send_copy(me, peer, 0) }
  :: d_step { may_copy(me, peer, 1) -> copies--; send_copy(me, peer, 1) }
  :: d_step { may_lend(me, peer, 0) -> moves--; lend(me, peer, 0) }
  :: d_step { may_lend(me, peer, 1) -> moves--; lend(me, peer, 1) }
  :: d_step { may_return(me, peer, 0) -> moves--; give_back(me, 0, peer) }
  :: d_step { may_return(me, peer, 1) -> moves--; give_back(me, 1, peer) }
  od
}

// All that core 0 may do about another one: a suspicion may be true of any core, and false.
proctype coordinator(byte core) {
end:
  do
  :: d_step { fences > 0 && has(members & ~leaving, core) -> fences--; fence(core) }
  :: d_step { !changes && has(leaving, core) -> begin_change(core); forget() }
  :: d_step { changes && subject == core && awaited == EMPTY -> commit_change(); forget() }
  od
}

init {
  byte me, peer, piece;
  atomic {
    for (me : 0 .. CORES - 1) {
      for (piece : 0 .. PIECES - 1) {
        LENDER(me, piece) = (me == COORDINATOR -> COORDINATOR : NONE);
        BORROWER(me, piece) = NONE;
        OWNER(me, piece) = NONE
      }
      for (peer : 0 .. CORES - 1) {
        if
        :: peer != me -> run pair(me, peer)
        :: else
        fi
      }
      if
      :: me != COORDINATOR -> run coordinator(me)
      :: else
      fi
    }
    // Core 0 has granted a piece to core 1 and one to core 2.
    for (piece : 0 .. PIECES - 1) {
      me = piece + 1;
      home[piece] = me;
      ram[me] = ONLY(piece);
      LENDER(me, piece) = COORDINATOR
    }
    select(copies : 0 .. COPIES);
    select(moves : 0 .. MOVES);
    select(fences : 0 .. FENCES);
    me = 0; peer = 0; piece = 0
  }
  // Nothing can happen any more: each piece is in one live core; core 0 knows its home, and the home its borrower.
  timeout -> d_step {
    for (piece : 0 .. PIECES - 1) {
      peer = 0;
      for (me : 0 .. CORES - 1) {
        if
        :: runs(me) && has(ram[me], piece) ->
           peer++;
           assert(me == COORDINATOR || runs(LENDER(me, piece)));
#ifndef LENDS_ON  // which would fail here without having done any harm yet
           assert(home[piece] == me || (BORROWER(home[piece], piece) == me && LENDER(me, piece) == home[piece]))
#endif
        :: else
        fi
      }
      assert(peer == 1)
    }
  }
}
