/** What was staged, for people. */
import { formatEther } from 'ethers';
import type { AttackSummary, StagedFault } from './attackSummary.ts';
import { formatCount, formatPercent } from './format.ts';
import type { Colors } from './table.ts';

export function renderAttack(attack: AttackSummary, colors: Colors): string[] {
  const { faults, voided, repeatedRounds, accuracy, honestAccuracy } = attack;
  const count = voided.length;
  const rounds = repeatedRounds.join(', ');
  return [
    `  ${colors.bold('What was staged')}`,
    ...faults.flatMap((fault) => renderFault(fault, colors)),
    count === 0
      ? '    No proposal was voided.'
      : `    ${count} proposal${count === 1 ? ' was' : 's were'} voided; proposed again: round ${rounds}.`,
    honestAccuracy === null
      ? `    Accuracy at the end ${formatPercent(accuracy)}.`
      : `    Accuracy at the end ${formatPercent(accuracy)}; the same run without the attack ended with ${formatPercent(honestAccuracy)}.`,
    '',
  ];
}

function renderFault(fault: StagedFault, colors: Colors): string[] {
  const { process, attack, round, did, outcome, proof, caughtBy } = fault;
  const tokens = (wei: string) => `${formatEther(wei).replace(/\.0$/, '')} tokens`;
  const head = `    ${colors.bold(`${process}, ${attack}`)}: ${round === null ? 'never came to it' : `${did} (round ${round})`}`;
  switch (outcome) {
    case 'slashed':
      return [
        head,
        `      ${colors.green(`caught by ${caughtBy}, proven by ${proof}`)} in ${formatCount(fault.challengeGas)} gas`,
        `      the cheat lost ${tokens(fault.lostWei)} and ${formatCount(fault.gasSpent)} gas; the challenger earned ${tokens(fault.earnedWei)} for ${formatCount(fault.challengerGas)} gas in all`,
      ];
    case 'refused':
      return [head, `      ${colors.green(`refused by ${caughtBy} at once`)}: ${proof}`];
    case 'uncaught':
      return [head, `      ${colors.red('not caught')}`];
  }
}
