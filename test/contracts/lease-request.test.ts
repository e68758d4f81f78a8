import { describe, expect, it } from 'vitest';
import {
  leaseAnswer,
  leaseRequestText,
  parseLeaseAnswer,
  parseLeaseRequest,
} from '../../lambdas/contracts/lease-request.ts';
import { isLockstepError } from '../../lambdas/core/errors.ts';
import type {
  LeaseCommand,
  LeaseCommandName,
  LeaseCommands,
} from '../../lambdas/core/ports/lease-functions.ts';
import { Secret } from '../../lambdas/core/secret.ts';

const lease = '0123456789abcdefghjkmnpqrs';
const at = '2026-11-24T09:00:00.000Z';
const issue = {
  do: 'issue',
  leasable: 'store',
  lease,
  fence: 1,
  holder: 'workload:rag-api',
  purpose: 'answer',
  expiresAt: at,
  notAfter: at,
} as const;

const COMMANDS: readonly LeaseCommand[] = [
  issue,
  { do: 'renew', leasable: 'store', lease, fence: 2, expiresAt: at },
  { do: 'end', leasable: 'store', lease, fence: 3 },
  { do: 'is-refused', leasable: 'store', lease, fence: 3 },
  { do: 'list-ours', leasable: 'store' },
  { do: 'list-ours', leasable: 'store', after: 'x' },
  { do: 'prove-authority', leasable: 'store', version: 'v' },
  { do: 'prove-authority', leasable: 'store' },
];

const ANSWERS: { readonly [C in LeaseCommandName]: LeaseCommands[C]['answers'] } = {
  issue: { key: 'lockstep_l_x', value: new Secret('{"password":"not-a-real-one"}'), expiresAt: at },
  renew: {},
  end: { refused: 'refused' },
  'is-refused': { refused: 'accepted' },
  'list-ours': {
    leases: [{ key: 'k', leaseId: lease, expiresAt: at }, { key: 'k2' }],
    next: 'k2',
    others: ['5hm4rk0b'],
  },
  'prove-authority': { works: true },
};

const sent = (command: LeaseCommand): unknown => JSON.parse(leaseRequestText(command));

/** What a parser says of something that it does not take. */
function refusalOf(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    return isLockstepError(error) ? `${error.code} ${error.message}` : 'foreign';
  }
  return 'taken';
}

describe('a command to a lease function', () => {
  it.each(COMMANDS)('arrives as it was sent: $do', (command) => {
    expect(parseLeaseRequest(sent(command))).toEqual(command);
  });

  it('takes the token of its holder along, whole, and it is a secret again on the other side', () => {
    const arrived = parseLeaseRequest(sent({ ...issue, proof: new Secret(`e.${'y'.repeat(5000)}`) }));
    expect(arrived).toMatchObject({ do: 'issue', proof: expect.any(Secret) as unknown });
    expect('proof' in arrived && arrived.proof?.reveal()).toBe(`e.${'y'.repeat(5000)}`);
    expect(JSON.stringify(arrived)).not.toContain('yyy');
  });

  it.each([
    ['nothing', undefined],
    ['a text', 'issue'],
    ['another command', { ...issue, do: 'revoke' }],
    ['a command of an object’s own', { ...issue, do: 'constructor' }],
    ['no leasable', { ...issue, leasable: '' }],
    ['an id that would leave its quotes', { ...issue, lease: '"; DROP ROLE postgres; --' }],
    ['an id with a letter that is not in the alphabet', { ...issue, lease: 'l123456789abcdefghjkmnpqrs' }],
    ['an id in capitals', { ...issue, lease: lease.toUpperCase() }],
    ['an id that goes on', { ...issue, lease: `${lease}\n` }],
    ['a fence that is half', { ...issue, fence: 1.5 }],
    ['a fence below all', { ...issue, fence: -1 }],
    ['a fence that is a text', { ...issue, fence: '7' }],
    ['a time that is none', { ...issue, expiresAt: 'soon' }],
    ['no time to make it', { ...issue, notAfter: undefined }],
    ['a token that is none', { ...issue, proof: { canary: 'canary' } }],
    ['a token beyond all tokens', { ...issue, proof: 'canary'.repeat(20_000) }],
  ])('is refused without being quoted: %s', (_, given) => {
    const refusal = refusalOf(() => parseLeaseRequest(given));
    expect(refusal).toMatch(/^MALFORMED_REQUEST /);
    expect(refusal).not.toMatch(/canary|DROP/);
  });

  it('has no field that nobody declared', () => {
    expect(parseLeaseRequest({ ...issue, canary: 'x', authority: 'another' })).toEqual(issue);
  });
});

describe('the answer of a lease function', () => {
  const all = Object.entries(ANSWERS) as [LeaseCommandName, (typeof ANSWERS)[LeaseCommandName]][];
  const back = (answer: (typeof ANSWERS)[LeaseCommandName]): unknown =>
    JSON.parse(JSON.stringify(leaseAnswer(answer)));

  it.each(all)('comes back as it was given: %s', (command, answer) => {
    expect(parseLeaseAnswer(command, back(answer))).toEqual(answer);
  });

  it('hands a value over, and it is a secret again on the other side', () => {
    const { value } = parseLeaseAnswer('issue', back(ANSWERS.issue));
    expect(value.reveal()).toBe('{"password":"not-a-real-one"}');
    expect(JSON.stringify({ value })).not.toContain('not-a-real-one');
  });

  it.each([
    ['issue', {}],
    ['issue', { key: 'k' }],
    ['issue', { key: 'k', value: { canary: 1 } }],
    ['renew', null],
    ['end', { refused: 'canary' }],
    ['end', { state: 'refused' }],
    ['is-refused', { refused: 'canary' }],
    ['list-ours', { leases: [{ leaseId: lease }], others: [] }],
    ['list-ours', { leases: [{ key: 'k', leaseId: 'canary' }], others: [] }],
    ['list-ours', { leases: [], others: [{ canary: 1 }] }],
    ['list-ours', { leases: [] }],
    ['prove-authority', { works: false }],
    ['prove-authority', {}],
  ] as const)('in another form is not acted on: %s %j', (command, answer) => {
    const refusal = refusalOf(() => parseLeaseAnswer(command, answer));
    expect(refusal).toMatch(/^TARGET_UNREACHABLE /);
    expect(refusal).not.toContain('canary');
  });
});
