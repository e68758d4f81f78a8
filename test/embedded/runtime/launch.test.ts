import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { endProcess, launch } from '../../../embedded/runtime/launch.ts';
import { isPortFree } from '../../../embedded/ports/free-port.ts';
import { startDouble, stopDouble } from '../../../embedded/runtime/workspace-double.ts';
import { findProcess } from '../../../embedded/postgres/system-process.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';

const WRITES_ITS_PID =
  "import { writeFileSync } from 'node:fs'; writeFileSync(process.argv[2], String(process.pid)); setInterval(() => undefined, 1000);";

const folder = inTempFolder();
let taken: Server | undefined;
afterEach(() => taken?.close());

async function takenPort(): Promise<number> {
  taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken?.once('listening', resolve));
  return (taken.address() as AddressInfo).port;
}

function program(text: string): URL {
  writeFileSync(folder().at('program.mjs'), text);
  return pathToFileURL(folder().at('program.mjs'));
}

describe('a program that outlives the runtime', { timeout: 60_000 }, () => {
  it('is up when it says so, and ends when it is asked to', async () => {
    const pidFile = folder().at('pid');
    await launch({
      name: 'a program',
      folder: folder().at('own'),
      program: program(WRITES_ITS_PID),
      arguments: [pidFile],
      isUp: async () => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '',
    });
    const found = await findProcess(Number(readFileSync(pidFile, 'utf8')));
    await endProcess(found);
    expect(await findProcess(found?.pid ?? 0)).toSatisfy(
      (now: typeof found) => now === undefined || now.isZombie,
    );
  });

  it('names the port that another process has taken, and is not started', async () => {
    const port = await takenPort();
    const start = launch({
      name: 'rag-api',
      folder: folder().at('own'),
      program: program(WRITES_ITS_PID),
      arguments: [folder().at('pid')],
      port,
      isUp: async () => false,
    });
    await expect(start).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(`port ${port} on 127.0.0.1, where rag-api listens`),
    });
    expect(existsSync(folder().at('pid'))).toBe(false);
  });

  it('names the log of one that ends before it is up', async () => {
    const start = launch({
      name: 'rag-api',
      folder: folder().at('own'),
      program: program('console.error("no"); process.exit(3);'),
      arguments: [],
      isUp: async () => false,
    });
    await expect(start).rejects.toMatchObject({
      code: 'SERVER_FAILED',
      message: expect.stringContaining(folder().at('own', 'output.log')),
    });
    expect(readFileSync(folder().at('own', 'output.log'), 'utf8')).toContain('no');
  });
});

describe('a place that somebody else has', () => {
  it('waits for another one that is coming, where ours has ended in its favour', async () => {
    let looked = 0;
    await launch({
      name: 'embedder',
      folder: folder().at('own'),
      program: program('process.exit(0);'),
      arguments: [],
      isUp: async () => (looked += 1) > 20,
      isComing: async () => true,
    });
    expect(looked).toBeGreaterThan(20);
  });

  it('is not taken over where it is the double of another folder: that one knows other keys', async () => {
    // given another double on the port that was given out to this one
    const adminKeys = [{ id: 'key_1', value: `sk-admin-${'0'.repeat(40)}` }];
    const probe = await takenPort();
    taken?.close();
    await new Promise((resolve) => taken?.once('close', resolve));
    const options = { port: probe, adminKeys, heartbeat: folder().at('heartbeat'), idleLimitSeconds: 600 };
    await startDouble({ ...options, folder: folder().at('theirs') });
    try {
      await expect(startDouble({ ...options, folder: folder().at('ours') })).rejects.toMatchObject({
        code: 'PORT_IN_USE',
      });
      // and the one of this folder is
      await startDouble({ ...options, folder: folder().at('theirs') });
      // and a process that only has its number is not
      mkdirSync(folder().at('ours'), { recursive: true });
      writeFileSync(
        folder().at('ours', 'endpoint.json'),
        JSON.stringify({ port: probe, pid: process.pid, started: 'never' }),
      );
      await stopDouble(folder().at('ours'));
    } finally {
      await stopDouble(folder().at('theirs'));
    }
    expect(await isPortFree(probe)).toBe(true);
  });
});
