import { beforeEach, describe, expect, it } from 'vitest';
import type { AccessReplies } from '../../client/access/access-connection.ts';
import type { AccessPlace } from '../../cli/connection/access-place.ts';
import { parseAsk, type AccessAsk } from '../../lambdas/contracts/access-requests.ts';
import type { LeaseView } from '../../lambdas/core/access/lease.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { instant } from '../../lambdas/core/time.ts';
import { CommandLine } from './a-command-line.ts';
import { NOW } from './a-connection.ts';

const VALUE = '{"username":"lockstep_l_1","password":"a leased password"}';
const later = (seconds: number) => instant(new Date(Date.parse(NOW) + seconds * 1000));
const LEASE: LeaseView = {
  id: '0123456789abcdefghjkmnpqrs',
  leasable: 'vector-reader',
  kind: 'postgres',
  phase: 'live',
  holder: 'agent:research-agent',
  purpose: 'answer-questions',
  issuedAt: instant(new Date(NOW)),
  expiresAt: later(900),
  longestUntil: later(3600),
  renewals: 0,
  failedEnds: 0,
};

let line: CommandLine;
let asked: AccessAsk[];
let places: AccessPlace[];
let reply: AccessReplies[AccessAsk['ask']] | LockstepError;
beforeEach(() => {
  [line, asked, places] = [new CommandLine(), [], []];
  reply = new LockstepError('POLICY_DENIED', 'the test has planned no answer');
  line.serving = {
    openAccess: async (place) => {
      places.push(place);
      return {
        ask: async (ask, asks) => {
          // Held to the contract, as the broker holds it.
          asked.push(parseAsk(JSON.parse(JSON.stringify({ ask, ...asks }))));
          if (reply instanceof LockstepError) throw reply;
          return reply as AccessReplies[typeof ask];
        },
      };
    },
  };
});

const issued = (): AccessReplies['lease'] => ({
  status: 'issued',
  lease: LEASE,
  value: new Secret(VALUE),
  egress: [],
});

describe('lockstep lease', () => {
  it('writes the value to a pipe, once and alone, and the rest beside it', async () => {
    reply = issued();
    expect(
      await line.run('lease vector-reader --as research-agent --purpose answer-questions --ttl 900'),
    ).toBe(0);
    expect(line.output).toBe(`${VALUE}\n`);
    expect(line.errors).toContain(`lease ${LEASE.id} of vector-reader for answer-questions`);
    expect(line.errors).not.toContain('password');
    expect(places).toEqual([{ by: 'identity', folder: '/workspace', as: 'research-agent' }]);
    expect(asked).toEqual([
      {
        ask: 'lease',
        leasable: 'vector-reader',
        requestId: 'an-id',
        purpose: 'answer-questions',
        ttlSeconds: 900,
      },
    ]);
  });

  it('leases nothing where the value would stay on a terminal, unless that is meant', async () => {
    reply = issued();
    line.isTerminal = true;
    expect(await line.run('lease vector-reader --as research-agent')).toBe(2);
    expect(await line.run('lease vector-reader --as research-agent --json')).toBe(2);
    expect([asked, line.said.includes('password')]).toEqual([[], false]);
    expect(await line.run('lease vector-reader --as research-agent --show')).toBe(0);
    expect(line.output).toContain(VALUE);
  });

  it('gives a program the lease and its value', async () => {
    reply = issued();
    expect(await line.run('lease vector-reader --as research-agent --json')).toBe(0);
    expect(line.json).toMatchObject({ lease: { id: LEASE.id }, egress: [], value: VALUE });
    expect(line.errors).toBe('');
  });
});

describe('lockstep lease, where others have a say', () => {
  it('says what to do where other people have to agree, and writes nothing in place of a value', async () => {
    reply = { status: 'approval-needed', approval: 'a-1', expiresAt: later(600) };
    expect(await line.run('lease vector-owner --as role:on-call')).toBe(1);
    expect(line.output).toBe('');
    expect(line.errors).toContain("lockstep approve a-1 --reason '…'");
    expect(line.errors).toContain(
      'lockstep lease vector-owner --request an-id --approval a-1 --as role:on-call\n',
    );
    expect(await line.run('lease vector-owner --as role:on-call --json')).toBe(1);
    expect(line.json).toMatchObject({ status: 'approval-needed', approval: 'a-1', request: 'an-id' });
  });

  it('says it with all that was given, to be pasted', async () => {
    reply = { status: 'approval-needed', approval: 'a-1', expiresAt: later(600) };
    await line.run('lease vector-owner --stage staging --purpose investigate --ttl 15m');
    expect(line.errors).toContain("lockstep approve a-1 --stage staging --reason '…'\n");
    expect(line.errors).toContain(
      'lockstep lease vector-owner --purpose investigate --ttl 900s --request an-id --approval a-1 --stage staging\n',
    );
    const given = ['--broker=https://b.test', '--token-command', `sh -c 'x "$Y"'`, '--folder=/my work'];
    await line.runWords(['lease', 'vector-owner', ...given, '--', 'psql', '-c', "select 'it'"]);
    expect(line.errors).toContain(
      String.raw`--broker https://b.test --token-command 'sh -c '\''x "$Y"'\''' --folder '/my work' -- psql -c 'select '\''it'\'''` +
        '\n',
    );
  });

  it('asks again for exactly the request that was approved', async () => {
    reply = issued();
    expect(await line.run('lease vector-owner --as role:on-call --request r-1 --approval a-1')).toBe(0);
    expect(asked[0]).toMatchObject({ requestId: 'r-1', approval: 'a-1' });
    expect(await line.run('lease vector-owner --as role:on-call --approval a-1')).toBe(2);
    expect(asked).toHaveLength(1);
  });

  it('breaks the glass for a reason, which is no place for a value', async () => {
    reply = issued();
    expect(await line.run("lease vector-owner --as role:on-call --break-glass 'INC-123'")).toBe(0);
    expect(asked[0]).toMatchObject({ breakGlass: 'INC-123' });
    expect(
      await line.run("lease vector-owner --as role:on-call --break-glass 'sk-fakefakefakefakefake'"),
    ).toBe(2);
    expect([asked.length, line.said.includes('sk-fake')]).toEqual([1, false]);
  });

  it('ends with what the broker refuses with', async () => {
    reply = new LockstepError('LEASE_LIMIT', 'research-agent holds as many as it may', {
      retryAfterSeconds: 30,
    });
    expect(await line.run('lease vector-reader --as research-agent')).toBe(1);
    expect([line.output, line.errors]).toEqual(['', expect.stringContaining('try again in 30 s')]);
  });
});

describe('what becomes of leases', () => {
  it('is renewed, within what is possible', async () => {
    reply = { lease: LEASE };
    expect(await line.run(`renew ${LEASE.id} --as research-agent --ttl 60`)).toBe(0);
    expect(asked).toEqual([{ ask: 'renew', lease: LEASE.id, ttlSeconds: 60 }]);
    expect(line.output).toContain('until 2026-11-24 12:15:00 UTC');
  });

  it.each([
    ['is given back', 'ending', 'released', 'was given back; it is ended at its target next'],
    ['is given back, and refused', 'ended', 'released', 'was given back; its target refuses it'],
    ['was over', 'ended', 'expired', 'was over already (expired, 60 s ago); nothing was given back'],
    ['was ended by others', 'ending', 'revoked', 'was over already (revoked, 60 s ago); nothing was given'],
  ] as const)('%s, and says so', async (_what, phase, why, says) => {
    reply = { lease: { ...LEASE, phase, end: { why, by: 'x', at: later(-60) } } };
    expect(await line.run(`release-lease ${LEASE.id} --as research-agent`)).toBe(0);
    expect(asked).toEqual([{ ask: 'release', lease: LEASE.id }]);
    expect(line.output).toContain(`lease ${LEASE.id} of vector-reader ${says}`);
  });
});

describe('an order to revoke leases', () => {
  it.each([
    ['agent research-agent', { by: 'agent', name: 'research-agent' }],
    ['principal person:ada', { by: 'principal', name: 'person:ada' }],
    ['authority rag-db-leases', { by: 'authority', name: 'rag-db-leases' }],
    ['all', { by: 'all' }],
  ])('ends what it means: by %s', async (words, expected) => {
    reply = { ending: 7, more: true };
    expect(await line.run(`revoke-leases ${words} --as role:on-call --reason 'INC-123'`)).toBe(0);
    expect(asked).toEqual([{ ask: 'revoke', ...expected, reason: 'INC-123' }]);
    expect(line.output).toContain('7 leases were told to end; more follow in the background');
  });

  it('says so where no lease was open', async () => {
    reply = { ending: 0, more: false };
    expect(await line.run("revoke-leases principal person:ada --as role:on-call --reason 'INC-123'")).toBe(0);
    expect(line.output).toContain('No lease is open that this means');
  });

  it.each([
    ["everything --reason 'x'", 'leases are revoked by lease, leasable'],
    ["all vector-reader --reason 'x'", 'leave the name out'],
    ["agent --reason 'x'", 'which agent?'],
    ['all', 'needs a reason'],
    ["all --reason 'sk-fakefakefakefakefake'", 'looks like a secret value'],
  ])('is not sent by half a sentence: %s', async (words, message) => {
    expect(await line.run(`revoke-leases ${words} --as role:on-call`)).toBe(2);
    expect([asked, line.errors]).toEqual([[], expect.stringContaining(message)]);
  });
});

describe('a list of leases', () => {
  it('is shown as a table, with what is owed', async () => {
    const owed: LeaseView = {
      ...LEASE,
      id: '1123456789abcdefghjkmnpqrs',
      phase: 'ending',
      actingFor: 'person:ada',
      end: { why: 'revoked', by: 'person:bob', at: later(-60) },
      failedEnds: 3,
    };
    const place = `leasable%3Avector-reader|1-${owed.id}`;
    reply = { leases: [LEASE, owed], after: place };
    expect(await line.run('leases --as role:on-call --leasable vector-reader')).toBe(0);
    expect(asked).toEqual([{ ask: 'leases', leasable: 'vector-reader' }]);
    expect(line.output).toMatch(/agent:research-agent +answer-questions +live +in 15 min/);
    expect(line.output).toMatch(
      /research-agent for person:ada .* owed: 3 attempts to end it failed +60 s ago/,
    );
    expect(line.output).toContain(
      `lockstep leases --leasable vector-reader --after '${place}' --as role:on-call`,
    );
    expect(await line.run('leases --as role:on-call --json')).toBe(0);
    expect(line.json['leases']).toHaveLength(2);
  });
});

describe('what was taken by breaking the glass', () => {
  const taken = { leasable: 'vector-owner', holder: 'person:ada' };

  it('is shown to who may review it, beside what waits for an approval', async () => {
    reply = {
      approvals: [],
      reviews: [{ ...taken, lease: LEASE.id, reason: 'nobody answers', at: later(-60) }],
    };
    expect(await line.run('approvals --as role:retrieval')).toBe(0);
    expect(line.output).toMatch(/to review +what +taken by.*\n.*vector-owner +person:ada +.*nobody answers/);
  });

  it('is marked among leases', async () => {
    reply = { leases: [{ ...LEASE, breakGlass: { reason: 'nobody answers' } }] };
    expect(await line.run('leases --as role:on-call')).toBe(0);
    expect(line.output).toContain('glass broken, not reviewed');
  });
});

describe('what people decide about leases', () => {
  const APPROVAL = {
    id: 'a-1',
    leasable: 'vector-owner',
    holder: 'person:ada',
    purpose: 'investigate',
    ttlSeconds: 900,
    requestId: 'r-1',
    askedAt: instant(new Date(NOW)),
    expiresAt: later(600),
    approvers: ['on-call', 'retrieval'],
    needed: 2,
    approvedBy: [],
  };

  it('is shown to who may', async () => {
    reply = { approvals: [APPROVAL] };
    expect(await line.run('approvals --as role:retrieval')).toBe(0);
    expect(line.output).toMatch(
      /a-1 +vector-owner +person:ada +investigate +900 +0 of 2 +on-call, retrieval/,
    );
    reply = { approvals: [] };
    await line.run('approvals --as role:retrieval');
    expect(line.output).toBe('Nothing waits for you.\n');
  });

  it('is approved, denied and reviewed, each with words for the audit', async () => {
    reply = { approved: 1, needed: 2 };
    expect(await line.run("approve a-1 --as role:retrieval --reason 'seen with ada'")).toBe(0);
    expect(line.output).toBe('approved by 1 of 2 people\n');
    reply = {};
    expect(await line.run("deny a-1 --as role:retrieval --reason 'no incident'")).toBe(0);
    expect(await line.run(`review ${LEASE.id} --as role:retrieval --note 'right, and short'`)).toBe(0);
    expect(asked).toEqual([
      { ask: 'approve', approval: 'a-1', reason: 'seen with ada' },
      { ask: 'deny', approval: 'a-1', reason: 'no incident' },
      { ask: 'review', lease: LEASE.id, note: 'right, and short' },
    ]);
  });

  it.each([
    'approve a-1 --as role:retrieval',
    'deny a-1 --as role:retrieval',
    `review ${LEASE.id} --as role:retrieval`,
    `review ${LEASE.id} --as role:retrieval --note ''`,
    `review ${LEASE.id} --as role:retrieval --note 'AKIAFAKEFAKEFAKE'`,
  ])('is nothing without them: %s', async (words) => {
    expect(await line.run(words)).toBe(2);
    expect(asked).toEqual([]);
  });
});

describe('lockstep whoami', () => {
  it('says who the broker takes one for', async () => {
    reply = {
      caller: 'agent:research-agent',
      actingFor: 'person:https://idp|ada',
      purposes: ['answer-questions'],
      leasables: [],
      throughProxy: [],
    };
    expect(await line.run('whoami --as research-agent --acting-for /token')).toBe(0);
    expect(places).toEqual([
      { by: 'identity', folder: '/workspace', as: 'research-agent', actingFor: '/token' },
    ]);
    expect(line.output).toBe(
      'agent:research-agent, acting for person:https://idp|ada\npurposes: answer-questions\ncould lease: nothing\n',
    );
    reply = { ...reply, byBreakingGlass: ['vector-owner'] };
    expect(await line.run('whoami --as role:on-call')).toBe(0);
    expect(line.output).toMatch(
      /nothing\nby breaking the glass: vector-owner, with --break-glass '<reason>'\n$/,
    );
  });
});
