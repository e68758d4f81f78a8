/** `lockstep`: the command line, on this process's own streams. */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { realPause } from '../client/access/pause.ts';
import { systemClock, systemNewId, systemRandomBytes } from '../lambdas/adapters/system/system.ts';
import { connect } from './connect.ts';
import { nodeTerminal } from './input/node-terminal.ts';
import { readMetrics } from './read-metrics.ts';
import { runProgram, stopping } from './run-program.ts';
import { run } from './run.ts';
import { loadWorkspace } from '../lambdas/contracts/inventory/load-workspace.ts';

/** Runs this process's command line and ends the process. */
export async function main(): Promise<void> {
  const { stdin, stdout, stderr, env } = process;
  // The SDK warns on standard error, where programs read our errors as JSON. What Node we need is in package.json.
  env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  // Whoever reads our output may stop reading (head, less): that is no failure of ours.
  stdout.on('error', () => process.exit(0));

  const code = await run(process.argv.slice(2), {
    output: {
      write: (text) => void stdout.write(text),
      isTerminal: stdout.isTTY,
      columns: stdout.columns,
    },
    errors: { write: (text) => void stderr.write(text), isTerminal: stderr.isTTY },
    terminal: nodeTerminal({ input: stdin, messages: stderr }),
    variables: { NO_COLOR: env['NO_COLOR'], TERM: env['TERM'] },
    workingFolder: process.cwd(),
    version: packageVersion(),
    clock: systemClock,
    newId: systemNewId,
    connect: (place) => connect({ operator: operatorName(), newId: systemNewId, loadWorkspace }, place),
    loadWorkspace,
    readMetrics,
    serving: {
      environment: env,
      streams: { input: stdin, output: stdout },
      // Loaded then: signatures and tokens take their time.
      openAccess: async (place) => (await import('./connection/access-place.ts')).openAccess(place),
      runProgram,
      stopping,
      randomBytes: systemRandomBytes,
      elapsed: () => performance.now(),
      pause: realPause,
    },
  });
  // A store or a socket that is slow to close must not keep a shell waiting; everything has been written by then.
  stdout.write('', () => process.exit(code));
}

function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

/** The user's name, for the record of orders on this machine: who may give them is decided by the socket's mode. */
function operatorName(): string {
  try {
    return (
      userInfo()
        .username.replaceAll(/[^\w.@-]/g, '-')
        .slice(0, 64) || 'unknown'
    );
  } catch {
    // A container may run under a number that no name belongs to.
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
