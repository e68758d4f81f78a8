import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Secret } from '../../../lambdas/core/secret.ts';
import type { Workspace } from '../../../lambdas/contracts/inventory/index.ts';
import { PRINCIPALS, type PrincipalName } from './bed-principals.ts';
import { BED_ENVIRONMENT } from './bed-workspace.ts';
import { RunningCommand, type CommandRun } from './running-command.ts';
import { openTlsFront } from './tls-front.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** The command line as a process of its own, which finds AWS's names on the bed. */
export interface BedCli {
  readonly run: (as: PrincipalName, ...args: readonly string[]) => Promise<CommandRun>;
  /** The same, with something on its standard input. */
  readonly feed: (input: Secret, as: PrincipalName, ...args: readonly string[]) => Promise<CommandRun>;
  /** Starts one that goes on until it is told to end. `beside` are variables that it gets besides. */
  readonly start: (
    beside: Readonly<Record<string, string>>,
    as: PrincipalName,
    command: string,
    ...args: readonly string[]
  ) => RunningCommand;
  /** Asks the broker by a token in a file, without any identity of AWS. */
  readonly runBy: (token: Secret, command: string, ...args: readonly string[]) => Promise<CommandRun>;
  close(): Promise<void>;
}

/** What stands behind the URLs of functions, and the way to everything else of AWS. */
interface CliWays {
  readonly folder: string;
  readonly proxyUrl: string;
  readonly workspace: Workspace;
  /** The ports of function URLs, by their hosts. */
  readonly door: { readonly ports: ReadonlyMap<string, number> };
  /** The broker's URL for tokens, where tokens are taken. */
  readonly brokerUrl?: string;
}

/** Opens it: function URLs are reached by TLS at their own names, as on AWS. */
export async function openCli({
  folder,
  proxyUrl,
  workspace: declared,
  door,
  brokerUrl = '',
}: CliWays): Promise<BedCli> {
  const hosts = [...door.ports.keys()];
  const front = await openTlsFront(hosts, (host) => door.ports.get(host));
  const trust = join(folder, 'trust-of-urls.pem');
  writeFileSync(trust, front.trust);
  const workspace = join(folder, 'workspace');
  mkdirSync(workspace);
  writeFileSync(join(workspace, 'package.json'), '{ "type": "module" }\n');
  writeFileSync(join(workspace, 'lockstep.config.ts'), `export default ${JSON.stringify(declared)};\n`);
  const ports = Object.fromEntries(hosts.map((host) => [`${host}:443`, front.port]));
  const variables = {
    PATH: process.env['PATH'],
    NODE_EXTRA_CA_CERTS: trust,
    LOCKSTEP_BED_PORTS: JSON.stringify(ports),
    NODE_OPTIONS: `--require ${join(import.meta.dirname, 'bed-names.cjs')}`,
    NODE_NO_WARNINGS: '1',
  };
  const started: RunningCommand[] = [];
  const startWith = (environment: Readonly<Record<string, string>>, args: readonly string[]) => {
    const running = new RunningCommand({
      args: [join(ROOT, 'cli', 'lockstep.mjs'), ...args],
      folder: workspace,
      environment: { ...variables, ...environment },
    });
    started.push(running);
    return running;
  };
  const start: BedCli['start'] = (beside, as, command, ...args) => {
    const { accessKeyId, secretAccessKey } = PRINCIPALS[as];
    const identity = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
    const environment = { AWS_ENDPOINT_URL: proxyUrl, ...beside, ...identity };
    return startWith(environment, [command, '--stage', BED_ENVIRONMENT, ...args]);
  };
  return {
    run: (as, command = '', ...args) => start({}, as, command, ...args).feed().run,
    feed: (input, as, command = '', ...args) => start({}, as, command, ...args).feed(input.reveal()).run,
    start: (...how) => start(...how).feed(),
    runBy: async (token, command, ...args) => {
      const file = join(folder, `token-${randomUUID()}`);
      writeFileSync(file, token.reveal(), { mode: 0o600 });
      const way = ['--broker', brokerUrl, '--token-file', file];
      const { run } = startWith({}, [command, ...way, ...args]).feed();
      return run.finally(() => rmSync(file));
    },
    close: async () => {
      await Promise.all(started.map((each) => each.end('SIGKILL')));
      await front.close();
    },
  };
}
