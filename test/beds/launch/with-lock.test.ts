import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { inTempFolder } from '../../fakes/temp-folder.ts';
import { withLock } from './with-lock.ts';

const folder = inTempFolder();
const other = spawn('sleep', ['600']);
afterEach(() => void other.kill());

it('waits for another process that holds the lock, and says so once', async () => {
  writeFileSync(folder().at('lock'), String(other.pid));
  const [said, done]: [string[], string[]] = [[], []];
  const work = withLock(
    folder().at('lock'),
    (text) => void said.push(text),
    async () => void done.push('work'),
  );
  await expect.poll(() => said).toEqual(['another run is at it; waiting for it to end']);
  expect(done).toEqual([]);
  rmSync(folder().at('lock'));
  await work;
  expect([said.length, done]).toEqual([1, ['work']]);
  expect(existsSync(folder().at('lock'))).toBe(false);
});

it('takes over the lock of a process that is gone', async () => {
  other.kill('SIGKILL');
  if (other.exitCode === null && other.signalCode === null) await once(other, 'exit');
  writeFileSync(folder().at('lock'), String(other.pid));
  const done: string[] = [];
  await withLock(
    folder().at('lock'),
    () => undefined,
    async () => void done.push('work'),
  );
  expect(done).toEqual(['work']);
});

it('gives the lock up when the work fails', async () => {
  const fail = (): Promise<never> => Promise.reject(new Error('the work failed'));
  await expect(withLock(folder().at('lock'), () => undefined, fail)).rejects.toThrow('the work failed');
  expect(existsSync(folder().at('lock'))).toBe(false);
});
