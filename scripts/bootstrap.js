// Makes a checkout runnable, before `npm start` and `npm test`: installs what is missing, and does nothing, in milliseconds,
// otherwise. Plain JavaScript: it must run on whatever Node the host has, from 20 on.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { arch, argv, env, execPath, exit, platform, report, stderr, version } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Oldest Node that this script runs on, and oldest by which npm installs every package the project needs. */
const oldestNode = [20, 0];
const oldestInstaller = [22, 13];

/**
 * What there is to do about packages.
 * @param {{nodeVersion: string, modulesExist: boolean, lockIsNewer: boolean, nativePackage: string, nativeExists: boolean}} state
 * @returns {{action: 'refuse' | 'nothing' | 'install', command?: string[], reason?: string}}
 */
export function decideInstall({ nodeVersion, modulesExist, lockIsNewer, nativePackage, nativeExists }) {
  if (isOlder(nodeVersion, oldestNode)) {
    return {
      action: 'refuse',
      reason: `Tributary needs Node ${oldestNode[0]} or newer, this is ${nodeVersion}: install a newer one from https://nodejs.org.`,
    };
  }
  const reason = !modulesExist
    ? 'node_modules is missing'
    : lockIsNewer
      ? 'package-lock.json is newer than node_modules'
      : !nativeExists
        ? `${nativePackage} is missing, which an older Node leaves out`
        : undefined;
  if (reason === undefined) return { action: 'nothing' };
  // an npm run by an old Node silently leaves out packages that ask for a newer one
  const command = isOlder(nodeVersion, oldestInstaller)
    ? ['npx', '-y', '-p', 'node@24', '-c', 'npm ci']
    : ['npm', 'ci'];
  return { action: 'install', command, reason };
}

/** @param {string} nodeVersion @param {number[]} oldest */
function isOlder(nodeVersion, [oldestMajor, oldestMinor]) {
  const [major, minor] = nodeVersion.replace(/^v/, '').split('.').map(Number);
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}

/** The package with the native part of Hardhat's chain for this machine. */
export function nativePackageOf(operatingSystem, architecture, isMusl) {
  const suffix = operatingSystem === 'linux' ? (isMusl ? '-musl' : '-gnu') : operatingSystem === 'win32' ? '-msvc' : '';
  return `@nomicfoundation/edr-${operatingSystem}-${architecture}${suffix}`;
}

/** True when package-lock.json asks for other packages than those installed. Times differ after any checkout: versions decide. */
export function lockDiffers(lock, installed) {
  return Object.entries(lock.packages).some(
    ([path, { version: wanted, optional, link }]) =>
      path !== '' && !optional && !link && installed.packages[path]?.version !== wanted,
  );
}

function main() {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const modules = join(root, 'node_modules');
  const nativePackage = nativePackageOf(platform, arch, platform === 'linux' && !glibcVersion());
  const decision = decideInstall({
    nodeVersion: execPath.startsWith(modules) ? hostNodeVersion(modules) : version,
    modulesExist: existsSync(join(modules, '.package-lock.json')),
    lockIsNewer: isLockNewer(root, modules),
    nativePackage,
    nativeExists: existsSync(join(modules, nativePackage)),
  });
  if (decision.action === 'refuse') stop(decision.reason);
  if (decision.action === 'install') install(root, decision);
}

function isLockNewer(root, modules) {
  const lock = join(root, 'package-lock.json');
  const installed = join(modules, '.package-lock.json');
  if (!existsSync(installed) || statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return false;
  return lockDiffers(JSON.parse(readFileSync(lock, 'utf8')), JSON.parse(readFileSync(installed, 'utf8')));
}

function install(root, { command, reason }) {
  say(
    `Installing packages with \`${command.map((word) => (word.includes(' ') ? `'${word}'` : word)).join(' ')}\`: ${reason}.`,
  );
  const { status } = run(root, command[0], command.slice(1));
  if (status !== 0) {
    stop(
      'The packages could not be installed (above is what npm says). Check that the npm registry can be reached (`npm ping`), then start again.',
    );
  }
}

function glibcVersion() {
  report.excludeNetwork = true;
  return report.getReport().header.glibcVersionRuntime;
}

/** npm scripts run on the project's own Node where it is installed; npm itself must run on the host's. */
function hostNodeVersion(modules) {
  const { stdout } = spawnSync('node', ['--version'], { env: hostEnvironment(modules), encoding: 'utf8' });
  return stdout?.trim() || version;
}

function hostEnvironment(modules) {
  const path = (env.PATH ?? '').split(delimiter).filter((folder) => !folder.startsWith(modules));
  return { ...env, PATH: path.join(delimiter) };
}

// stdout belongs to the command that follows
function run(cwd, command, args) {
  const environment = hostEnvironment(join(cwd, 'node_modules'));
  return spawnSync(command, args, { cwd, env: environment, stdio: ['ignore', 2, 2], shell: platform === 'win32' });
}

function say(sentence) {
  stderr.write(`${sentence}\n`);
}

function stop(sentence) {
  say(sentence);
  exit(1);
}

if (argv[1] && import.meta.url === pathToFileURL(argv[1]).href) main();
