import { LEDGER_RIGHTS, type LedgerRights, type LedgerUser } from '../../lambdas/contracts/ledger-rights.ts';
import type { LockstepEvent } from '../../lambdas/core/events.ts';
import type { Family, Ledger, LedgerRow, LedgerWrite } from '../../lambdas/core/ports/ledger.ts';
import type { Judge } from './judge.ts';

/** A ledger as one function may use it on AWS: what its role would be refused is judged. */
export function rightfulLedger(ledger: Ledger, user: LedgerUser, judge: Judge): Ledger {
  const rights: LedgerRights = LEDGER_RIGHTS[user];
  const demand = (families: readonly Family[] | undefined, family: Family, how: string): void =>
    judge.demand(families?.includes(family) === true, `${user} may not ${how} rows of ${family}`);
  return {
    read: async <F extends Family>(
      family: F,
      credential: string,
      id: string,
    ): Promise<LedgerRow<F> | undefined> => {
      demand(rights.reads, family, 'read');
      return ledger.read(family, credential, id);
    },
    list: async <F extends Family>(family: F, credential: string): Promise<readonly LedgerRow<F>[]> => {
      demand(rights.lists, family, 'list');
      return ledger.list(family, credential);
    },
    page: async <F extends Family>(
      family: F,
      credential: string,
      range: { readonly after?: string; readonly limit: number },
    ): Promise<readonly LedgerRow<F>[]> => {
      demand(rights.lists, family, 'list');
      return ledger.page(family, credential, range);
    },
    commit: async (writes: readonly LedgerWrite[], events: readonly LockstepEvent[] = []): Promise<void> => {
      for (const { family, body } of writes)
        if (body === undefined) demand(rights.removes, family, 'remove');
        else demand(rights.writes, family, 'write');
      judge.demand(events.length === 0 || rights.outbox.includes('adds'), `${user} may not tell of anything`);
      return ledger.commit(writes, events);
    },
  };
}
