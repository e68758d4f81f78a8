import type { QueryAnswers } from '../../cli/connection/connection.ts';
import { continueChain, type AuditEntry } from '../../lambdas/core/audit/record.ts';
import type { CommandLine } from './a-command-line.ts';

/** A record's entry: somebody holds a credential, unless it says otherwise. */
export const entry = (chain: string, at: string, parts: Partial<AuditEntry> = {}): AuditEntry => ({
  id: `${chain} ${at}`,
  chain,
  type: 'decision',
  action: 'hold',
  at,
  who: { kind: 'operator', name: 'alice', via: 'operate' },
  what: { credential: chain },
  why: { cause: 'operator', reason: 'INC-7' },
  ...parts,
});

export const at = (minute: number): string => `2026-11-24T11:${String(minute).padStart(2, '0')}:00.000Z`;

/** A pipeline whose chains have these records. */
export function withRecords(
  line: CommandLine,
  records: Readonly<Record<string, readonly AuditEntry[]>>,
): void {
  const plain = line.pipeline.query.bind(line.pipeline);
  line.pipeline.query = async (name, asks) => {
    const answer = await plain(name, asks);
    if (name !== 'history') return answer;
    const { credential, limit = 100 } = asks as { readonly credential: string; readonly limit?: number };
    const refusals = [
      { cause: 'cadence', by: 'cadence', code: 'HELD', message: `${credential} is held`, at: at(5) },
    ];
    const chain = (records[credential] ?? []).map((each) => continueChain(undefined, each));
    return {
      credential,
      records: chain.slice(-limit),
      refusals: chain.length > 0 && credential !== '*access' ? refusals : [],
      chains: Object.keys(records),
    } as unknown as QueryAnswers[typeof name];
  };
}
