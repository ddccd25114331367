/** What a role says of its joining. */
import { expect } from 'chai';
import { TributaryError } from '../../client/core/errors.ts';
import type { NodeEvent } from '../../client/participant/events.ts';
import { createMembership } from '../../client/participant/membership.ts';
import type { Participant } from '../../client/participant/participant.ts';

type Answer = 'member' | 'joined' | 'barred' | 'fails';

/** What is said while joining answers so, look by look. */
async function saidWhile(...answers: Answer[]): Promise<string[]> {
  const said: string[] = [];
  const node = {
    account: '0x',
    federation: { head: () => ({ number: 1 }) },
    report: ({ event }: NodeEvent) => said.push(event),
  } as unknown as Participant;
  const join = createMembership(node, async () => {
    const answer = answers.shift()!;
    if (answer === 'fails') throw new TributaryError('CHAIN_UNREACHABLE', 'No answer.', { retryable: true });
    return answer;
  });
  while (answers.length > 0) await join().catch(() => undefined);
  return said;
}

describe('a role that joins', () => {
  it('says so once', async () => {
    expect(await saidWhile('joined', 'member', 'member')).to.deep.equal(['joined']);
  });

  it('says so also where it was told of a failure, and the chain had let it in', async () => {
    expect(await saidWhile('fails', 'member', 'member')).to.deep.equal(['joined']);
    expect(await saidWhile('fails', 'joined', 'member')).to.deep.equal(['joined']);
  });

  it('says nothing where it was a member before, or is barred', async () => {
    expect(await saidWhile('member', 'member')).to.deep.equal([]);
    expect(await saidWhile('barred', 'barred')).to.deep.equal([]);
  });

  it('says so again when it has come back', async () => {
    expect(await saidWhile('joined', 'member', 'joined')).to.deep.equal(['joined', 'joined']);
  });
});
