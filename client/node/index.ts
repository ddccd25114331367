/**
 * `tributary/node`: what needs Node.js: keys, folders, deployment files, a role's process.
 * @module
 */
export { compileTask, compileWith, type EngineName } from './engine.ts';
export { type KeyOptions, loadKey } from './key.ts';
export { openNode } from './openNode.ts';
export { type NodeOptions, type NodeOptionsInput, parseNodeOptions } from './options.ts';
export { type LoadedDeployment, readDeployment } from './readDeployment.ts';
