#!/usr/bin/env node
// Runs dependency-cruiser, and fails when it read nothing: without a parser it finds "no violations (0 modules)".
import { spawnSync } from 'node:child_process';
import { build } from 'esbuild';
import { existsSync, readdirSync } from 'node:fs';

const roots = ['lambdas', 'lib', 'embedded', 'client', 'cli', 'bin', 'console'].filter((folder) =>
  existsSync(folder),
);
const depcruise = spawnSync(
  'npx',
  ['--no-install', 'depcruise', '--config', '.dependency-cruiser.cjs', ...roots],
  {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  },
);
process.stdout.write(depcruise.stdout);
process.stderr.write(depcruise.stderr);
const modules = Number(/(\d+) modules/.exec(depcruise.stdout)?.[1] ?? 0);
if (modules === 0) {
  console.error('boundaries: no module was read; is @swc/core installed?');
  process.exit(1);
}
if (depcruise.status !== 0) process.exit(depcruise.status ?? 1);

// dependency-cruiser stops at package borders; a browser bundle of the domain does not.
const core = findCore();
await build({
  entryPoints: core,
  bundle: true,
  platform: 'browser',
  format: 'esm',
  write: false,
  outdir: 'nowhere',
  logLevel: 'error',
});
console.log(`boundaries: ${modules} modules, ${core.length} domain files bundle for a browser`);

function findCore() {
  return readdirSync('lambdas/core', { recursive: true, encoding: 'utf8' })
    .map((file) => `lambdas/core/${file}`)
    .filter((file) => file.endsWith('.ts'));
}
