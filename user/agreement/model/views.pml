// views.pml — membership of the system, with cores that stop, false suspicions, joins and restarts: a core is called dead
// only when it is, all live cores come to the same view, and no message passes from one incarnation of a core to the
// next (user/agreement).
//
// Core 0 coordinates; without it there is no system. A core that suspects another one tells core 0. Core 0 alone fences:
// it stops the suspected core by INIT and waits until that has happened. From then on the death is a fact. A change is
// one death or one join. It makes one view, with a number, in two phases:
//
//   Suspect core              any to core 0      this core is silent; the sender may be wrong
//   Hello                     joiner to core 0   the sender has been started, and asks to join
//   Prepare view, kind, core  core 0 to members  Death: close the link from this core and discard its unread messages;
//                                                Join: open a link with it
//   Prepared view             member to core 0   done; a member never waits for another core before it answers
//   Commit view, members      core 0 to members  every member has prepared this view; the joiner is told, too
//
// A core that is fenced during a change counts as having answered; its own death is a later change. A core may be
// started again when the view without it is committed. The new incarnation has new links and knows nothing; its number
// is that of the view that admits it. Members send each other Data at any time; the two numbers in it are for the check
// only: the incarnation of the sender, and the one for which the message is meant.
//
// Each of these must make the check fail: -D
//   NO_FENCE        core 0 goes on before the core has stopped
//   ANY_FENCE       the core that suspects another one fences it itself
//   DEAD_ACCUSER    a suspicion from a core that has been fenced is believed
//   ONE_PHASE       core 0 commits without waiting for Prepared
//   WAITS_FOR_DEAD  Prepared is awaited from a core that was fenced during the change
//   NO_CLOSE        unread messages of a dead core stay in the link
//   EARLY_START     a core is started while members may still read its old link
//
// Larger bounds (LARGE=1 scripts/check-models):
//   -DCORES=3 -DHANGS=2 -DRESTARTS=2 -DDATA=3
//   -DRESTARTS=2
//   -DHANGS=2 -DSUSPICIONS=1 -DRESTARTS=2

#ifndef SUSPICIONS
#define SUSPICIONS 2  // by cores other than core 0
#endif
#ifndef HANGS
#define HANGS 1       // cores that fall silent by themselves
#endif
#ifndef RESTARTS
#define RESTARTS 1
#endif
#ifndef DATA
#define DATA 1        // messages between members
#endif
#define COORDINATOR 0

#include "links.inc"

mtype = { Suspect, Hello, Prepare, Prepared, Commit, Data };
mtype = { Death, Join };
chan link[CORES * CORES] = [4] of { mtype, byte, mtype, byte };

// The machine.
byte hung;       // the set of cores that execute nothing, but have not been fenced
byte fenced;     // the set of cores that have been stopped by INIT
byte init_sent;  // for NO_FENCE and ANY_FENCE: the set of cores to which INIT is on its way
#define runs(core) (!has(fenced, core) && !has(hung, core))

// The knowledge of each core.
byte view[CORES];
byte prepared[CORES];  // the last view that it has prepared
byte members[CORES];   // a set
byte open[CORES];      // the set of cores from which it reads a link
byte incarnations[CORES * CORES];
#define INCARNATION(me, core) incarnations[(me) * CORES + (core)]

// Of core 0: cores that were fenced and are in the view, cores that said Hello; then the change in progress.
byte leaving;
byte joiners;
bool changes;
mtype change;
byte subject;
byte awaited;  // the set of cores that must still answer Prepared

// For the check.
byte incarnation[CORES];  // the present one
byte accuser[CORES];      // the core that had it fenced; 0: none, or core 0

// How often each may still happen: any number up to its bound.
byte suspicions, hangs, restarts, data;

// For use within a step, and forgotten at its end: values that are left behind would make more states.
byte i, first, second;
mtype message, kind;
inline forget() { i = 0; first = 0; second = 0; message = 0; kind = 0 }

inline post(from, to, what, one, sort, two) {
  printf("core %d posts %e(%d, %e, %d) to core %d\n", from, what, one, sort, two, to);
  assert(nfull(LINK(from, to)));
  LINK(from, to)!what,one,sort,two
}

inline post_to_all(set, what, one, sort, two) {
  for (i : 1 .. CORES - 1) {
    if
    :: has(set, i) -> post(COORDINATOR, i, what, one, sort, two)
    :: else
    fi
  }
}

inline discard(from, to) {
  do
  :: LINK(from, to)?_,_,_,_
  :: empty(LINK(from, to)) -> break
  od
}

// Core 0 stops a core. Of two cores that accuse each other one must survive.
inline fence(core, by) {
  printf("core 0 fences core %d\n", core);
  accuser[core] = by;
  add(leaving, core);
#ifdef NO_FENCE
  add(init_sent, core);
#else
  add(fenced, core);
#endif
#ifndef WAITS_FOR_DEAD
  remove(awaited, core);
#endif
  assert(by == 0 || !has(fenced, by) || accuser[by] != core)
}

inline suspected(core, by) {
  if
#ifndef DEAD_ACCUSER
  :: has(leaving, by)
#endif
  :: has(leaving, core) || !has(members[COORDINATOR], core)
  :: else ->
     // No suspicion is so late that it hits the next incarnation.
     assert(INCARNATION(by, core) == incarnation[core]);
     fence(core, by)
  fi
}

inline begin_change(sort, core) {
  changes = true;
  change = sort;
  subject = core;
  awaited = members[COORDINATOR] & ~leaving & ~ONLY(COORDINATOR);
  prepared[COORDINATOR] = view[COORDINATOR] + 1;
  printf("core 0 prepares view %d: %e of core %d\n", prepared[COORDINATOR], sort, core);
  if
  :: sort == Death -> discard(core, COORDINATOR); remove(open[COORDINATOR], core)
  :: else ->
     remove(joiners, core);
     incarnation[core] = prepared[COORDINATOR];
     INCARNATION(COORDINATOR, core) = prepared[COORDINATOR]
  fi;
  post_to_all(awaited, Prepare, prepared[COORDINATOR], sort, core);
#ifdef ONE_PHASE
  awaited = EMPTY
#endif
}

inline commit_change() {
  printf("core 0 commits view %d\n", view[COORDINATOR] + 1);
  view[COORDINATOR]++;
  if
  :: change == Death -> remove(members[COORDINATOR], subject); remove(leaving, subject)
  :: else -> add(members[COORDINATOR], subject)
  fi;
  for (i : 1 .. CORES - 1) {
    // Each live member has prepared this view, and has heard of the one before.
    assert(!has(members[COORDINATOR], i) || has(fenced, i) || i == subject ||
           (prepared[i] == view[COORDINATOR] && view[i] + 1 == view[COORDINATOR]))
  }
  post_to_all(members[COORDINATOR] & ~leaving, Commit, view[COORDINATOR], change, members[COORDINATOR]);
  changes = false; subject = 0; change = 0
}

inline prepare(me, number, sort, core) {
  prepared[me] = number;
  if
  :: sort == Death ->
     assert(has(fenced, core));
     remove(open[me], core);
#ifndef NO_CLOSE
     discard(core, me)
#endif
  :: else ->
     add(open[me], core);
     INCARNATION(me, core) = number
  fi;
  post(me, COORDINATOR, Prepared, prepared[me], 0, 0)
}

inline commit(me, number, set) {
  if
  :: view[me] == 0 ->  // it joins
     open[me] = set & ~ONLY(me);
     prepared[me] = number;
     for (i : 0 .. CORES - 1) {
       INCARNATION(me, i) = INCARNATION(COORDINATOR, i)
     }
  :: else -> assert(number == view[me] + 1 && number == prepared[me])
  fi;
  view[me] = number;
  members[me] = set
}

// Core `me` reads the next message from core `from`.
inline receive(me, from) {
  LINK(from, me)?message,first,kind,second;
  printf("core %d reads %e(%d, %e, %d) from core %d\n", me, message, first, kind, second, from);
  if
  :: message == Suspect -> suspected(first, from)
  :: message == Hello -> add(joiners, from)
  :: message == Prepare -> prepare(me, first, kind, second)
  :: message == Prepared -> remove(awaited, from)
  :: message == Commit -> commit(me, first, second)
  :: message == Data -> assert(first == INCARNATION(me, from) && second == incarnation[me])
  fi
}

// Core 0 loads a core and starts it. The links to it are new; the readers of the links from it have emptied them.
// The first thing that the core does is to say Hello.
inline start(core) {
  printf("core 0 starts core %d\n", core);
  for (i : 0 .. CORES - 1) {
    discard(i, core)
  }
  remove(leaving, core); remove(fenced, core); remove(hung, core); remove(init_sent, core);
  accuser[core] = 0; incarnation[core] = 0;
  view[core] = 0; prepared[core] = 0; members[core] = EMPTY; open[core] = ONLY(COORDINATOR);
  add(open[COORDINATOR], core);
  post(core, COORDINATOR, Hello, 0, 0, 0)
}

// All that core `me` may do with one of the others.
proctype pair(byte me; byte peer) {
end:
  do
  :: d_step { runs(me) && has(open[me], peer) && nempty(LINK(peer, me)) -> receive(me, peer); forget() }
  :: d_step {
       runs(me) && me != COORDINATOR && peer != COORDINATOR && has(members[me] & open[me], peer) && data > 0 ->
       data--;
       post(me, peer, Data, incarnation[me], 0, INCARNATION(me, peer))
     }
  :: d_step {
       runs(me) && me != COORDINATOR && peer != COORDINATOR && has(members[me], peer) && suspicions > 0 ->
       suspicions--;
#ifdef ANY_FENCE
       add(init_sent, peer);
       accuser[peer] = me;
       printf("core %d fences core %d\n", me, peer)
#else
       post(me, COORDINATOR, Suspect, peer, 0, 0)
#endif
     }
  od
}

#ifdef EARLY_START
#define may_start(core) (has(fenced, core) && (!has(members[COORDINATOR], core) || (changes && subject == core)))
#else
#define may_start(core) (has(fenced, core) && !has(members[COORDINATOR], core))
#endif

// All that core 0 may do about another one; it sees by itself which cores are silent.
proctype coordinator(byte core) {
end:
  do
  :: d_step { has(hung & members[COORDINATOR] & ~leaving, core) -> fence(core, 0) }
  :: d_step { !changes && has(leaving, core) -> begin_change(Death, core); forget() }
  :: d_step { !changes && has(joiners, core) -> begin_change(Join, core); forget() }
  :: d_step { changes && subject == core && awaited == EMPTY -> commit_change(); forget() }
  :: d_step { restarts > 0 && may_start(core) -> restarts--; start(core); forget() }
  od
}

// All that the machine may do to a core.
proctype machine(byte core) {
end:
  do
  :: d_step { hangs > 0 && runs(core) -> hangs--; add(hung, core); printf("core %d falls silent\n", core) }
  :: d_step {
       has(init_sent & ~fenced, core) ->
       add(fenced, core);
       printf("INIT stops core %d\n", core);
       assert(accuser[core] == 0 || !has(fenced, accuser[core]) || accuser[accuser[core]] != core)
     }
  od
}

init {
  byte me, peer;
  atomic {
    for (me : 0 .. CORES - 1) {
      view[me] = 1; prepared[me] = 1; incarnation[me] = 1; members[me] = ALL; open[me] = ALL & ~ONLY(me);
      for (peer : 0 .. CORES - 1) {
        INCARNATION(me, peer) = 1;
        if
        :: peer != me -> run pair(me, peer)
        :: else
        fi
      }
      if
      :: me != COORDINATOR -> run coordinator(me); run machine(me)
      :: else
      fi
    }
    select(suspicions : 0 .. SUSPICIONS);
    select(hangs : 0 .. HANGS);
    select(restarts : 0 .. RESTARTS);
    select(data : 0 .. DATA);
    me = 0; peer = 0
  }
  // Nothing can happen any more: the silent cores are out of the view, all others are in it, and know it.
  timeout -> d_step {
    assert(!changes && leaving == EMPTY && joiners == EMPTY);
    for (i : 1 .. CORES - 1) {
      assert(has(members[COORDINATOR], i) == runs(i));
      assert(!runs(i) || (view[i] == view[COORDINATOR] && members[i] == members[COORDINATOR]))
    }
  }
}
