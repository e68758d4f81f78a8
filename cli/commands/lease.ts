import type { AccessReplies } from '../../client/access/access-connection.ts';
import { HeldLease } from '../../client/access/held-lease.ts';
import type { HolderPorts, LeaseOrder, WaitingRequest } from '../../client/access/lease-order.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { instant } from '../../lambdas/core/time.ts';
import { withAccessOptions, type AccessOptions } from '../access-options.ts';
import { askBroker, openBroker } from '../ask-broker.ts';
import { demandNoTerminal } from '../demand-no-terminal.ts';
import { examples, secondsOf, type DefineCommand, type Work } from '../command-tools.ts';
import { EXIT } from '../exit-codes.ts';
import type { Invocation } from '../invocation.ts';
import { leaseText } from '../output/lease-text.ts';
import { plainText } from '../output/plain-text.ts';
import { newsText } from '../output/proxy-text.ts';
import { momentText } from '../output/time-words.ts';
import { askerWords, optionWords, shellText } from '../shell-text.ts';
import { withoutAwsLogin } from '../without-aws-login.ts';

interface LeaseOptions extends AccessOptions {
  readonly purpose?: string;
  readonly ttl?: number;
  readonly breakGlass?: string;
  readonly approval?: string;
  readonly request?: string;
  readonly show?: boolean;
}

/** `lockstep lease`. */
export const defineLease: DefineCommand = (parent, act) => {
  withAccessOptions(parent.command('lease'))
    .summary('a credential for minutes: its value, once, to a pipe')
    .description(
      'Asks for a lease and writes its value to standard output, once: nobody keeps it, and nobody can ask for it again. It goes ' +
        'to a pipe or a program, not to a terminal, unless --show says that it should. Where policy wants other people to agree, ' +
        'it says so, with the words to ask again once they have. A program behind -- is given the value on its standard input; ' +
        'the lease is renewed for it for as long as it can be, and given back when it ends.',
    )
    .argument('<leasable>', 'what is leased: a name of leases in lockstep.config.ts')
    .argument('[program...]', 'behind --: a program that reads the value, and its words')
    .option('--purpose <name>', 'what for (default: what the inventory binds)')
    .option('--ttl <duration>', 'how long: 90s, 15m or 1h (default: what the inventory says)', secondsOf)
    .option(
      '--break-glass <reason>',
      'without the approvals that policy wants: pages on-call, and is reviewed',
    )
    .option('--approval <id>', 'with --request: the approval of exactly that request')
    .option('--request <id>', 'with --approval: the request that was approved')
    .option('--show', 'write the value to the terminal')
    .addHelpText(
      'after',
      examples(
        ['lockstep lease vector-reader --as research-agent | wc -c', 'the value goes to a program'],
        ['lockstep lease vector-reader --as research-agent -- wc -c', 'and the lease ends with it'],
        [
          "lockstep lease vector-owner --as role:on-call --break-glass 'INC-123' -- wc -c",
          'nobody has to agree first',
        ],
      ),
    )
    .action(act(lease));
};

const lease: Work<LeaseOptions> = async (invocation, leasable = '', ...behind) => {
  const program = behind.flat().map(String);
  // Before anything is asked: a lease whose value nobody is shown would only have to be ended.
  if (program.length === 0) demandNoTerminal(invocation, 'nothing was leased');
  const { purpose, ttl, approval, request, breakGlass } = invocation.options;
  if ((approval === undefined) !== (request === undefined))
    throw new LockstepError(
      'COMMAND_INVALID',
      'an approval is for one request: give --approval and --request together, as they were printed',
    );
  const order = {
    leasable,
    ...(purpose === undefined ? {} : { purpose }),
    ...(ttl === undefined ? {} : { ttlSeconds: ttl }),
    ...(breakGlass === undefined ? {} : { breakGlass }),
  };
  const waiting = request === undefined || approval === undefined ? {} : { requestId: request, approval };
  if (program.length > 0) return runWith(invocation, order, waiting, program);
  const requestId = waiting.requestId ?? invocation.surroundings.newId();
  const reply = await askBroker(invocation, 'lease', { ...order, ...waiting, requestId });
  return reply.status === 'issued'
    ? handOver(invocation, reply)
    : tellWaiting(invocation, leasable, { ...reply, requestId }, program);
};

/** Runs a program on a lease that is held for it. */
async function runWith(
  invocation: Invocation<LeaseOptions>,
  order: LeaseOrder,
  { requestId, approval }: Partial<Pick<WaitingRequest, 'requestId' | 'approval'>>,
  program: readonly string[],
): Promise<number> {
  const [command = '', ...words] = program;
  const { serving, clock, newId } = invocation.surroundings;
  const ports = {
    access: await openBroker(invocation),
    clock,
    newId,
    elapsed: serving.elapsed,
    pause: serving.pause,
    tell: (news) => invocation.remark(newsText(news)),
  } satisfies HolderPorts;
  const asked =
    requestId === undefined || approval === undefined
      ? undefined
      : { requestId, approval, expiresAt: instant(clock()) };
  const held = await HeldLease.take(order, ports, asked, 'as-it-is');
  if (!(held instanceof HeldLease)) return tellWaiting(invocation, order.leasable, held, program);
  try {
    // Inside of one use: a lease that has a successor meanwhile is not given back before the program has ended.
    return await held.use(({ value }) =>
      serving.runProgram({
        command,
        words,
        environment: withoutAwsLogin(serving.environment),
        input: value,
      }),
    );
  } finally {
    await held.release();
  }
}

type Issued = Extract<AccessReplies['lease'], { readonly status: 'issued' }>;

function handOver(invocation: Invocation<LeaseOptions>, { lease: view, egress, value }: Issued): number {
  const now = invocation.surroundings.clock().toISOString();
  invocation.remark(leaseText(view, now));
  // The one place where a value is written: somebody has asked for exactly this, and it crosses to them here.
  return invocation.answer({ lease: view, egress, value: value.reveal() }, () => value.reveal());
}

function tellWaiting(
  invocation: Invocation<LeaseOptions>,
  leasable: string,
  { requestId: request, approval, expiresAt }: WaitingRequest,
  program: readonly string[],
): number {
  const { options, surroundings } = invocation;
  const { purpose, ttl, stage } = options;
  const again = [
    ['lockstep', 'lease', leasable],
    optionWords({ purpose, ttl: ttl === undefined ? undefined : `${ttl}s`, request, approval }),
    askerWords(options),
    program.length === 0 ? [] : ['--', ...program],
  ].flat();
  const approve = ['lockstep', 'approve', approval, ...optionWords({ stage })];
  invocation.remark(
    `other people have to agree until ${momentText(expiresAt, surroundings.clock().toISOString())}: ` +
      `${plainText(shellText(approve))} --reason '…'`,
  );
  invocation.remark(`  then: ${plainText(shellText(again))}`);
  // Standard output is for the value alone, but for a program that asked for JSON.
  if (invocation.options.json)
    invocation.answer({ status: 'approval-needed', approval, request, expiresAt }, () => '');
  return EXIT.refused;
}
