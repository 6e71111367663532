// restart.pml — a core stops and comes back under the same number: no message that the old incarnation sent, or that was
// meant for it, takes effect in the new one (user/agreement).
//
// This is the frame of copies.pml, without revoke, under the changes of views.pml. Core 1 owns the frame, cores 2 and 3
// may hold copies. Each of the three may be fenced, leave the view, and be started again. Three rules keep incarnations
// apart:
// - A core is started when the view without it is committed. Then each member has closed its link from that core, and
//   has deleted its copies of the frames of that core.
// - A new incarnation has new links and knows nothing; stamps begin at 0 again.
// - Every message carries the last view that its sender has prepared. A core that a message mentions may have died and
//   come back while the message was on its way. If the view is older than the present incarnation, the message means a
//   core that is no more, and the receiver ignores it. (In this model only Copy mentions another core and has the view.)
//
//   Copy to, view             holder to owner    send a copy to core `to`
//   Recv stamp                owner to holder    a copy; the stamp counts the copies sent to this core
//   Dropped stamp             holder to owner    the last copy on this core is gone; stamp of the last Recv
//   Prepare view, kind, core  core 0 to members  Death: close the link from this core, delete copies of its frames, and
//                                                forget it as a holder; Join: note the view as its incarnation
//   Prepared                  member to core 0   done
//   Commit view, members      core 0 to members  all have prepared this view; the joiner, too, is told, and takes part
//
// Core 0 begins the join when it starts the core (views.pml has Hello). For the check only, Recv says of which frame it
// is, and each message for which incarnation of its receiver it is meant.
//
// Each of these must make the check fail: -D
//   NO_VIEW       the owner does not look at the view in Copy
//   OLD_LINKS     unread messages of a dead core stay in the link that its next incarnation uses
//   EARLY_START   a core is started while members may still read its old link
//   NO_SWEEP      copies of the frames of a dead owner are kept
//   NO_STAMPS     Dropped is believed although a later copy is on its way
//   KEEPS_HOLDER  the owner keeps a dead core among the holders
//
// Larger bounds (LARGE=1 scripts/check-models):
//   -DREQUESTS=2
//   -DFENCES=3

#ifndef FENCES
#define FENCES 2
#endif
#ifndef RESTARTS
#define RESTARTS 2
#endif
#ifndef REQUESTS
#define REQUESTS 1  // Copy messages
#endif
#ifndef SENDS
#define SENDS 2     // copies that the owner sends by itself
#endif
#define COORDINATOR 0
#define OWNER 1
#define MEMBERS (ALL & ~ONLY(COORDINATOR))

#include "links.inc"

mtype = { Copy, Recv, Dropped, Prepare, Prepared, Commit };
mtype = { Death, Join };
chan link[CORES * CORES] = [6] of { mtype, byte, mtype, byte, byte };

// The knowledge of each core; core 0 is never in the sets `members` and `dead`.
byte view[CORES];
byte prepared[CORES];  // the last view that it has prepared
byte members[CORES];
byte dead[CORES];      // the set of cores to which it has no link
byte incarnations[CORES * CORES];
#define INCARNATION(me, core) incarnations[(me) * CORES + (core)]

// The owner's.
bool has_frame;
byte holders;          // the set of cores that may have a copy
byte sent[CORES];      // the stamp of the last Recv to each core

// Of each holder.
bool holds[CORES];
byte stamp[CORES];     // of the last Recv

// Of core 0: the change in progress, and a core that was fenced and is in the view.
bool changes;
mtype change;
byte subject;
byte awaited;          // the set of cores that must still answer Prepared
byte leaving;

// The machine: cores that execute nothing; cores that were started and have not been told a view.
byte fenced;
byte starting;

// For the check: the incarnation that runs; how many frames the owner has made; the frame of which a holder has a copy.
byte incarnation[CORES];
byte frames;
byte frame_of[CORES];

// How often each may still happen: any number up to its bound.
byte fences, restarts, requests, sends;

// For use within a step, and forgotten at its end: values that are left behind would make more states.
byte i, first, second, meant;
mtype message, kind;
inline forget() { i = 0; first = 0; second = 0; meant = 0; message = 0; kind = 0 }

inline post(from, to, what, one, sort, two, incarnation_meant) {
  printf("core %d posts %e(%d, %e, %d) to core %d\n", from, what, one, sort, two, to);
  assert(nfull(LINK(from, to)));
  LINK(from, to)!what,one,sort,two,incarnation_meant
}

inline post_to_all(set, what, one, sort, two) {
  for (i : 1 .. CORES - 1) {
    if
    :: has(set, i) -> post(COORDINATOR, i, what, one, sort, two, 0)
    :: else
    fi
  }
}

inline discard(from, to) {
  do
  :: LINK(from, to)?_,_,_,_,_
  :: empty(LINK(from, to)) -> break
  od
}

inline make_frame() {
  frames++;
  has_frame = true
}

// The owner has deleted its last copy and no other core has one: the memory becomes anything else.
inline free_frame() {
  printf("the owner frees its frame\n");
  has_frame = false;
  for (i : OWNER + 1 .. CORES - 1) {
    assert(has(fenced, i) || !holds[i] || frame_of[i] != frames);
    assert(has(fenced, i) || has(dead[i], OWNER) || !(LINK(OWNER, i)??[Recv, _, _, _, _]))
  }
}

inline send_copy(to, incarnation_meant) {
  if
  :: has_frame && has(members[OWNER] & ~dead[OWNER], to) ->
     add(holders, to);
     sent[to]++;
     post(OWNER, to, Recv, frames, 0, sent[to], incarnation_meant)
  :: else
  fi
}

inline copy_requested(to, number, incarnation_meant) {
  if
#ifndef NO_VIEW
  :: number < INCARNATION(OWNER, to)  // it means a core that is no more
#endif
  :: else -> send_copy(to, incarnation_meant)
  fi
}

inline dropped(holder, number) {
  if
#ifndef NO_STAMPS
  :: number != sent[holder]
#endif
  :: else -> remove(holders, holder)
  fi
}

inline prepare(me, number, sort, core) {
  prepared[me] = number;
  if
  :: sort == Death ->
     add(dead[me], core);
#ifndef OLD_LINKS
     discard(core, me);
#endif
#ifndef NO_SWEEP
     if
     :: core == OWNER -> holds[me] = false
     :: else
     fi;
#endif
#ifndef KEEPS_HOLDER
     if
     :: me == OWNER -> remove(holders, core)
     :: else
     fi;
#endif
  :: else ->
     remove(dead[me], core);
     INCARNATION(me, core) = number
  fi;
  post(me, COORDINATOR, Prepared, 0, 0, 0, 0)
}

inline commit(me, number, set) {
  view[me] = number;
  members[me] = set;
  if
  :: has(starting, me) ->
     remove(starting, me);
     prepared[me] = number;
     dead[me] = MEMBERS & ~set;
     if
     :: me == OWNER -> make_frame()
     :: else
     fi
  :: else -> assert(prepared[me] == number)
  fi
}

// Core `me` reads the next message from core `from`.
inline receive(me, from) {
  LINK(from, me)?message,first,kind,second,meant;
  printf("core %d reads %e(%d, %e, %d) from core %d\n", me, message, first, kind, second, from);
  // Recv and Dropped reach only the incarnation for which they are meant.
  assert((message != Recv && message != Dropped) || meant == incarnation[me]);
  if
  :: message == Copy -> copy_requested(first, second, meant)
  :: message == Recv -> holds[me] = true; frame_of[me] = first; stamp[me] = second
  :: message == Dropped -> dropped(from, second)
  :: message == Prepare -> prepare(me, first, kind, second)
  :: message == Prepared -> remove(awaited, from)
  :: message == Commit -> commit(me, first, second)
  fi
}

inline begin_change(sort, core) {
  changes = true;
  change = sort;
  subject = core;
  awaited = members[COORDINATOR] & ~ONLY(core);
  post_to_all(awaited, Prepare, view[COORDINATOR] + 1, sort, core)
}

inline fence(core) {
  printf("core 0 fences core %d\n", core);
  add(fenced, core);
  add(leaving, core)
}

inline start(core) {
  printf("core 0 starts core %d\n", core);
  for (i : 0 .. CORES - 1) {
    discard(i, core)
  }
  discard(core, COORDINATOR);
  remove(fenced, core);
  leaving = EMPTY;
  add(starting, core);
  incarnation[core] = view[COORDINATOR] + 1;
  view[core] = 0; prepared[core] = 0; members[core] = EMPTY; dead[core] = MEMBERS;
  holds[core] = false; stamp[core] = 0;
  if
  :: core == OWNER ->
     has_frame = false; holders = EMPTY;
     for (i : 0 .. CORES - 1) {
       sent[i] = 0
     }
  :: else
  fi;
  for (i : 0 .. CORES - 1) {
    INCARNATION(core, i) = incarnation[i]
  }
  remove(members[COORDINATOR], core);
  begin_change(Join, core)
}

inline commit_change() {
  printf("core 0 commits view %d\n", view[COORDINATOR] + 1);
  view[COORDINATOR]++;
  if
  :: change == Death -> remove(members[COORDINATOR], subject); leaving = EMPTY
  :: else -> add(members[COORDINATOR], subject)
  fi;
  post_to_all(members[COORDINATOR], Commit, view[COORDINATOR], change, members[COORDINATOR]);
  changes = false; change = 0; subject = 0
}

#define runs(core) (!has(fenced | starting, core))
#define has_link(me, peer) (runs(me) && has(members[me] & ~dead[me], peer))
#define may_read(me, peer) (!has(fenced, me) && (peer == COORDINATOR || (!has(starting, me) && !has(dead[me], peer))))

// All that core `me` may do with one of the others.
proctype pair(byte me; byte peer) {
end:
  do
  :: d_step { may_read(me, peer) && nempty(LINK(peer, me)) -> receive(me, peer); forget() }
  :: d_step {
       me == OWNER && has_link(me, peer) && has_frame && sends > 0 ->
       sends--;
       send_copy(peer, INCARNATION(OWNER, peer));
       forget()
     }
  :: d_step {
       me > OWNER && peer > OWNER && has_link(me, peer) && has_link(me, OWNER) && holds[me] && requests > 0 ->
       requests--;
       post(me, OWNER, Copy, peer, 0, prepared[me], INCARNATION(me, peer))
     }
  od
}

#ifdef EARLY_START
#define may_start(core) (has(fenced, core) && (leaving == EMPTY || has(leaving, core)))
#else
#define may_start(core) (has(fenced, core) && leaving == EMPTY)
#endif

// All that core 0 may do about another one; one change after the other.
proctype coordinator(byte core) {
end:
  do
  :: d_step { fences > 0 && !changes && leaving == EMPTY && runs(core) -> fences--; fence(core) }
  :: d_step { !changes && has(leaving, core) -> begin_change(Death, core); forget() }
  :: d_step { !changes && may_start(core) && restarts > 0 -> restarts--; start(core); forget() }
  :: d_step { changes && subject == core && awaited == EMPTY -> commit_change(); forget() }
  od
}

// All that a core may do alone.
proctype core(byte me) {
end:
  do
  :: d_step { me == OWNER && runs(me) && has_frame && holders == EMPTY -> free_frame(); forget() }
  :: d_step {
       me > OWNER && runs(me) && holds[me] && !has(dead[me], OWNER) ->
       holds[me] = false;
       printf("core %d deletes its last copy\n", me);
       post(me, OWNER, Dropped, 0, 0, stamp[me], INCARNATION(me, OWNER))
     }
  od
}

init {
  byte me, peer;
  atomic {
    for (me : 0 .. CORES - 1) {
      view[me] = 1; prepared[me] = 1; incarnation[me] = 1; members[me] = MEMBERS;
      for (peer : 0 .. CORES - 1) {
        INCARNATION(me, peer) = 1;
        if
        :: peer != me -> run pair(me, peer)
        :: else
        fi
      }
      if
      :: me != COORDINATOR -> run coordinator(me); run core(me)
      :: else
      fi
    }
    make_frame();
    select(fences : 0 .. FENCES);
    select(restarts : 0 .. RESTARTS);
    select(requests : 0 .. REQUESTS);
    select(sends : 0 .. SENDS);
    me = 0; peer = 0
  }
  // Nothing can happen any more: no change is half done, and all memory has come back.
  timeout -> assert(!changes && leaving == EMPTY && (has(fenced, OWNER) || !has_frame))
}
