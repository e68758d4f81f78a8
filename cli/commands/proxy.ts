import { isLockstepError, LockstepError } from '../../lambdas/core/errors.ts';
import { takeLeases } from '../../client/access/take-leases.ts';
import type { PassFiles } from '../../client/proxy/pass-files.ts';
import { withAccessOptions } from '../access-options.ts';
import { examples, secondsOf, type DefineCommand } from '../command-tools.ts';
import { EXIT } from '../exit-codes.ts';
import type { Invocation } from '../invocation.ts';
import { openProxy, withProxyOptions, type OpenedProxy, type ProxyOptions } from '../open-proxy.ts';
import { untilAborted } from '../until-aborted.ts';
import { withoutAwsLogin } from '../without-aws-login.ts';

interface ProxyCommand extends ProxyOptions {
  readonly purpose?: string;
  readonly ttl?: number;
  readonly breakGlass?: string;
}

/** `lockstep proxy`. */
export const defineProxy: DefineCommand = (parent, act) => {
  withProxyOptions(withAccessOptions(parent.command('proxy')))
    .summary('a local proxy that puts leased credentials into requests')
    .description(
      'Takes leases, holds them alive, and opens a proxy on this machine that puts their credentials into requests to the ' +
        'hosts that the inventory allows. A program behind -- is started with the settings to use it, and ends it; without ' +
        'one the settings lie in a file, until Ctrl-C. The program never sees a key.',
    )
    .argument('<leasables>', 'what is leased: a name, or several with commas between them')
    .argument('[program...]', 'behind --: a program and its words')
    .option('--purpose <name>', 'what for (default: what the inventory binds)')
    .option('--ttl <duration>', 'how long a lease lasts before it is renewed: 90s, 15m or 1h', secondsOf)
    .option(
      '--break-glass <reason>',
      'without the approvals that policy wants: pages on-call, and is reviewed',
    )
    .addHelpText(
      'after',
      examples(
        ['lockstep proxy model-session --as research-agent -- node agent.js', 'a program that gets no key'],
        ['lockstep proxy model-session --as research-agent', 'until Ctrl-C, with the settings in a file'],
        [
          'lockstep proxy model-session --broker https://… -- ./agent',
          'by the broker of an environment on AWS',
        ],
      ),
    )
    .action(
      act<ProxyCommand>(async (invocation, leasables = '', ...program) => {
        const opened = await openProxy(invocation);
        try {
          return await serve(invocation, opened, leasables.split(','), program.flat().map(String));
        } finally {
          await opened.proxy.stop();
        }
      }),
    );
};

async function serve(
  invocation: Invocation<ProxyCommand>,
  { proxy, ports, stop }: OpenedProxy,
  leasables: readonly string[],
  [command, ...words]: readonly string[],
): Promise<number> {
  const { serving } = invocation.surroundings;
  const { purpose, ttl, breakGlass } = invocation.options;
  const how = {
    ...(purpose === undefined ? {} : { purpose }),
    ...(ttl === undefined ? {} : { ttlSeconds: ttl }),
    ...(breakGlass === undefined ? {} : { breakGlass }),
  };
  const leases = await takeLeases(
    leasables.map((leasable) => ({ leasable, through: 'proxy' as const, ...how })),
    ports,
    stop,
  ).catch(sayInstead);
  const { servePass } = await import('../../client/proxy/served-pass.ts');
  const served = await servePass(proxy, leases, serving.environment);
  try {
    const { files } = served;
    if (command !== undefined)
      return await serving.runProgram({
        command,
        words,
        environment: { ...withoutAwsLogin(serving.environment), ...files.settings },
      });
    say(
      invocation,
      proxy.port,
      files,
      leases.map(({ view }) => view),
    );
    await untilAborted(stop);
    return EXIT.done;
  } finally {
    await served.close();
  }
}

/** What people can do with what has no place. An agent is told the broker's words alone: values are not for it. */
function sayInstead(error: unknown): never {
  if (!isLockstepError(error, 'COMMAND_INVALID')) throw error;
  const instead = 'for a database run: lockstep lease <leasable> -- <command>';
  throw new LockstepError('COMMAND_INVALID', `${error.message}; ${instead}`, { cause: error });
}

/** Where the settings are. The secret of the pass is in that file and is not shown. */
const say = (
  invocation: Invocation,
  port: number,
  { settingsFile: settings, authorityFile: authority }: PassFiles,
  leases: readonly object[],
): number =>
  invocation.answer(
    { port, settings, authority, leases },
    () =>
      `The proxy listens on 127.0.0.1:${port} until Ctrl-C. A program uses it after: set -a; . '${settings}'`,
  );
