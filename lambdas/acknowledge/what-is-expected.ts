import type { Change } from '../core/events.ts';
import type { Ledger } from '../core/ports/ledger.ts';
import { isOver } from '../core/rotation/rotation.ts';
import type { Caller } from './acknowledge.ts';

/** What a dependent should use and prove now. */
export interface Expected {
  readonly credential: string;
  readonly dependent: string;
  readonly rotation: string;
  readonly version: string;
  readonly change: Change;
  readonly expectation: { readonly id: string; readonly nonce: string };
  readonly acknowledged: boolean;
}

/**
 * Everything that is expected of a workload for one credential: how a poller, which nobody tells, learns its
 * nonce. Nothing expected (or nothing of this workload) is an empty list, whoever asks.
 */
export async function whatIsExpected(
  { ledger }: { readonly ledger: Ledger },
  caller: Caller,
  credential: string,
): Promise<readonly Expected[]> {
  const state = (await ledger.read('credential', credential, 'state'))?.body;
  if (state?.active === undefined) return [];
  const rotation = (await ledger.read('rotation', credential, state.active))?.body;
  if (!rotation?.promotedAt || rotation.expectation === undefined || isOver(rotation)) return [];
  const id = rotation.expectation;
  const row = (await ledger.read('expectation', credential, id))?.body;
  if (!row) return [];

  const mine = Object.entries(row.expected).filter(([, { workload }]) => workload === caller.workload);
  return Promise.all(
    mine.map(async ([dependent, { nonce }]) => ({
      credential,
      dependent,
      rotation: rotation.token,
      version: row.version,
      change: row.change,
      expectation: { id, nonce },
      acknowledged: (await ledger.read('acknowledgement', credential, `${id}#${dependent}`)) !== undefined,
    })),
  );
}
