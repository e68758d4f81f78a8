import { SqliteLedger } from '../../embedded/ledger/sqlite-ledger.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';
import { tempFolder } from '../fakes/temp-folder.ts';
import { describeLedgerContract } from './ledger-contract.ts';

describeLedgerContract('the memory ledger', async () => {
  const ledger = new MemoryLedger();
  return { ledger, outbox: ledger, cleanUp: async () => ledger.judge.assertClean() };
});

describeLedgerContract('the SQLite ledger', async () => {
  const folder = tempFolder();
  const ledger = new SqliteLedger({ path: folder.at('ledger.sqlite'), clock: new FakeClock().now });
  const cleanUp = async (): Promise<void> => {
    ledger.close();
    folder.remove();
  };
  return { ledger, outbox: ledger, cleanUp };
});
