import { EventEmitter } from 'node:events';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { stopSignals, type StopSignals } from '../../../embedded/runtime/stop-signals.ts';

describe('signals that end a runtime', () => {
  const process = new EventEmitter();
  let nowMs: number;
  let told: string[];
  let signals: StopSignals;
  beforeEach(() => {
    process.removeAllListeners();
    [nowMs, told] = [0, []];
    signals = stopSignals({
      process,
      monotonicMs: () => nowMs,
      onFirst: () => told.push('first'),
      onAgain: () => told.push('again'),
    });
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('are taken: %s', async (signal) => {
    expect(signals.isStopped()).toBe(false);
    process.emit(signal);
    expect(await signals.stopped).toBe('stopped');
    expect(signals.isStopped()).toBe(true);
  });

  it('are one where npm passes on what the terminal has sent already', () => {
    process.emit('SIGINT');
    nowMs = 5;
    process.emit('SIGINT');
    expect(told).toEqual(['first']);
  });

  it('mean no more patience where somebody sends another one later', () => {
    process.emit('SIGINT');
    nowMs = 2000;
    process.emit('SIGTERM');
    expect(told).toEqual(['first', 'again']);
  });
});

describe('a process that shows its view at a terminal', { timeout: 60_000 }, () => {
  it.each([
    ['once', 1],
    ['twice, as npm sends it', 2],
  ])('ends in good order when it is interrupted %s', async (_, times) => {
    const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    const program = fileURLToPath(new URL('interrupted-view.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', loader, program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (data: Buffer) => (said += data.toString()));
    while (!said.includes('working')) await once(child.stdout, 'data');
    for (let sent = 1; sent <= times; sent += 1) child.kill('SIGINT');
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    expect([code, signal]).toEqual([130, null]);
    expect(said).toContain('stopped in good order');
  });
});
