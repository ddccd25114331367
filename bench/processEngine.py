"""Trains nothing for as long as the learning rate says, in seconds, and answers how long it took: see processEngine.ts."""

import sys
import time

import numpy as np
import tributary

size = int(sys.argv[1])


def train(tensors, round):
    started = time.perf_counter()
    time.sleep(round.plan["learningRate"])
    return tributary.Trained(tensors, metrics={"seconds": time.perf_counter() - started})


tributary.serve(train, lambda tensors, task: 1.0, model={"weight": np.zeros(size, np.float32)}, samples=1)
