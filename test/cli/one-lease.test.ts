import { beforeEach, describe, expect, it } from 'vitest';
import type { AccessReplies } from '../../client/access/access-connection.ts';
import { parseAsk, type AccessAsk } from '../../lambdas/contracts/access-requests.ts';
import type { LeaseView } from '../../lambdas/core/access/lease.ts';
import { continueChain, type AuditEntry, type AuditRecord } from '../../lambdas/core/audit/record.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { instant } from '../../lambdas/core/time.ts';
import { CommandLine } from './a-command-line.ts';
import { NOW } from './a-connection.ts';

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
let reply: AccessReplies[AccessAsk['ask']] | LockstepError;
beforeEach(() => {
  [line, asked] = [new CommandLine(), []];
  reply = new LockstepError('POLICY_DENIED', 'the test has planned no answer');
  line.serving = {
    openAccess: async () => {
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

const ENDED: LeaseView = {
  ...LEASE,
  phase: 'ending',
  actingFor: 'person:ada',
  end: { why: 'revoked', by: 'person:bob', at: later(-60) },
  failedEnds: 3,
};
const detail = {
  tier: 0,
  target: 'rag-db-leases',
  principal: 'arn:aws:iam::222222222222:role/research-agent',
  requestId: 'nightly',
  policies: ['agents-read'],
  key: 'lockstep_l_0123456789abcdefghjkmnpqrs',
  lastError: 'TARGET_UNREACHABLE',
} as const;

const record = (what: AuditEntry['what'], action: AuditEntry['action'] = 'lease'): AuditRecord =>
  continueChain(undefined, {
    id: JSON.stringify(what),
    chain: 'vector-reader',
    type: 'outcome',
    action,
    at: NOW,
    who: { kind: 'agent', name: 'research-agent' },
    what,
    why: { cause: 'lease' },
    result: { outcome: 'done' },
  });

describe('one lease', () => {
  it('is shown in full, with its debt and what the audit has of it and of nothing else', async () => {
    reply = { leases: [ENDED], detail };
    const credential = 'vector-reader';
    line.pipeline.answers = {
      history: {
        credential,
        records: [
          record({ credential, lease: LEASE.id }),
          record({ credential, lease: 'of-another' }),
          record({ credential, leases: ['of-another', LEASE.id] }, 'end-lease'),
        ],
        refusals: [],
      },
    };
    expect(await line.run(`leases ${LEASE.id} --as role:on-call`)).toBe(0);
    expect(asked).toEqual([{ ask: 'leases', lease: LEASE.id }]);
    for (const [name, value] of [
      ['state', 'ending, owed: 3 attempts to end it failed'],
      ['what', 'vector-reader \\(postgres, tier 0\\), by rag-db-leases'],
      ['there called', 'lockstep_l_0123456789abcdefghjkmnpqrs'],
      ['for', 'person:ada'],
      ['last error', 'TARGET_UNREACHABLE'],
      ['told to end', '.*revoked, by'],
    ])
      expect(line.output).toMatch(new RegExp(`^${name} +${value}`, 'm'));
    expect(line.output).toMatch(/vector-reader +1 +lease +done\n.*\n +lease 0123/);
    expect(line.output).toMatch(/end-lease +done/);
    expect(line.output).not.toMatch(/lease of-another$/m);
    for (const row of line.output.split('\n')) expect(row.length).toBeLessThanOrEqual(80);
    await line.run(`leases ${LEASE.id} --as role:on-call --json`);
    expect(line.json).toMatchObject({ lease: { id: LEASE.id }, detail, records: [{}, {}] });
  });

  it('is shown without its audit to whoever cannot read that', async () => {
    reply = { leases: [ENDED], detail };
    line.unreachable = new LockstepError('NOTHING_REACHABLE', 'no runtime');
    expect(await line.run(`leases ${LEASE.id} --as research-agent`)).toBe(0);
    expect(line.output).toContain(
      'The audit cannot be read from here; for whoever may: lockstep history vector-reader',
    );
  });

  it('that there is not, or that is not to be seen, is none', async () => {
    reply = { leases: [] };
    expect(await line.run(`leases ${LEASE.id} --as research-agent`)).toBe(1);
    expect(line.errors).toContain('the ledger has no lease of that id, or you may not see it');
  });
});
