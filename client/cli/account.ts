import { Command } from 'commander';
import { formatEther, ZeroAddress } from 'ethers';
import { type AccountStatus, collectFromAccount, readAccount, rotateOperator } from '../actions/account.ts';
import { openAccount } from '../chain/accountSender.ts';
import { isDeployedCode } from '../contracts/link.ts';
import { createAccount } from '../deployment/nodeAccount.ts';
import { action, print, printJson } from './action.ts';
import { addReaderOptions, type ReaderOptions, withRewards } from './reader.ts';
import { addSignerOptions, readAddress, type SignerOptions, withSigner } from './signer.ts';

interface CreateOptions extends SignerOptions {
  owner: string;
  operator: string;
}

export function createAccountCommand(): Command {
  const command = new Command('account').description(
    "a node's account that is a contract: its owner holds stake and place, and replaces the key on the node's machine",
  );
  command.addCommand(
    addSignerOptions(new Command('create').description('creates one; the key pays for it and gets nothing of it'))
      .requiredOption('--owner <address>', 'who holds it: a cold key or a multisig')
      .requiredOption('--operator <address>', "the key on the node's machine")
      .action(action(create)),
  );
  command.addCommand(
    withAccount(addSignerOptions(new Command('rotate').description("replaces the operator, with the owner's key")))
      .requiredOption('--operator <address>', 'the new one; "none" revokes it')
      .action(action(rotate)),
  );
  command.addCommand(
    withAccount(
      addSignerOptions(
        new Command('collect').description('pays tokens and currency that lie in it to its owner; stake stays'),
      ),
    ).action(action(collect)),
  );
  command.addCommand(
    withAccount(addReaderOptions(new Command('show').description('says who holds it, and what it has'))).action(
      action(show),
    ),
  );
  return command;
}

function withAccount(command: Command): Command {
  return command.requiredOption('--account <address>', 'which one');
}

/** Errors: CONFIG_INVALID, and those of the key and the chain. */
async function create(options: CreateOptions): Promise<void> {
  const owner = readAddress(options.owner, '--owner');
  const operator = readAddress(options.operator, '--operator');
  await withSigner(options, async (signed) => {
    const { federation } = signed.federation.addresses;
    const account = await createAccount(signed.sender, { owner, operator, federation });
    if (options.json) printJson({ account, owner, operator });
    else {
      print(`Created the account ${account} of ${owner}, which ${operator} operates.`);
      print(`Send it the tokens of its stake, and ${operator} currency for gas; then start with --account ${account}.`);
    }
  });
}

type AccountOptions = SignerOptions & { account: string };

/** Errors: CONFIG_INVALID, KEY_INVALID, and those of the chain. */
async function rotate(options: AccountOptions & { operator: string }): Promise<void> {
  const operator = options.operator === 'none' ? ZeroAddress : readAddress(options.operator, '--operator');
  const account = readAddress(options.account, '--account');
  await withSigner({ ...options, account: undefined }, async (signed) => {
    // says what is wrong with the key before anything is sent
    await openAccount(signed.sender, signed.federation.provider, signed.federation.addresses, account);
    await rotateOperator(signed, account, operator);
    if (options.json) printJson({ account, operator: operator === ZeroAddress ? null : operator });
    else if (operator === ZeroAddress) print(`Nobody operates the account ${account} any more.`);
    else print(`${operator} operates the account ${account} now: start its node with that key, on the same folder.`);
  });
}

async function collect(options: AccountOptions): Promise<void> {
  const address = readAddress(options.account, '--account');
  await withSigner({ ...options, account: undefined }, async (signed) => {
    const { provider, addresses } = signed.federation;
    const sender = await openAccount(signed.sender, provider, addresses, address);
    const { tokensWei, currencyWei } = await collectFromAccount({ ...signed, sender });
    const { account, owner } = sender.keys;
    if (options.json) printJson({ account, owner, tokensWei: String(tokensWei), currencyWei: String(currencyWei) });
    else
      print(
        `Paid ${formatEther(tokensWei)} tokens and ${formatEther(currencyWei)} of the chain's currency to ${owner}.`,
      );
  });
}

async function show(options: ReaderOptions & { account: string }): Promise<void> {
  const address = readAddress(options.account, '--account');
  await withRewards(options, async (followed) => {
    const status = await readAccount(followed, address);
    const isGenuine = isDeployedCode('NodeAccount', await followed.federation.provider.getCode(status.account));
    if (options.json) printJson({ ...toJson(status), isGenuine });
    else print(render(status, isGenuine));
  });
}

function toJson({ bondedWei, tokensWei, operator, pendingOwner, payee, ...rest }: AccountStatus): object {
  return {
    ...rest,
    operator: operator ?? null,
    pendingOwner: pendingOwner ?? null,
    payee: payee ?? null,
    tokensWei: String(tokensWei),
    bondedWei: { federation: String(bondedWei.federation), rewards: String(bondedWei.rewards) },
  };
}

function render(
  { account, federation, owner, pendingOwner, operator, payee, ...has }: AccountStatus,
  isGenuine: boolean,
): string {
  const { roles, bondedWei, tokensWei } = has;
  return [
    `Account ${account} of the federation ${federation}`,
    `  code       ${isGenuine ? "is what this version's sources compile to" : "is NOT what this version's sources compile to: send it nothing"}`,
    `  owner      ${owner}${pendingOwner === undefined ? '' : `, who has offered it to ${pendingOwner}`}`,
    `  operator   ${operator ?? 'nobody: it was revoked'}`,
    `  roles      ${roles.join(', ') || 'none'}`,
    `  stake      ${formatEther(bondedWei.federation)} as trainer and aggregator, ${formatEther(bondedWei.rewards)} as evaluator`,
    `  tokens     ${formatEther(tokensWei)}: the operator may put them at stake`,
    `  earnings   ${payee === undefined ? 'it has never joined' : `go to ${payee}`}`,
  ].join('\n');
}
