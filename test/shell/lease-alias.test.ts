import { expect, it } from 'vitest';
import { PROVE_ALIAS } from '../../lambdas/contracts/lease-request.ts';
import type { LeaseCommandName } from '../../lambdas/core/ports/lease-functions.ts';
import { assertAllowedBy } from '../../lambdas/shell/lease-alias.ts';

const ARN = 'arn:aws:lambda:eu-central-1:111111111111:function:lockstep-staging-lease-postgres';
const COMMANDS: readonly LeaseCommandName[] = [
  'issue',
  'renew',
  'end',
  'is-refused',
  'list-ours',
  'prove-authority',
];

it.each(COMMANDS)('%s is done for whoever may invoke the function itself', (command) => {
  expect(() => assertAllowedBy(ARN, command)).not.toThrow();
});

it('by the alias of those who supply a value, that value is proved', () => {
  expect(() => assertAllowedBy(`${ARN}:${PROVE_ALIAS}`, 'prove-authority')).not.toThrow();
});

it.each(COMMANDS.filter((command) => command !== 'prove-authority'))(
  'by the alias of those who supply a value, %s is not done',
  (command) => {
    expect(() => assertAllowedBy(`${ARN}:${PROVE_ALIAS}`, command)).toThrow(
      expect.objectContaining({ code: 'NOT_SUPPORTED' }),
    );
  },
);

it.each(['live', '1', '$LATEST', ''])('by the qualifier "%s" nothing is done', (qualifier) => {
  for (const command of COMMANDS)
    expect(() => assertAllowedBy(`${ARN}:${qualifier}`, command)).toThrow(
      expect.objectContaining({ code: 'NOT_SUPPORTED' }),
    );
});
