import type {
  AccessAnswers,
  AccessAskName,
  ReviewDue,
  ShownApproval,
} from '../../lambdas/contracts/access-requests.ts';
import {
  anyRecord,
  either,
  exactly,
  fit,
  flag,
  instant,
  listOf,
  number,
  oneOf,
  optional,
  record,
  text,
  type Check,
} from '../../lambdas/contracts/check.ts';
import type { EgressRule, Tier } from '../../lambdas/core/access/access-inventory.ts';
import type { LeaseEnd, LeasePhase, LeaseView } from '../../lambdas/core/access/lease.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import type { AccessReplies } from './access-connection.ts';

const lease = record<LeaseView>({
  id: text,
  leasable: text,
  kind: text,
  phase: oneOf<LeasePhase>('issuing', 'live', 'ending', 'ended'),
  holder: text,
  actingFor: optional(text),
  purpose: text,
  issuedAt: instant,
  expiresAt: instant,
  longestUntil: instant,
  renewals: number,
  breakGlass: optional(
    record<NonNullable<LeaseView['breakGlass']>>({
      reason: text,
      reviewedBy: optional(text),
      note: optional(text),
    }),
  ),
  end: optional(
    record({
      why: oneOf<LeaseEnd>('expired', 'released', 'revoked', 'never-handed-over', 'breach', 'found', 'lost'),
      by: text,
      at: instant,
    }),
  ),
  failedEnds: number,
});

type Put = EgressRule['put'];
type PutInto<I extends Put['into']> = Extract<Put, { readonly into: I }>;

/** A text that may be empty, and may be long: a bundle of certificates, a prefix. Not `text`, which bounds what is kept. */
const anyText: Check<string> = (value, path) => (value === '' ? '' : text(value, path));
const bundle: Check<string> = (value, path) =>
  typeof value === 'string' && value.length <= 512 * 1024 ? value : text(value, path);

const put: Check<Put> = (value, path) => {
  const { into } = record<{ readonly into: Put['into'] }>({
    into: oneOf('header', 'query', 'basic', 'sigv4'),
  })(value, path);
  switch (into) {
    case 'header':
      return record<PutInto<'header'>>({ into: exactly('header'), name: text, prefix: anyText, field: text })(
        value,
        path,
      );
    case 'query':
      return record<PutInto<'query'>>({ into: exactly('query'), name: text, field: text })(value, path);
    case 'basic':
      return record<PutInto<'basic'>>({ into: exactly('basic'), user: anyText, field: text })(value, path);
    case 'sigv4':
      return record<PutInto<'sigv4'>>({ into: exactly('sigv4'), service: text, region: text })(value, path);
  }
};

const egress = listOf(
  record<EgressRule>({
    host: text,
    port: number,
    network: oneOf('public', 'private', 'loopback'),
    ca: optional(bundle),
    paths: listOf(text),
    methods: listOf(text),
    put,
  }),
);

/** A value may be longer than any text of ours: a key of an app, a certificate. */
const value: Check<string> = (found, path) =>
  typeof found === 'string' && found.length > 0 && found.length <= 256 * 1024 ? found : text(found, path);

const tier: Check<Tier> = either(exactly(0), either(exactly(1), exactly(2)));

const approval = record<ShownApproval>({
  id: text,
  leasable: text,
  holder: text,
  actingFor: optional(text),
  purpose: text,
  ttlSeconds: number,
  requestId: text,
  askedAt: instant,
  expiresAt: instant,
  approvers: listOf(text),
  needed: number,
  approvedBy: listOf(record({ person: text, at: instant, reason: text })),
  denied: optional(record({ person: text, at: instant, reason: text })),
  usedFor: optional(text),
});

const detail = record<NonNullable<AccessAnswers['leases']['detail']>>({
  tier,
  target: text,
  principal: text,
  requestId: text,
  policies: listOf(text),
  key: optional(text),
  lastError: optional(text),
  approval: optional(approval),
});

const review = record<ReviewDue>({
  lease: text,
  leasable: text,
  holder: text,
  actingFor: optional(text),
  reason: text,
  at: instant,
});

const nothing: Check<Readonly<Record<never, never>>> = (found, path) => {
  anyRecord(found, path);
  return {};
};

const ANSWERS: { readonly [N in AccessAskName]: Check<AccessAnswers[N]> } = {
  lease: either(
    record({ status: exactly('issued'), lease, value, egress }),
    record({ status: exactly('approval-needed'), approval: text, expiresAt: instant }),
  ),
  renew: record({ lease }),
  release: record({ lease }),
  revoke: record({ ending: number, more: flag }),
  leases: record<AccessAnswers['leases']>({
    leases: listOf(lease),
    after: optional(text),
    detail: optional(detail),
  }),
  approvals: record<AccessAnswers['approvals']>({
    approvals: listOf(approval),
    reviews: optional(listOf(review)),
  }),
  approve: record({ approved: number, needed: number }),
  deny: nothing,
  review: nothing,
  whoami: record<AccessAnswers['whoami']>({
    caller: text,
    actingFor: optional(text),
    purposes: listOf(text),
    leasables: listOf(text),
    byBreakingGlass: optional(listOf(text)),
    throughProxy: listOf(text),
  }),
};

/**
 * An answer as it is used: checked field by field, its value wrapped. Throws `NOTHING_REACHABLE` where it is none of this
 * version; the message quotes nothing of it.
 */
export function readReply<N extends AccessAskName>(ask: N, body: unknown): AccessReplies[N] {
  const check: Check<AccessAnswers[AccessAskName]> = ANSWERS[ask];
  const answer = fit(check, body, 'NOTHING_REACHABLE', `the answer to the ask ${ask}`);
  // The compiler cannot follow that name and answer belong together; the table has made sure of it.
  return ('value' in answer ? { ...answer, value: new Secret(answer.value) } : answer) as AccessReplies[N];
}
