import { LockstepError } from '../core/errors.ts';
import type { StepRequest, TargetCommand, TargetCommandName, TargetCommands } from '../core/ports/targets.ts';
import { STEPS, type StepName } from '../core/rotation/rotation.ts';
import { anyRecord, fit, listOf, oneOf, optional, record, text, type Check } from './check.ts';

/** What a target function is invoked with: a step by Secrets Manager, or a command by one of ours. */
export type TargetRequest =
  | { readonly is: 'step'; readonly step: StepRequest }
  | { readonly is: 'command'; readonly command: TargetCommand };

/** The step in Secrets Manager's templates is `createSecret`, in a page of its guide `create_secret`: both are taken, in any case. */
const stepName: Check<StepName> = (value, path) => {
  const plain = (name: string): string => name.replaceAll('_', '').toLowerCase();
  const found = typeof value === 'string' ? STEPS.find((step) => plain(step) === plain(value)) : undefined;
  return found ?? oneOf(...STEPS)(value, path);
};

const rotationEvent = record<{
  readonly Step: StepName;
  readonly SecretId: string;
  readonly ClientRequestToken: string;
  readonly RotationToken?: string;
}>({ Step: stepName, SecretId: text, ClientRequestToken: text, RotationToken: optional(text) });

const rotation = { rotation: text };

const COMMANDS: { readonly [C in TargetCommandName]: Check<TargetCommands[C]['asks']> } = {
  prove: record<TargetCommands['prove']['asks']>({ version: optional(text) }),
  'issue-first': record({ token: text }),
  observe: record(rotation),
  expect: record<TargetCommands['expect']['asks']>({
    ...rotation,
    id: text,
    version: text,
    change: oneOf('promoted', 'unadopted', 'rolled-back', 'disabled'),
    dependents: listOf(text),
  }),
  disable: record(rotation),
  enable: record(rotation),
  revoke: record(rotation),
  restore: record(rotation),
  'probe-pending': record(rotation),
  'clean-up': record(rotation),
  'list-ours': record({}),
  'revoke-orphan': record({ key: text, token: text }),
  'strip-pending': record({ version: text }),
  'stop-all': record({ cause: oneOf('cadence', 'operator', 'deploy', 'leak', 'breach', 'backstop') }),
};

const commandHead = record<{ readonly do: TargetCommandName; readonly credential: string }>({
  do: oneOf(...(Object.keys(COMMANDS) as TargetCommandName[])),
  credential: text,
});

/** Tells steps from commands and checks either. Throws `MALFORMED_REQUEST`, which quotes nothing: a step carries a rotation token. */
export function parseTargetRequest(value: unknown): TargetRequest {
  const fields = fit(anyRecord, value, 'MALFORMED_REQUEST', 'what a target function is invoked with');
  if ('Step' in fields) return { is: 'step', step: stepOf(fields) };
  if (!('do' in fields)) {
    throw new LockstepError(
      'MALFORMED_REQUEST',
      'a target function is invoked with a rotation step or a command; this is neither',
    );
  }
  const head = fit(commandHead, fields, 'MALFORMED_REQUEST', 'a command to a target function');
  const asks: Check<TargetCommands[TargetCommandName]['asks']> = COMMANDS[head.do];
  // The compiler cannot follow that name and fields belong together; the table has made sure of it.
  const command = {
    ...head,
    ...fit(asks, fields, 'MALFORMED_REQUEST', `the command ${head.do}`),
  } as TargetCommand;
  return { is: 'command', command };
}

function stepOf(fields: Readonly<Record<string, unknown>>): StepRequest {
  const { Step, SecretId, ClientRequestToken, RotationToken } = fit(
    rotationEvent,
    fields,
    'MALFORMED_REQUEST',
    'a rotation step',
  );
  return {
    step: Step,
    secretId: SecretId,
    token: ClientRequestToken,
    ...(RotationToken === undefined ? {} : { rotationToken: RotationToken }),
  };
}
