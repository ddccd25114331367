"""Reads lines of JSON on standard input, as scripts/write-epsilons.ts writes them, and compares them with dp-accounting."""

import json
import logging
import sys

from dp_accounting import GaussianDpEvent, PoissonSampledDpEvent
from dp_accounting.pld import PLDAccountant
from dp_accounting.rdp import RdpAccountant

logging.getLogger("absl").setLevel(logging.ERROR)


def epsilon(accountant, row):
    event = PoissonSampledDpEvent(row["samplingRate"], GaussianDpEvent(row["noiseMultiplier"]))
    return accountant.compose(event, row["times"]).get_epsilon(row["delta"])


compared = 0
for line in sys.stdin:
    row = json.loads(line)
    renyi, losses = epsilon(RdpAccountant(), row), epsilon(PLDAccountant(), row)
    # dp-accounting leaves out orders at which its series do not converge: ours may be lower, never below what is true
    renyi_agrees = 0.999 * losses - 1e-3 <= row["renyi"] <= 1.01 * renyi + 1e-3
    losses_agree = abs(row["losses"] - losses) <= 0.01 * losses + 1e-3
    if not (renyi_agrees and losses_agree):
        sys.exit(f"dp-accounting has {renyi} and {losses} for {row}")
    compared += 2
if compared < 60:
    sys.exit(f"only {compared} values were compared")
print(f"{compared} values of ε agree with dp-accounting's within 1 %")
