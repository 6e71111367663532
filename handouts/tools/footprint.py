"""footprint.py — measures handouts/pictures/memory-footprint.csv with lab 5's subject.

    handouts/tools/footprint.py build/g++/kernel/subject-memory >handouts/pictures/memory-footprint.csv

Rounds of Knuth's adversary (TAOCP 2.5, exercise 41), and rounds that release as many pages, chosen at
random: n pages are in use after each, and the footprint is counted up to the last page ever in use.
"""

import random
import subprocess
import sys

R = 9  # blocks of 2^R pages at most
N = 2 << R
PAGE_BITS = 12


class Pages:
    def __init__(self, program):
        self.subject = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.live, self.count, self.end = {}, 0, 0
        self.ask(f"new {1 << (R + 5):x}")
        self.ask(f"add 0 {PAGE_BITS + R + 5:x} 0 101")

    def ask(self, question):
        self.subject.stdin.write(f"buddy {question}\n")
        self.subject.stdin.flush()
        return self.subject.stdout.readline().split()

    def allocate(self, order, count):
        for base in self.ask("trace" + f" a{PAGE_BITS + order:x}" * count)[1:]:
            page = int(base, 16) >> PAGE_BITS
            self.live[self.count] = (page, 1 << order)
            self.end = max(self.end, page + (1 << order))
            self.count += 1

    def release(self, allocations):
        self.ask("trace " + " ".join(f"r{number:x}" for number in allocations))
        return sum(self.live.pop(number)[1] for number in allocations)

    def in_use(self):
        return sum(size for _, size in self.live.values())


def any_of(pages, most):
    chosen, count = [], 0
    for number in random.sample(sorted(pages.live), len(pages.live)):
        if count + pages.live[number][1] <= most:
            chosen.append(number)
            count += pages.live[number][1]
    return chosen


def main():
    random.seed(5)
    adversary, others = Pages(sys.argv[1]), Pages(sys.argv[1])
    print("round,live,adversary,random")
    for k in range(R + 1):
        if k != 0:
            wrong = [n for n, (page, _) in adversary.live.items() if page % (1 << k)]
            released = adversary.release(wrong)
            others.release(any_of(others, released))
        for pages in (adversary, others):
            pages.allocate(k, (N - pages.in_use()) >> k)
        row = (adversary.in_use(), adversary.end, others.end)
        print(f"{k}," + ",".join(f"{value / N:.3f}" for value in row))


main()
