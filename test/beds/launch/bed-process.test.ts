import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { inTempFolder } from '../../fakes/temp-folder.ts';
import { BedError } from './bed-error.ts';
import { startBed, type BedOrder, type RunningBed } from './bed-process.ts';
import { fakeBed, stubborn } from './fakes/fake-bed.ts';
import { processesIn, runningIn } from './fakes/processes.ts';
import { freePort } from './free-port.ts';
import { startMinistack } from './ministack.ts';

const folder = inTempFolder();
const started: RunningBed[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((bed) => bed.stop()));
});

const an = async (name: string): Promise<BedOrder> => fakeBed(folder().at(), name, await freePort());

/** What is said of a bed that cannot be had. */
async function refusal(order: BedOrder): Promise<string> {
  const error: unknown = await startBed(order).then(
    (bed) => void started.push(bed),
    (each: unknown) => each,
  );
  return error instanceof BedError ? error.message : `no refusal: ${String(error)}`;
}

it('starts a bed, and ends it with everything that it started, also against its will', async () => {
  const bed = await startBed(await an('bed'));
  await expect.poll(() => processesIn(folder().at()).size).toBe(2);
  expect(runningIn(folder().at())).toEqual(['bed', 'bed-child']);
  await bed.stop();
  await expect.poll(() => runningIn(folder().at())).toEqual([]);
  await bed.stop();
});

it('names a bed whose program is not there, with what the shell says', async () => {
  const message = await refusal({ ...(await an('bed')), command: ['no-such-program'] });
  expect(message).toMatch(/^bed ended while it started; its last lines:\n.*no-such-program.*not found/);
});

it('names a bed that ends at once, with its last lines and no more than fifteen of them', async () => {
  const script = 'for (let line = 1; line <= 40; line += 1) console.log(`line ${line}`); process.exit(0);';
  const message = await refusal({ ...(await an('bed')), command: [process.execPath, '-e', script] });
  const lines = Array.from({ length: 15 }, (_, index) => `line ${index + 26}`);
  expect(message).toBe(`bed ended while it started; its last lines:\n${lines.join('\n')}`);
});

it('names a bed that says nothing and ends', async () => {
  const message = await refusal({ ...(await an('bed')), command: ['true'] });
  expect(message).toBe('bed ended while it started; its last lines:\n(it said nothing)');
});

it('names a bed that answers nonsense, and leaves nothing of it running', async () => {
  const order = await an('bed');
  const isReady: BedOrder['isReady'] = async (signal) =>
    (await (await fetch(`http://127.0.0.1:${order.port}`, { signal })).json()) === 'ready';
  const message = await refusal({ ...order, isReady, readyWithinMs: 600 });
  expect(message).toMatch(/^bed is not ready after 0.6 seconds; its last lines:\nbed starts/);
  await expect.poll(() => runningIn(folder().at())).toEqual([]);
});

it('waits for no answer that never comes', async () => {
  const silent = `require('net').createServer(() => undefined).listen(Number(process.argv[1]), '127.0.0.1')`;
  const order = await an('bed');
  const command = [process.execPath, '-e', silent, String(order.port)] as const;
  const message = await refusal({ ...order, command: [...command], readyWithinMs: 600 });
  expect(message).toMatch(/^bed is not ready after 0.6 seconds/);
});

it('takes no other program for the bed, though it answers as the bed would', async () => {
  const order = await an('bed');
  const other = createServer((_, response) => response.end('this is bed')).listen(order.port, '127.0.0.1');
  await once(other, 'listening');
  const message = await refusal(order);
  other.close();
  expect(message).toContain(`bed could not have port ${order.port}, which another program holds`);
  expect(message).toContain('EADDRINUSE');
});

it('says of MiniStack itself that its port is taken, in its own words', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const error: unknown = await startMinistack({ port, logName: 'taken' }).catch((each: unknown) => each);
  other.close();
  expect(String(error)).toMatch(
    new RegExp(`MiniStack could not have port ${port}, which another program holds[^]*already in use`),
  );
});

it('tells when a bed ends by itself', async () => {
  const order = await an('bed');
  const command = [...stubborn(folder().at(), 'bed', order.port, 7, 300)] as BedOrder['command'];
  const bed = await startBed({ ...order, command });
  expect(await bed.ended).toBe(7);
  expect(bed.lastLines()).toContain('bed starts');
  expect(join(folder().at(), 'bed.log')).toBe(order.log);
});
