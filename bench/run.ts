/** `npm run bench`: runs every benchmark and writes bench/results.md. Takes some minutes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { handlerBundles } from './handler-bundles.bench.ts';
import { leaseStorm } from './lease-storm.bench.ts';
import { policyDecision } from './policy-decision.bench.ts';
import { postgresLeases } from './postgres-leases.bench.ts';
import { proxyLatency } from './proxy-latency.bench.ts';
import { machine, markdown, type Table } from './results.ts';
import { rotationSteps } from './rotation-steps.bench.ts';
import { runtimeMemory } from './runtime-memory.bench.ts';

const progress = (what: string): void => void process.stderr.write(`\r\u001b[K${what}`);

const tables: Table[] = [];
for (const bench of [
  rotationSteps,
  postgresLeases,
  leaseStorm,
  policyDecision,
  proxyLatency,
  handlerBundles,
  runtimeMemory,
])
  tables.push(await bench(progress));
progress('');
const text = [
  '# What it costs',
  '',
  `Measured on ${machine()}, on ${new Date().toISOString().slice(0, 10)}, with \`npm run bench\`. Times are of that machine and`,
  'its load; read them beside each other. Counts and bytes are the same everywhere.',
  '',
  ...tables.map(markdown),
].join('\n');
writeFileSync(join(import.meta.dirname, 'results.md'), text);
process.stdout.write(text);
process.exit();
