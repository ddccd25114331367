/**
 * Before `npm pack`: compiles client/ to dist/, JavaScript with types, for Node 20 on and for bundlers; and takes the install script out
 * of onnxruntime-node, which the package bundles. The script downloads CUDA's libraries, half a gigabyte that nothing here uses, and where
 * they cannot be downloaded nothing is installed at all.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
execFileSync(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
mkdirSync(join(dist, 'training', 'onnx'), { recursive: true });
copyFileSync(
  join(root, 'client', 'training', 'onnx', 'sessionWorker.js'),
  join(dist, 'training', 'onnx', 'sessionWorker.js'),
);
// what `#…` names, as package.json of the checkout has it for client/
const { imports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { imports: object };
const compiled = JSON.stringify({ type: 'module', imports }, null, 2)
  .replaceAll('./client/', './')
  .replaceAll('.ts"', '.js"');
writeFileSync(join(dist, 'package.json'), `${compiled}\n`);
chmodSync(join(root, 'bin', 'tributary.js'), 0o755);

const manifest = join(root, 'node_modules', 'onnxruntime-node', 'package.json');
const runtime = JSON.parse(readFileSync(manifest, 'utf8')) as { scripts?: Record<string, string> };
delete runtime.scripts?.postinstall;
// another file: this one may be linked to from elsewhere
rmSync(manifest);
writeFileSync(manifest, `${JSON.stringify(runtime, null, 2)}\n`);
