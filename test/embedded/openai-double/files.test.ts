import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reservePort, writeEndpoint } from '../../../embedded/openai-double/endpoint-file.ts';
import { heartbeatWatch } from '../../../embedded/openai-double/heartbeat.ts';
import {
  openRequestLog,
  readRequestLog,
  type LoggedRequest,
} from '../../../embedded/openai-double/request-log.ts';
import { startOrder } from '../../../embedded/openai-double/start-order.ts';
import { stateFile } from '../../../embedded/openai-double/state-file.ts';
import { EMPTY } from '../../../embedded/openai-double/stored.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-double-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the state file', () => {
  it('is read as it was written, by its owner alone, and leaves no draft', () => {
    const path = join(folder, 'organization.json');
    const file = stateFile(path);
    expect(file.load()).toEqual(EMPTY);
    file.save({ ...EMPTY, projects: ['proj_a'] });
    expect(file.load()).toEqual({ ...EMPTY, projects: ['proj_a'] });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['organization.json']);
  });

  it.each([
    ['half of it', '{"format":1,"proj'],
    ['another format', '{"format":2}'],
    ['a list', '[]'],
    ['nothing', ''],
  ])('that is damaged (%s) is refused and left as it is', (_what, content) => {
    const path = join(folder, 'organization.json');
    writeFileSync(path, content);
    expect(() => stateFile(path).load()).toThrow(/is not the state of this double/);
    expect(readFileSync(path, 'utf8')).toBe(content);
  });

  it('survives a draft that a killed process left', () => {
    const file = stateFile(join(folder, 'organization.json'));
    file.save({ ...EMPTY, projects: ['proj_a'] });
    writeFileSync(join(folder, 'organization.json.new'), '{"form');
    expect(file.load().projects).toEqual(['proj_a']);
    file.save({ ...EMPTY, projects: ['proj_b'] });
    expect(file.load().projects).toEqual(['proj_b']);
  });
});

describe('the request log', () => {
  const entry = (clientPort: number): LoggedRequest => ({
    at: '2026-01-01T00:00:00.000Z',
    method: 'GET',
    route: 'GET /models',
    status: 200,
    keyId: 'key_1',
    clientPort,
    caller: 'other',
  });

  it('is read back in order, across a restart', () => {
    const path = join(folder, 'requests.jsonl');
    for (const port of [1, 2]) {
      const log = openRequestLog(path);
      log.append(entry(port));
      log.close();
    }
    expect(readRequestLog(path).map(({ clientPort }) => clientPort)).toEqual([1, 2]);
  });

  it('leaves out a line that a killed process did not finish', () => {
    const path = join(folder, 'requests.jsonl');
    writeFileSync(path, `${JSON.stringify(entry(1))}\n{"at":"2026`);
    expect(readRequestLog(path).map(({ clientPort }) => clientPort)).toEqual([1]);
  });

  it('keeps two files of a bounded size', () => {
    const path = join(folder, 'requests.jsonl');
    const log = openRequestLog(path, 1000);
    for (let port = 0; port < 100; port += 1) log.append(entry(port));
    log.close();
    expect(readdirSync(folder).sort()).toEqual(['requests.jsonl', 'requests.jsonl.1']);
    for (const file of readdirSync(folder))
      expect(statSync(join(folder, file)).size).toBeLessThanOrEqual(1000);
    expect(readRequestLog(path).at(-1)?.clientPort).toBe(99);
  });

  it('is empty where there is none', () => {
    expect(readRequestLog(join(folder, 'none'))).toEqual([]);
  });
});

describe('the heartbeat', () => {
  const setUp = (exists: boolean) => {
    const path = join(folder, 'runtime.heartbeat');
    if (exists) writeFileSync(path, '');
    let ms = 0;
    const isAbandoned = heartbeatWatch({ path, limitMs: 600_000, monotonicMs: () => ms });
    return {
      touch: (at: number) => {
        writeFileSync(path, '');
        utimesSync(path, at, at);
      },
      after: (seconds: number) => {
        ms += seconds * 1000;
        return isAbandoned();
      },
    };
  };

  it('that stops means that nobody is there, after the limit and not before', () => {
    const { after } = setUp(true);
    expect([after(599), after(1)]).toEqual([false, true]);
  });

  it('that was never there counts from the start', () => {
    const { after } = setUp(false);
    expect([after(599), after(1)]).toEqual([false, true]);
  });

  it('that goes on means that somebody is there, whatever time the file says', () => {
    const { touch, after } = setUp(true);
    for (const at of [1000, 2_000_000_000, 5]) {
      expect(after(400)).toBe(false);
      touch(at);
      expect(after(400)).toBe(false);
    }
  });

  it('that appears only later is somebody', () => {
    const { touch, after } = setUp(false);
    expect(after(500)).toBe(false);
    touch(1000);
    expect([after(500), after(599), after(1)]).toEqual([false, false, true]);
  });
});

describe('the port of a folder', () => {
  it('is chosen once, also by two at once, and taken up again', async () => {
    const ports = await Promise.all([1, 2, 3].map(() => reservePort(folder)));
    expect(new Set(ports).size).toBe(1);
    const [port = 0] = ports;
    writeEndpoint(folder, { apiUrl: `http://127.0.0.1:${port}/v1`, port, pid: 1, started: '1' });
    expect(await reservePort(folder)).toBe(port);
  });

  it('is a free one where the file is of a process that was killed while it wrote', async () => {
    writeFileSync(join(folder, 'endpoint.json'), '');
    expect(await reservePort(folder)).toBeGreaterThan(0);
  });
});

describe('the start order', () => {
  const good = {
    port: 0,
    projects: ['proj_a'],
    adminKeys: [{ id: 'key_1', value: 'sk-admin-not-a-real-key-of-anybody' }],
    heartbeat: { path: '/nowhere', limitSeconds: 600 },
  };

  it('is read', () => {
    expect(startOrder(JSON.stringify(good))).toEqual(good);
  });

  it.each([
    ['no JSON', 'sk-admin-not-a-real-key-of-anybody'],
    ['a short key', JSON.stringify({ ...good, adminKeys: [{ id: 'key_1', value: 'sk-admin-x' }] })],
    ['another project', JSON.stringify({ ...good, projects: ['../a'] })],
    ['no heartbeat', JSON.stringify({ ...good, heartbeat: undefined })],
    ['a limit of nothing', JSON.stringify({ ...good, heartbeat: { path: 'a', limitSeconds: 0 } })],
    ['a port that is none', JSON.stringify({ ...good, port: '80' })],
  ])('is refused where it is %s, and not quoted', (_what, text) => {
    expect(() => startOrder(text)).toThrow(/standard input should be/);
    expect(() => startOrder(text)).not.toThrow(/not-a-real-key/);
  });
});
