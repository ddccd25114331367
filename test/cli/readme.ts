/** The README's commands, as it has them. */
import { readFileSync } from 'node:fs';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** The arguments of `npx tributary …`, of each command in the blocks below a heading, in order. */
export function commandsBelow(heading: string): string[][] {
  const [, section = ''] = readme.split(new RegExp(`^## ${heading}.*$`, 'm'));
  const blocks = [...section.split(/^## /m)[0]!.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block!);
  return blocks
    .flatMap((block) => block.split('\n'))
    .map((line) => line.replace(/\s#\s.*$/, ''))
    .flatMap((line) => line.split('&&'))
    .map(words)
    .filter(([runner, name]) => runner === 'npx' && name === 'tributary')
    .map((line) => line.slice(2));
}

/** Those of every `npx tributary …` in the README, in blocks and in sentences. */
export function allCommands(): string[][] {
  const inSentences = [...readme.matchAll(/`npx tributary ([^`\n]+)`/g)].map(([, rest]) => words(rest!));
  const headings = [...readme.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading!.split(/[(,]/)[0]!);
  return [...headings.flatMap(commandsBelow), ...inSentences];
}

/** As a shell takes a line apart that has no more than single quotes. */
function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
}
