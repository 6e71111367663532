"""sequence.py — the messages between cores in a run, from the events that `make trace` keeps.

    events = "../output/talk.txt"       # from the description's folder; time, core, event, address
    [[name]]                            # optional: names of processes; else monitor and process 1, 2, ...
    core = 1
    who = "process 1"
    text = "talk"

There is a lane for each core, and time goes downwards. It is counted in instructions of all
processors together; stretches in which nothing happens are cut short.
"""

import bisect
import dataclasses

# kernel/include/sprat/region.hh; 0 is the scope's own.
HALT, SEND, RECEIVE, ANNOUNCE, WITHDRAW, RING, INTERRUPT, SWITCH, BEGIN, END = range(10)
LINE = 64
MARGIN = 2_000


@dataclasses.dataclass
class Event:
    time: int
    core: int
    kind: int
    address: int

    @property
    def line(self):
        return self.address // LINE


@dataclasses.dataclass
class Span:
    """A dispatcher has a core."""

    core: int
    who: str
    begin: int
    end: int


@dataclasses.dataclass
class Arrow:
    """Something goes from one core to another: a line of a ring, or an interrupt."""

    kind: int
    tail: Event
    head: Event


# ---- what happened


@dataclasses.dataclass
class Run:
    """From the first word to the last, and a little around; `spans` are those of all the time."""

    events: list[Event]
    spans: list[Span]
    arrows: list[Arrow]
    first: int
    last: int

    @property
    def cores(self):
        return sorted({event.core for event in self.events if event.kind in (SEND, RECEIVE)})


def read(text):
    """The events that the scope wrote down, between BEGIN and END if there are these. ValueError: nothing was said."""
    events = [Event(*map(int, line.split())) for line in text.splitlines()]
    begin = next((event.time for event in events if event.kind == BEGIN), 0)
    end = next((event.time for event in events if event.kind == END), events[-1].time if events else 0)
    talk = [event.time for event in events if event.kind in (SEND, RECEIVE, RING, INTERRUPT) and begin <= event.time <= end]
    if not talk:
        raise ValueError("no process sent a message to another core")
    near = [event for event in events if max(begin, talk[0] - MARGIN) <= event.time <= min(end, talk[-1] + MARGIN)]
    return Run(near, spans(events), arrows(near), talk[0], talk[-1])


def spans(events):
    """Which process has which core, and when. The first dispatcher of a core is its monitor."""
    names, running, found = {}, {}, []

    def stop(core, time):
        if core in running:
            who, begin = running.pop(core)
            found.append(Span(core, who, begin, time))

    for event in events:
        if event.kind == HALT:
            stop(event.core, event.time)
        elif event.kind == SWITCH:
            known = names.setdefault(event.core, {})
            who = known.setdefault(event.address, "monitor" if not known else f"process {len(known)}")
            if running.get(event.core, ("", 0))[0] != who:
                stop(event.core, event.time)
                running[event.core] = (who, event.time)
    for core in list(running):
        stop(core, events[-1].time)
    return found


def arrows(events):
    """Lines go where they are received next, doorbells to the next core that hears one."""
    found, sent, rung = [], {}, []
    for event in events:
        if event.kind == SEND:
            sent[event.line] = event
        elif event.kind == RECEIVE and event.line in sent:
            found.append(Arrow(SEND, sent.pop(event.line), event))
        elif event.kind == RING:
            rung.append(event)
        elif event.kind == INTERRUPT:
            ring = next((ring for ring in rung if ring.core != event.core or len(rung) == 1), None)
            if ring:
                rung.remove(ring)
                found.append(Arrow(RING, ring, event))
    return found


def words(events):
    """(event, the text beside it). A receiver that announced sleep, polled again and runs on never slept."""
    said, last, still_up = [], {}, set()
    for event in events:
        if event.kind in (HALT, SWITCH):
            still_up.discard(event.core)
            continue
        is_same = last.get(event.core) == event.kind  # several status lines, one after the other
        last[event.core] = event.kind
        if event.kind == ANNOUNCE and not is_same:
            said.append((event, "announces"))
            still_up.add(event.core)
        elif event.kind == WITHDRAW and not is_same:
            up = event.core in still_up
            said.append((event, "looks again, goes on" if up else "is awake"))
        elif event.kind == RING:
            said.append((event, "rings"))
        elif event.kind == INTERRUPT:
            said.append((event, "hears the bell"))
    return said


# ---- the picture

LEFT, TOP, BAR = 96, 70, 14
LEAST, MOST, INSTRUCTIONS_PER_PIXEL = 15, 34, 40
NARROWEST_LANE = 280
FILLS = ["none", "read", "data", "new", "code", "hot"]


def width_for(run):
    """What a canvas needs for all lanes of `run`."""
    return LEFT + NARROWEST_LANE * len(run.cores)


class Scale:
    """From time to height: as far apart as time says, but neither too near nor out of sight."""

    def __init__(self, times):
        self._times = sorted(set(times))
        self._heights = [TOP + 16]
        for before, time in zip(self._times, self._times[1:]):
            distance = min(max((time - before) / INSTRUCTIONS_PER_PIXEL, LEAST), MOST)
            self._heights.append(self._heights[-1] + distance)
        self.bottom = self._heights[-1] + 16

    def __call__(self, time):
        after = bisect.bisect_left(self._times, time)
        if after == len(self._times):
            return self.bottom
        if self._times[after] == time or after == 0:
            return self._heights[after] if self._times[after] == time else TOP
        begin, end = self._times[after - 1], self._times[after]
        low, high = self._heights[after - 1], self._heights[after]
        return low + (high - low) * (time - begin) / (end - begin)


def draw_run(canvas, run, names):
    """`names` has a text for some of the (core, who) of the spans."""
    shown = [event for event in run.events if event.kind not in (HALT, SWITCH, BEGIN, END)]
    height = Scale(event.time for event in shown)
    lane = (canvas.width - LEFT) / len(run.cores)
    x = {core: LEFT + lane * (index + 0.5) for index, core in enumerate(run.cores)}
    canvas.text(LEFT - 12, 20, "instructions", anchor="end", small=True, soft=True)
    for core in run.cores:
        canvas.text(x[core], 20, f"core {core}", anchor="middle", bold=True)
        canvas.line(x[core], TOP - 10, x[core], height.bottom + 10, dashed=True)
    draw_spans(canvas, run, names, x, height)
    for arrow in run.arrows:
        tail, head = arrow.tail, arrow.head
        if tail.core != head.core and {tail.core, head.core} <= set(x):
            side = 1 if x[head.core] > x[tail.core] else -1
            canvas.pointer(
                x[tail.core] + side * BAR / 2,
                height(tail.time),
                x[head.core] - side * BAR / 2,
                height(head.time),
                dashed=arrow.kind == RING,
            )
    for event, text in words(run.events):
        if event.core in x:
            is_first = event.core == run.cores[0]
            canvas.text(
                x[event.core] + (-BAR if is_first else BAR),
                height(event.time) + 4,
                text,
                anchor="end" if is_first else "start",
                small=True,
                soft=True,
            )
    for event in shown:
        if event.kind == SEND:
            canvas.text(
                LEFT - 12,
                height(event.time) + 4,
                f"{event.time - shown[0].time:,}",
                anchor="end",
                small=True,
            )


def draw_spans(canvas, run, names, x, height):
    """The bars, and above them whose they are."""
    fills = {}
    for span in run.spans:
        top, end = height(span.begin), height(span.end)
        if span.core in x and end - top >= 2:
            who = names.get((span.core, span.who), span.who)
            fill = fills.setdefault(who, FILLS[len(fills) % len(FILLS)])
            canvas.rect(x[span.core] - BAR / 2, top, BAR, end - top, fill)
    left = LEFT
    for who, fill in fills.items():
        canvas.rect(left, 38, BAR, BAR, fill)
        canvas.text(left + BAR + 6, 49, who, small=True)
        left += BAR + 24 + 7 * len(who)


def draw(canvas, picture):
    run = read((picture["folder"] / picture["events"]).read_text())
    names = {(name["core"], name["who"]): name["text"] for name in picture.get("name", [])}
    draw_run(canvas, run, names)
