import { expect, it } from 'vitest';
import { demandSweeper } from '../../../embedded/runtime/demand-sweeper.ts';
import { Broker } from '../../grant-lease/a-broker.ts';
import { CALLERS, INVENTORY } from '../../grant-lease/an-inventory.ts';

const { access: _none, ...WITHOUT } = INVENTORY;

it('a world that leases nothing any more does not run while leases are not over, and runs when they are', async () => {
  const broker = new Broker();
  const { ledger } = broker;
  await demandSweeper({ ledger, inventory: WITHOUT });
  const { lease } = await broker.lease(CALLERS.rag, 'store', { purpose: 'answer' });
  await demandSweeper({ ledger, inventory: INVENTORY });
  const attempt = demandSweeper({ ledger, inventory: WITHOUT });
  await expect(attempt).rejects.toMatchObject({ code: 'INVENTORY_INVALID' });
  await expect(attempt).rejects.toThrow(/leases of store are not over.*lockstep revoke-leases all/);
  await broker.ask(CALLERS.rag, 'release', { lease: lease.id });
  await expect(demandSweeper({ ledger, inventory: WITHOUT })).rejects.toThrow(/leases of store/);
  await broker.settle();
  await demandSweeper({ ledger, inventory: WITHOUT });
  broker.judge.assertClean();
});
