// copies.pml — one frame, its owner and its holders: memory is not used again while a core has a copy of it, it comes
// back when the last copy is gone, and every revoke and every request ends (user/agreement).
//
// Core 0 made the frame and is its owner; the other cores may hold copies. The owner sends all copies, on the links that
// a later Revoke takes as well. So a holder reads each copy before the Revoke, and one phase is enough. links.inc says
// how a link behaves.
//
//   Copy to            holder to owner  send a copy to core `to`
//   Recv stamp, asker  owner to holder  a copy; the stamp counts the copies that the owner has sent to this core
//   Refused asker      owner to holder  in place of Recv, when the frame is being revoked
//   Dropped stamp      holder to owner  the last copy on this core is deleted; the stamp is that of the last Recv
//   Revoke             owner to holder  delete all copies
//   Gone               holder to owner  all are deleted, or there was none
//
// A core that waits for a copy keeps a record of the core that asked for it, the asker. Recv and Refused end the record.
// A copy without a record is dropped at once.
//
// A holder may stop at any time. Each other core hears of it later: it closes the link from the dead core without
// reading the rest, and ends the records of requests by that core; the owner counts the dead core as gone.
//
// Each of these must make the check fail: -D
//   NO_STAMPS          Dropped is believed although a later copy is on its way
//   DIRECT             a holder sends a copy to another core itself, and tells the owner
//   SENDS_WHILE_DYING  the owner sends copies during a revoke
//   GONE_FIRST         a holder answers Gone and deletes its copies afterwards
//   NO_REFUSED         the owner ignores requests during a revoke
//   WAITS_FOR_DEAD     Gone is awaited from a core that has stopped
//   KEEPS_DEAD         the owner keeps a core that has stopped among the holders
//   NO_PEER_GONE       a record stays when the asker has stopped
//   KEEPS_UNASKED      a copy without a record is kept
//
// Larger bounds (LARGE=1 scripts/check-models):
//   -DSTOPS=2 -DREQUESTS=1
//   -DSENDS=3 -DREQUESTS=1

#ifndef SENDS
#define SENDS 2     // copies that the owner sends by itself
#endif
#ifndef REQUESTS
#define REQUESTS 2  // Copy messages
#endif
#ifndef STOPS
#define STOPS 1
#endif
#define OWNER 0

#include "links.inc"

mtype = { Copy, Recv, Refused, Dropped, Revoke, Gone };
chan link[CORES * CORES] = [6] of { mtype, byte, byte };

// The owner's.
bool has_own = true;  // its processes have a copy
bool dying;           // a revoke has begun
bool freed;           // the memory may become anything else
byte holders;         // the set of cores that may have a copy
byte awaited;         // the set of cores that must still answer Gone
byte sent[CORES];     // the stamp of the last Recv to each core

// Of each holder.
bool holds[CORES];
byte stamp[CORES];    // of the last Recv

// Of each core.
byte records[CORES];  // the set of askers of the copies for which it waits
byte dead[CORES];     // the set of cores that have stopped, as far as it has heard

byte stopped;         // the set of cores that execute nothing any more
byte unswept;         // for GONE_FIRST: the set of cores that still have to delete their copies
byte kept;            // for KEEPS_UNASKED: the set of cores with a copy that no process has

// How often each may still happen: any number up to its bound.
byte sends, requests, stops;

// For use within a step, and forgotten at its end: values that are left behind would make more states.
byte i, first, second;
mtype kind;
inline forget() { i = 0; kind = 0; first = 0; second = 0 }

inline post(from, to, message, one, two) {
  printf("core %d posts %e(%d, %d) to core %d\n", from, message, one, two, to);
  assert(nfull(LINK(from, to)));
  LINK(from, to)!message,one,two
}

// Ends the frame if its time has come. No live core may have a copy then, or still receive one.
inline free_if_gone() {
  if
  :: !freed && ((!has_own && !dying && holders == EMPTY) || (dying && awaited == EMPTY)) ->
     printf("the memory is free\n");
     freed = true;
     for (i : 1 .. CORES - 1) {
       assert(has(stopped, i) || (!holds[i] && !(LINK(OWNER, i)??[Recv, _, _])))
     }
  :: else
  fi
}

inline send_copy(to, asker) {
  if
  :: has(dead[OWNER], to)
#ifdef DIRECT
  :: asker != OWNER && !has(dead[OWNER], to) -> add(holders, to)
#endif
#ifndef SENDS_WHILE_DYING
#ifdef NO_REFUSED
  :: !has(dead[OWNER], to) && dying
#else
  :: !has(dead[OWNER], to) && dying -> post(OWNER, to, Refused, asker, 0)
#endif
#endif
  :: else ->
     add(holders, to);
     sent[to]++;
     post(OWNER, to, Recv, sent[to], asker)
  fi
}

// The owner's last copy is deleted without a revoke. The memory stays in use while other cores have copies.
inline drop_own() {
  printf("core 0 has no copy any more\n");
  has_own = false;
  free_if_gone()
}

inline revoke() {
  printf("core 0 revokes the frame\n");
  dying = true;
  has_own = false;
  awaited = holders;
  for (i : 1 .. CORES - 1) {
    if
    :: has(holders, i) -> post(OWNER, i, Revoke, 0, 0)
    :: else
    fi
  }
  free_if_gone()
}

inline drop(me) {
  printf("core %d has no copy any more\n", me);
  holds[me] = false;
  post(me, OWNER, Dropped, stamp[me], 0)
}

inline ask_for_copy(me, to) {
  add(records[to], me);
#ifdef DIRECT
  post(me, to, Recv, stamp[to], me);
#endif
  post(me, OWNER, Copy, to, 0)
}

inline receive_copy(me, number, asker) {
  stamp[me] = number;
  if
  :: has(records[me], asker) -> remove(records[me], asker); holds[me] = true
#ifdef KEEPS_UNASKED
  :: !has(records[me], asker) && !holds[me] -> add(kept, me); holds[me] = true
#endif
  :: !has(records[me], asker) && holds[me]  // it was not the last copy on this core
  :: else -> drop(me)
  fi
}

inline delete_all_copies(me) {
  printf("core %d deletes all copies\n", me);
  holds[me] = false;
  remove(kept, me)
}

// Core `me` reads the next message from core `from`.
inline receive(me, from) {
  LINK(from, me)?kind,first,second;
  printf("core %d reads %e(%d, %d) from core %d\n", me, kind, first, second, from);
  if
  :: kind == Copy -> assert(!freed); send_copy(first, from)
  :: kind == Recv -> assert(!freed); receive_copy(me, first, second)
  :: kind == Refused -> remove(records[me], first)
  :: kind == Dropped ->
     if
#ifndef NO_STAMPS
     :: first != sent[from]  // a later copy is on its way to that core
#endif
     :: else -> remove(holders, from); free_if_gone()
     fi
  :: kind == Revoke ->
#ifdef GONE_FIRST
     add(unswept, me);
#else
     delete_all_copies(me);
#endif
     post(me, OWNER, Gone, 0, 0)
  :: kind == Gone -> remove(holders, from); remove(awaited, from); free_if_gone()
  fi
}

inline stop(me) {
  printf("core %d stops\n", me);
  add(stopped, me)
}

inline peer_stopped(me, peer) {
  printf("core %d hears that core %d has stopped\n", me, peer);
  add(dead[me], peer);
  do
  :: LINK(peer, me)?_,_,_
  :: empty(LINK(peer, me)) -> break
  od;
#ifndef NO_PEER_GONE
  remove(records[me], peer);
#endif
  if
  :: me == OWNER ->
#ifndef KEEPS_DEAD
     remove(holders, peer);
#endif
#ifndef WAITS_FOR_DEAD
     remove(awaited, peer);
#endif
     free_if_gone()
  :: else
  fi
}

#define runs(core) (!has(stopped, core))
#define is_open(me, peer) (runs(me) && !has(dead[me], peer))  // the link from the peer, at this core

// All that core `me` may do with one of the others.
proctype pair(byte me; byte peer) {
end:
  do
  :: d_step { is_open(me, peer) && nempty(LINK(peer, me)) -> receive(me, peer); forget() }
  :: d_step { is_open(me, peer) && has(stopped, peer) -> peer_stopped(me, peer); forget() }
  :: d_step {
       me == OWNER && has_own && sends > 0 && is_open(me, peer) && !has(records[peer], me) ->
       sends--;
       add(records[peer], me);
       send_copy(peer, me);
       forget()
     }
  :: d_step {
       me != OWNER && peer != OWNER && holds[me] && requests > 0 && is_open(me, peer) && !has(records[peer], me) ->
       requests--;
       ask_for_copy(me, peer);
       forget()
     }
  od
}

// All that it may do alone.
proctype core(byte me) {
end:
  do
  :: d_step { me == OWNER && has_own -> drop_own(); forget() }
  :: d_step { me == OWNER && has_own -> revoke(); forget() }
  :: d_step { me != OWNER && runs(me) && holds[me] && !has(kept, me) -> drop(me); forget() }
  :: d_step { has(unswept, me) -> delete_all_copies(me); remove(unswept, me); forget() }
  :: d_step { me != OWNER && runs(me) && stops > 0 -> stops--; stop(me); forget() }
  od
}

init {
  byte me, peer;
  atomic {
    for (me : 0 .. CORES - 1) {
      run core(me);
      for (peer : 0 .. CORES - 1) {
        if
        :: peer != me -> run pair(me, peer)
        :: else
        fi
      }
    }
    select(sends : 0 .. SENDS);
    select(requests : 0 .. REQUESTS);
    select(stops : 0 .. STOPS);
    me = 0; peer = 0
  }
  // Nothing can happen any more: then nothing is left.
  timeout -> d_step {
    assert(freed);
    for (i : 1 .. CORES - 1) {
      assert(has(stopped, i) || (!holds[i] && records[i] == EMPTY))
    }
  }
}
