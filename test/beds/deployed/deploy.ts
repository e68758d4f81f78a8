import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { BED_ACCOUNT, BED_REGION } from '../launch/ministack.ts';
import { BedError } from '../launch/bed-error.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** How long each part took, in milliseconds. */
export interface DeployTimes {
  readonly bootstrap: number;
  readonly deploy: number;
}

/** Bootstraps the bed and deploys every stack of an assembly onto it, with the pinned toolkit. */
export async function deployOnto(url: string, assembly: string, environment: string): Promise<DeployTimes> {
  const started = performance.now();
  await cdk(url, assembly, ['bootstrap', `aws://${BED_ACCOUNT}/${BED_REGION}`]);
  const bootstrapped = performance.now();
  await cdk(url, assembly, ['deploy', `${environment}/*`, '--require-approval', 'never']);
  return { bootstrap: bootstrapped - started, deploy: performance.now() - bootstrapped };
}

async function cdk(url: string, assembly: string, args: readonly string[]): Promise<void> {
  const program = join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  const child = spawn(process.execPath, [program, ...args, '--app', assembly, '--no-notices'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...bedCredentials(url), CDK_DISABLE_CLI_TELEMETRY: 'true' },
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => said.push(String(part)));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return;
  const last = said.join('').trimEnd().split('\n').slice(-15).join('\n');
  throw new BedError(1, `cdk ${args[0]} onto the bed failed; its last lines:\n${last}`);
}

/** What makes any tool or client of AWS talk to the bed. */
export const bedCredentials = (url: string): Readonly<Record<string, string>> => ({
  AWS_ENDPOINT_URL: url,
  AWS_ENDPOINT_URL_S3: url,
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: BED_REGION,
});
