"""The formula of ModelStep.roundedStep is the nearest integer, halves up, for all sums below 2^64 and divisors below 2^32.

Over the integers, which are what the words of the chain compute with as long as nothing reaches 2^255: that is proven too.
ModelStepProofs.sol proves that the code is the formula.
"""

from z3 import And, Ints, Not, Solver, unsat

sum_, divisor, quotient, remainder, fraction = Ints("sum divisor quotient remainder fraction")
BIAS, UNITS = 2**15, 2**8

# what / and % are
divided = And(sum_ == quotient * divisor + remainder, 0 <= remainder, remainder < divisor)
doubled = 2 * UNITS * remainder + divisor
rounded = And(fraction * 2 * divisor <= doubled, doubled < (fraction + 1) * 2 * divisor)
ranges = And(0 <= sum_, sum_ < 2**64, 0 < divisor, divisor < 2**32, 0 <= quotient, quotient <= sum_)
step = (quotient - BIAS) * UNITS + fraction
# 2·D·(step − exact), where exact = (S/D − bias)·256, and S stands for what it is
error = 2 * divisor * step - 2 * UNITS * (quotient * divisor + remainder - BIAS * divisor)
nearest = And(-divisor < error, error <= divisor)
small = And(*(And(-(2**255) < term, term < 2**255) for term in (doubled, 2 * divisor, step)))


def prove(name, claim, *premises):
    solver = Solver()
    solver.set("timeout", 60_000)
    solver.add(*premises, Not(claim))
    proven = solver.check() == unsat
    print(f"{'proven' if proven else 'not proven'}: {name}")
    return proven


# a fraction of 256 or less, from the bounds of the remainder: nonlinear, so a lemma of its own
lemma = prove("the fraction is at most one update unit", And(0 <= fraction, fraction <= UNITS), ranges, divided, rounded)
bounded = And(0 <= fraction, fraction <= UNITS)
proven = [
    lemma,
    prove("the step is the nearest integer, halves up", nearest, ranges, divided, rounded),
    prove("nothing reaches 2^255", small, ranges, 0 <= remainder, remainder < divisor, bounded),
    # so that a proof from contradictory premises is seen
    not prove("halves go down (as it must be)", And(-divisor <= error, error < divisor), ranges, divided, rounded),
]
raise SystemExit(0 if all(proven) else 1)
