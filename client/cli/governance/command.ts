/** `tributary governance`: what is voted on, by whom, and what becomes of it. */
import { Command } from 'commander';
import { actions } from '../../governance/actions.ts';
import { choices } from '../../governance/proposals.ts';
import { action } from '../action.ts';
import { addReaderOptions, type ReaderOptions } from '../reader.ts';
import { addActingOptions, type SignerOptions } from '../signer.ts';
import { delegate, execute, type ProposeOptions, propose, queue, vote } from './acts.ts';
import { listParameters } from './parameters.ts';
import { listProposals, showProposal } from './proposals.ts';

export function createGovernanceCommand(): Command {
  const command = new Command('governance').description(
    'proposes, votes on and carries out changes of the federation: its parameters, rule, documents, treasury and members',
  );
  command.addCommand(createProposeCommand());
  command.addCommand(
    reading(new Command('list').description('all proposals, with their votes and what they do'), listProposals),
  );
  command.addCommand(
    addReaderOptions(
      new Command('show').description('one proposal: its votes, its times, and what it does, read from its calls'),
    )
      .argument('<proposal>', 'its number in the list, or its id')
      .action((id: string, options: ReaderOptions) =>
        action((given: ReaderOptions) => showProposal(id, given))(options),
      ),
  );
  command.addCommand(
    reading(
      new Command('parameters').description('every parameter that can be voted on, with its value and bounds'),
      listParameters,
    ),
  );
  command.addCommand(createVoteCommand());
  command.addCommand(acting('queue', 'queues a proposal that has succeeded: its delay begins', queue));
  command.addCommand(acting('execute', 'carries out a proposal whose delay is over', execute));
  command.addCommand(
    addActingOptions(
      new Command('delegate').description('gives the votes of tokens held and staked, and of funding, to an account'),
    )
      .argument('[address]', 'to whom (default: the own account, so that held tokens count)')
      .action((to: string | undefined, options: SignerOptions) =>
        action((given: SignerOptions) => delegate(to, given))(options),
      ),
  );
  return command;
}

function createProposeCommand(): Command {
  const command = new Command('propose')
    .description('proposes a change, to be voted on')
    .argument('<what>', 'what is to be done')
    .argument('[arguments...]', 'what it needs')
    .option('--reason <text>', 'why, for those who vote');
  const rows = actions.map(({ name, usage, words }) => `  ${`${name} ${usage}`.trim().padEnd(60)} ${words}`);
  return addActingOptions(command)
    .addHelpText('after', `\nWhat can be voted on:\n${rows.join('\n')}`)
    .action((what: string, args: string[], options: ProposeOptions) =>
      action((given: ProposeOptions) => propose(what, args, given))(options),
    );
}

function createVoteCommand(): Command {
  const command = new Command('vote')
    .description('votes on a proposal, once')
    .argument('<proposal>', 'its number in the list, or its id')
    .argument('<choice>', choices.join(', '));
  return addActingOptions(command).action((id: string, choice: string, options: SignerOptions) =>
    action((given: SignerOptions) => vote(id, choice, given))(options),
  );
}

function reading(command: Command, read: (options: ReaderOptions) => Promise<void>): Command {
  return addReaderOptions(command).action(action(read));
}

function acting(name: string, words: string, act: (id: string, options: SignerOptions) => Promise<void>): Command {
  return addActingOptions(new Command(name).description(words))
    .argument('<proposal>', 'its number in the list, or its id')
    .action((id: string, options: SignerOptions) => action((given: SignerOptions) => act(id, given))(options));
}
