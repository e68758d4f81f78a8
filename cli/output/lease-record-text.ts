import type { AuditActor, AuditAnswer, AuditRecord } from '../../lambdas/core/audit/record.ts';
import { plainText } from './plain-text.ts';
import { clockText } from './time-words.ts';
import { wrapped } from './wrapped.ts';

/** Whether a record is about leases: its sentences stand below its row, where a table would be wider than a terminal. */
export const isOfLease = ({ entry: { why } }: AuditRecord): boolean => why.cause === 'lease';

/** What is needed of it at night: who in which session, which lease, for what, for how long, by which policies. */
export function leaseRecordLines({ entry }: AuditRecord): readonly string[] {
  const { who, what, why, result } = entry;
  const until = result?.until ?? what.until;
  const about = [
    ...(what.lease === undefined ? [] : [`lease ${what.lease}`]),
    ...(what.leases === undefined ? [] : [`leases ${what.leases.join(' ')}`]),
    ...(what.approval === undefined ? [] : [`approval ${what.approval}`]),
    ...([entry.chain, 'operations'].includes(what.credential) ? [] : [what.credential]),
    ...(what.actingFor === undefined ? [] : [`for ${what.actingFor}`]),
    ...(why.purpose === undefined ? [] : [`to ${why.purpose}`]),
    ...(what.ttlSeconds === undefined ? [] : [`for ${what.ttlSeconds} s`]),
    ...(until === undefined ? [] : [`until ${clockText(until)}`]),
  ].join(', ');
  const said = [
    ...(why.reason === undefined ? [] : [`“${why.reason}”`]),
    ...(result?.note === undefined ? [] : [result.note]),
  ].join(', ');
  return [whoText(who), about, decidedText(why), said]
    .filter((text) => text !== '')
    .flatMap((text) => wrapped(plainText(text), 4));
}

function whoText({ kind, name, principal, session, source, secondFactor }: AuditActor): string {
  return [
    `${kind} ${name}`,
    ...(principal === undefined || principal === name ? [] : [`as ${principal}`]),
    ...(session === undefined ? [] : [`session ${session}`]),
    ...(source === undefined ? [] : [`from ${source}`]),
    ...(secondFactor === undefined ? [] : ['second factor proved']),
  ].join(', ');
}

const OF = { caller: 'caller', 'acting-for': 'person behind it', claims: 'session' } as const;

function decidedText({ answers, policies = [] }: AuditRecord['entry']['why']): string {
  if (answers === undefined) return policies.length === 0 ? '' : `policies ${policies.join(', ')}`;
  return answers.map(answerText).join('; ');
}

const answerText = ({ of, says, policies }: AuditAnswer): string =>
  `${OF[of]} ${says}${policies.length === 0 ? '' : ` by ${policies.join(', ')}`}`;
