/** `npm run test:aws` with beds that are none: `run-fake-beds.ts <folder> [exit code of the suite, of MiniStack]`. */
import { startBed } from '../bed-process.ts';
import { freePort } from '../free-port.ts';
import type { AddressedBed } from '../ministack.ts';
import { runBeds } from '../run-beds.ts';
import { fakeBed, stubborn } from './fake-bed.ts';

const [folder = '', suiteEnds = '', bedEnds = ''] = process.argv.slice(2);

const start =
  (name: string, ends = '') =>
  async (): Promise<AddressedBed> => {
    const port = await freePort();
    const order = fakeBed(folder, name, port);
    const bed = await startBed({ ...order, command: [...order.command, ends, '2000'] });
    return { bed, url: `http://127.0.0.1:${port}` };
  };

const code = await runBeds({
  beds: {
    ministack: start('MiniStack', bedEnds),
    moto: start('moto'),
    dynamodbLocal: start('DynamoDB-Local'),
  },
  suite: stubborn(folder, 'suite', '', suiteEnds),
  say: (text) => console.log(text),
}).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 1;
});
process.exit(code);
