#!/usr/bin/env python3
# The hold model of bench_events.c in SimPy: 1 000 pending, 70 % of them about 1 us ahead, 25 % 90 us, 5 % 10 ms.
# Prints events a second, in millions, of CPU time.
import random
import time

import simpy

EVENTS, PENDING = 300_000, 1000


def hold(env, draw):
    while True:
        yield env.timeout(draw())


def draw():
    return random.choices((1.0, 90.0, 10000.0), (70, 25, 5))[0] * random.uniform(0.9, 1.1)


random.seed(1)
env = simpy.Environment()
delays = [draw() for _ in range(65536)]
next_delay = iter(delays * (EVENTS // len(delays) + 2)).__next__
for _ in range(PENDING):
    env.process(hold(env, next_delay))
begin = time.process_time()
for _ in range(EVENTS):
    env.step()
print(f"{EVENTS / (time.process_time() - begin) / 1e6:.2f}")
