/** How large is each function, and how long does it take to load, beside the least that could do its work? */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { POLICY_FILE, serializePolicyBundle } from '../lambdas/cedar/policy-bundle.ts';
import { policyFilesIn, readPolicies, SCHEMA_FILE } from '../lambdas/cedar/read-policies.ts';
import { FUNCTION_ENVIRONMENTS } from '../lambdas/contracts/function-environments.ts';
import { resolveInventory, serializeInventory } from '../lambdas/contracts/inventory/index.ts';
import { deploymentMark } from '../lambdas/core/deployment-mark.ts';
import { HANDLERS } from '../lib/bundles/handlers.ts';
import example from '../lockstep.config.ts';
import { measureBundle } from './bundle-floor.ts';
import type { Table } from './results.ts';

const RUNS = Number(process.env['LOCKSTEP_BENCH_RUNS'] ?? 15);
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Measured in a process of its own each time, the two in turns, so that whatever slows the machine slows both. */
export function handlerBundles(progress: (what: string) => void): Table {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));
  try {
    const rows = HANDLERS.map((handler) => {
      progress(handler.name);
      const { code, floor, clients, drivers, files } = measureBundle(handler);
      const paths = [
        write(folder, handler.name, code, files),
        write(folder, `${handler.name}-floor`, floor, files),
      ];
      const times = paths.map((): number[] => []);
      for (let run = 0; run < RUNS; run += 1)
        paths.forEach((path, which) => times[which]?.push(importMs(path)));
      const [ms, floorMs] = times.map(median);
      return [
        handler.name,
        String(code.length),
        String(floor.length),
        (code.length / floor.length).toFixed(2),
        (ms ?? 0).toFixed(1),
        (floorMs ?? 0).toFixed(1),
        ((ms ?? 0) / (floorMs ?? 1)).toFixed(2),
        [
          ...clients.map((client) => client.replace('@aws-sdk/client-', '')),
          ...drivers,
          ...Object.entries(files).map(([file, from]) => `beside it ${file} (${statSync(from).size} bytes)`),
        ].join(', '),
      ];
    });
    return {
      title:
        'Handlers: bytes (minified) and import time (ms, median), beside a bundle of the same clients and driver alone',
      head: ['function', 'bytes', 'floor', 'ratio', 'import', 'floor', 'ratio', 'clients and drivers'],
      rows,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As it is uploaded: with the example's inventory and policies, so that the broker opens and warms what it would. */
function write(
  folder: string,
  name: string,
  code: Uint8Array,
  files: Readonly<Record<string, string>>,
): string {
  const path = join(folder, name);
  mkdirSync(path);
  writeFileSync(join(path, 'index.mjs'), code);
  for (const [file, from] of Object.entries(files)) copyFileSync(from, join(path, file));
  writeFileSync(join(path, 'inventory.json'), INVENTORY);
  writeFileSync(join(path, POLICY_FILE), POLICIES);
  return join(path, 'index.mjs');
}

const INVENTORY = theInventory();
const POLICIES = thePolicies();

function theInventory(): string {
  const { inventory } = resolveInventory(example, 'staging');
  if (!inventory) throw new Error('the example has problems');
  return serializeInventory(inventory);
}

function thePolicies(): string {
  const folder = join(import.meta.dirname, '..', 'policies');
  const schema = readFileSync(join(folder, SCHEMA_FILE), 'utf8');
  const { bundle } = readPolicies(policyFilesIn(folder), schema);
  if (!bundle) throw new Error('the policies have problems');
  return serializePolicyBundle(bundle);
}

/** Every variable that any function reads, in the form that it has to have. */
const environment: Readonly<Record<string, string>> = Object.fromEntries(
  Object.values(FUNCTION_ENVIRONMENTS).flatMap((shape) =>
    Object.entries<string>(shape).map(([name, kind]) => [name, sample(kind)] as const),
  ),
);

function sample(kind: string): string {
  switch (kind) {
    case 'arn':
      return 'arn:aws:kms:eu-central-1:000000000000:key/bench';
    case 'url':
      return 'https://bench.invalid/';
    case 'whole-number':
      return '60';
    case 'mark':
      return deploymentMark('bench');
    case 'json':
      return '{"urlPrefix":"https://bench.invalid/","arnPrefix":"arn:aws:sqs:","handlers":[]}';
    default:
      return 'bench';
  }
}

function importMs(path: string): number {
  const program = `const t=performance.now();await import(${JSON.stringify(path)});process.stdout.write(String(performance.now()-t))`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...environment, PATH: process.env['PATH'] ?? '', AWS_REGION: 'eu-central-1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return Number(said.toString());
}
