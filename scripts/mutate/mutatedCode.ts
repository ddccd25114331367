/** Loaded before the tests: what deploys by client/contracts deploys the contracts with the mutants in them. */
import { registerHooks } from 'node:module';

const original = new URL('../../client/contracts/creationCode.ts', import.meta.url).href;
const mutated = new URL('../../cache/mutants/creationCode.ts', import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    return resolved.url === original ? { ...resolved, url: mutated } : resolved;
  },
});
