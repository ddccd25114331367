/** Which faults a run stages: `aggregator:round=3,norm`. */
import { type AttackName, attackNames, attackRoles } from '../adversary/attack.ts';
import { TributaryError } from '../core/errors.ts';

export interface StagedAttack {
  attack: AttackName;
  /** The first round in which it may be. */
  round: number;
}

const firstAttackRound = 3;

/** Errors: CONFIG_INVALID, saying what is wanted. */
export function parseAttacks(text: string): StagedAttack[] {
  return text.split(',').map((part) => {
    const match = /^([a-z]+)(?::round=(\d{1,6}))?$/.exec(part.trim());
    const attack = attackNames.find((name) => name === match?.[1]);
    if (attack === undefined) {
      throw invalid(`"${part}" is not one of ${attackNames.join(', ')}, each with or without :round=<number>.`);
    }
    const round = Number(match?.[2] ?? firstAttackRound);
    // a copy needs an original
    const earliest = attack === 'copycat' ? 2 : 1;
    if (round < earliest) throw invalid(`${attack} is possible from round ${earliest} on, not in round ${round}.`);
    return { attack, round };
  });
}

export function roleOf({ attack }: StagedAttack): 'trainer' | 'aggregator' {
  return attackRoles[attack];
}

function invalid(reason: string): TributaryError {
  return new TributaryError('CONFIG_INVALID', `attack: ${reason}`);
}
