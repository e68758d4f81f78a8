import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Workspace } from '../../../lambdas/contracts/inventory/index.ts';
import { PRINCIPALS, type PrincipalName } from './bed-principals.ts';
import { BED_ENVIRONMENT } from './bed-workspace.ts';
import { openTlsFront } from './tls-front.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** What a command came to. */
export interface CommandRun {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** The command line as a process of its own, which finds AWS's names on the bed. */
export interface BedCli {
  readonly run: (as: PrincipalName, ...args: readonly string[]) => Promise<CommandRun>;
  close(): Promise<void>;
}

/** What stands behind the URLs of functions, and the way to everything else of AWS. */
interface CliWays {
  readonly folder: string;
  readonly proxyUrl: string;
  readonly workspace: Workspace;
  readonly door: { readonly port: number; readonly hosts: readonly string[] };
}

/** Opens it: function URLs are reached by TLS at their own names, as on AWS. */
export async function openCli({ folder, proxyUrl, workspace: declared, door }: CliWays): Promise<BedCli> {
  const front = await openTlsFront(door.hosts, () => door.port);
  const trust = join(folder, 'trust-of-urls.pem');
  writeFileSync(trust, front.trust);
  const workspace = join(folder, 'workspace');
  mkdirSync(workspace);
  writeFileSync(join(workspace, 'package.json'), '{ "type": "module" }\n');
  writeFileSync(join(workspace, 'lockstep.config.ts'), `export default ${JSON.stringify(declared)};\n`);
  const ports = Object.fromEntries(door.hosts.map((host) => [`${host}:443`, front.port]));
  const variables = {
    PATH: process.env['PATH'],
    AWS_ENDPOINT_URL: proxyUrl,
    NODE_EXTRA_CA_CERTS: trust,
    LOCKSTEP_BED_PORTS: JSON.stringify(ports),
    NODE_OPTIONS: `--require ${join(import.meta.dirname, 'bed-names.cjs')}`,
    NODE_NO_WARNINGS: '1',
  };
  return {
    run: async (as, ...args) => {
      const { accessKeyId, secretAccessKey } = PRINCIPALS[as];
      const command = [join(ROOT, 'cli', 'lockstep.mjs'), ...args, '--stage', BED_ENVIRONMENT];
      const child = spawn(process.execPath, command, {
        cwd: workspace,
        env: { ...variables, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const [output, errors]: [string[], string[]] = [[], []];
      child.stdout.on('data', (part) => output.push(String(part)));
      child.stderr.on('data', (part) => errors.push(String(part)));
      const [code] = (await once(child, 'close')) as [number | null];
      return { code, output: output.join(''), errors: errors.join('') };
    },
    close: () => front.close(),
  };
}
