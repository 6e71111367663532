"""One page of it all, made as the guides are."""

import pathlib
import subprocess

from . import plots, tables

ROOT = pathlib.Path(__file__).resolve().parents[2]
SUMMARY = "Instructions, cache lines and ticks, beside the figures of others: the measurements of make bench."

TEXT = """
Three ways to measure, none of which depends on the computer that runs it:

* **Instructions**: QEMU counts time in instructions of all processors together, so two things that two cores do at the
  same time count twice.
* **Lines moved**: the scope (`grading/scope`) counts cache lines that are fetched (F), and upgraded (U), which is to say taken
  from others, as if caches had no end.
* **Ticks**: Bochs executes all cores in lockstep, an instruction a tick, and has no caches. The distance of two cores, and lines
  that move, cost nothing there.

The paper is Baumann et al., *The Multikernel*, SOSP 2009. Its figures are cycles of machines of its time; figures of other
systems marked "same emulator" are instructions in this very QEMU. Compare shapes: the number of lines that move, and its growth.

## Messages within a core

{lrpc}

## Messages between cores

The ring alone: one core sends, the other answers or only receives, nothing else is on the machine. The acknowledgements of the
epoch ring travel in messages of the other direction, or, if there are none, in a status line: up to 2/W a message with W slots.

{there_and_back}

{one_way}

![Throughput of a stream of seven words by the size of the ring.](throughput.svg)

![Lines that move for each message of a stream.](lines.svg)

One core after the other has its turn here, and fills or empties the ring in it: the counts of head and tail are looked at once for
all that. Where the receiver keeps up with the sender it looks at them for each message, and two lines move, as the last rows of the
table say.

{paper_urpc}

Any two of eight cores are alike in an emulator without caches: it can be seen that no core stands in the way of two
others.

{pairs}

The same ring as processes use it: in a channel, with an event loop, coroutines, and receivers that sleep when nothing
comes.

{channels}

## What a message touches

Different lines from which instructions were executed, and that were read or written, by one send and one receive.

{touched}

## Shared memory or messages

State of one to eight lines is updated by several cores: by stores of each to the lines themselves, or by messages to one core that
does it for all. A core that stores fetches each line and takes it from the others; a request and its answer do so with
two lines, however large
the state. All cores wait for the same lines, or the same server, so the time of an update is that of all updates of the others in between: the lines that move while each core
makes one update are what grows like the paper's cycles.

![Ours: lines that move while each core makes one update.](updates.svg)

![The paper's figure 3: thousand cycles an update, on 4×4-core AMD.](paper-updates.svg)

{updates}

## A page that several cores have

A process that spans cores takes a page back from all of them: a message to each core that has it, and its answer. Linux interrupts
the cores that may know the page.

![Ours, and Linux in the same emulator: instructions of all cores together.](unmaps.svg)

![The paper's figure 7: thousand cycles, on 8×4-core AMD.](paper-unmaps.svg)

{unmaps}

## Agreement

The monitors' protocol on the simulated network, whose time runs as on the paper's machine: a line takes its sender and its receiver as long
as one more core costs in the paper's unicast, and the rest of its latency on the way. From some number of cores on a tree is faster
than a star, and each core computes which it is.

![Figure 6: a message to all cores, and their answers.](rounds.svg)

![Figure 8: two-phase commit. Of several at once, each shares its second round with the next one's first.](commits.svg)

{agreement}

## The kernel

{kernel}

{facts}
"""


def all_tables(data):
    """By their place in the text."""
    return {
        "lrpc": tables.lrpc(data),
        "there_and_back": tables.there_and_back(data),
        "one_way": tables.one_way(data),
        "paper_urpc": tables.paper_urpc(data),
        "pairs": tables.pairs(data),
        "channels": tables.channels(data),
        "touched": tables.touched(data),
        "updates": tables.updates(data),
        "unmaps": tables.unmaps(data),
        "agreement": tables.agreement(data),
        "kernel": tables.kernel(data),
    }


def text(data):
    return "\n".join([*(table.text() for table in all_tables(data).values()), *tables.facts(data)])


def write(data, folder):
    """`folder`/index.html and the plots in it."""
    plots.streams(data, folder)
    plots.updates(data, folder)
    plots.unmaps(data, folder)
    plots.agreement(data, folder)
    plots.paper_updates(ROOT / "handouts/pictures/sosp09-figure3.csv", folder)
    parts = {key: f"**{table.title}**\n\n{table.markdown()}" for key, table in all_tables(data).items()}
    markdown = TEXT.format(**parts, facts="\n".join("* " + fact for fact in tables.facts(data)))
    render(markdown, folder, "What Sprat takes", SUMMARY)


def render(markdown, folder, title, summary):
    """`folder`/index.html, in which the pictures of the folder are."""
    site = ROOT / "handouts/site"
    command = ["pandoc", "--from=markdown+pipe_tables-implicit_figures", "--to=html5", "--section-divs", "--columns=10000",
               f"--template={site / 'page.html'}", f"--lua-filter={site / 'page.lua'}", f"--metadata=pictures:{folder}",
               f"--metadata=title:{title}", f"--metadata=summary:{summary}", "--toc", "--toc-depth=2",
               f"--output={folder / 'index.html'}"]
    subprocess.run(command, input=markdown, text=True, check=True)
