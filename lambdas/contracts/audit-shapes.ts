import type { SealedHead, Head } from '../core/audit/head.ts';
import type { AuditAnswer, AuditEntry, AuditRecord, ChainTail } from '../core/audit/record.ts';
import {
  anyRecord,
  exactly,
  instant,
  listOf,
  number,
  oneOf,
  optional,
  record,
  text,
  type Check,
} from './check.ts';

/** What the audit stores and hands over, checked when it comes back: whoever could write the store is the adversary. */

/** A chain's last record. */
const chainTail: Check<ChainTail> = record<ChainTail>({ chain: text, sequence: number, hash: text });

const whole = record<Pick<AuditEntry, 'id' | 'chain' | 'type' | 'at'>>({
  id: text,
  chain: text,
  type: oneOf('intent', 'outcome', 'decision', 'refusal', 'finding'),
  at: instant,
});

/**
 * An entry. Everything in it is under its record's hash, so nothing may be left behind and nothing more is
 * asked of it here: what an older or newer version wrote must still verify.
 */
const entry: Check<AuditEntry> = (value, path) => {
  whole(value, path);
  return anyRecord(value, path) as unknown as AuditEntry;
};

/** An entry in its place in its chain. */
export const auditRecord: Check<AuditRecord> = record<AuditRecord>({
  sequence: number,
  previous: text,
  entry,
  hash: text,
});

const head = record<Head>({
  origin: text,
  number,
  at: instant,
  previous: text,
  tails: listOf(chainTail),
});

/** A signed head. */
export const sealedHead: Check<SealedHead> = record<SealedHead>({ head, signature: text, publicKey: text });

const identity = {
  principal: optional(text),
  session: optional(text),
  tokenId: optional(text),
  roles: optional(listOf(text)),
  secondFactor: optional(exactly('proved')),
};

const answer = record<AuditAnswer>({
  of: oneOf('caller', 'acting-for', 'claims'),
  says: oneOf('allowed', 'denied'),
  policies: listOf(text),
});

/** What `append-audit` is asked: to append this entry. Its answer is the record, or a failure. */
export const auditEntry: Check<AuditEntry> = (value, path) => {
  const checked = entry(value, path);
  record<Pick<AuditEntry, 'who' | 'what' | 'why' | 'action'>>({
    action: text as Check<AuditEntry['action']>,
    who: record<AuditEntry['who']>({
      kind: oneOf('function', 'operator', 'policy', 'workload', 'agent', 'person'),
      name: text,
      via: optional(text),
      ...identity,
      source: optional(text),
      actingFor: optional(record<NonNullable<AuditEntry['who']['actingFor']>>({ name: text, ...identity })),
    }),
    what: record<AuditEntry['what']>({
      credential: text,
      rotation: optional(text),
      version: optional(text),
      key: optional(text),
      dependent: optional(text),
      lease: optional(text),
      leases: optional(listOf(text)),
      approval: optional(text),
      actingFor: optional(text),
      ttlSeconds: optional(text),
      until: optional(instant),
    }),
    why: record<AuditEntry['why']>({
      cause: text as Check<AuditEntry['why']['cause']>,
      reason: optional(text),
      purpose: optional(text),
      policies: optional(listOf(text)),
      answers: optional(listOf(answer)),
      decidedBy: optional(
        record<NonNullable<AuditEntry['why']['decidedBy']>>({ policies: text, inventory: text }),
      ),
    }),
  })(value, path);
  return checked;
};
