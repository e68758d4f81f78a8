import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Webhook } from 'standardwebhooks';
import { receiveNotices, type ReceivedNotice } from '../../../embedded/services/webhook-receiver.ts';

const key = (letter: string): string => `whsec_${Buffer.from(letter.repeat(32)).toString('base64')}`;
const [CURRENT, PREDECESSOR, STRANGERS] = [key('a'), key('b'), key('c')];

let server: Server;
let keys: readonly string[];
let notices: ReceivedNotice[];
let checked: (readonly [string, boolean])[];

beforeEach(async () => {
  [keys, notices, checked] = [[CURRENT, PREDECESSOR], [], []];
  server = await receiveNotices({
    port: 0,
    keys: () => keys,
    onNotice: (notice) => void notices.push(notice),
    onChecked: (id, isVerified) => void checked.push([id, isVerified]),
  });
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const BODY = JSON.stringify({
  type: 'credential.rotated',
  data: { credential: 'vector-store', version: 'v2', replaces: 'v1' },
});

async function send(
  signedBy: string | undefined,
  parts: { readonly id?: string; readonly body?: string; readonly at?: Date } = {},
): Promise<number> {
  const { id = 'token#promoted#e1#rag-api', body = BODY, at = new Date() } = parts;
  const signature = signedBy === undefined ? 'v1,none' : new Webhook(signedBy).sign(id, at, body);
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': signature,
  };
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/lockstep`, { method: 'POST', headers, body });
  await answer.body?.cancel();
  return answer.status;
}

describe('a receiver of notices', () => {
  it('takes a notice that any key signed which it holds', async () => {
    expect(await send(CURRENT)).toBe(204);
    expect(await send(PREDECESSOR)).toBe(204);
    expect(notices).toHaveLength(2);
    expect(notices[0]).toEqual({
      type: 'credential.rotated',
      credential: 'vector-store',
      version: 'v2',
      replaces: 'v1',
    });
    expect(checked).toEqual([
      ['token#promoted#e1#rag-api', true],
      ['token#promoted#e1#rag-api', true],
    ]);
  });

  it.each<[string, () => Promise<number>]>([
    ['signed by a stranger', () => send(STRANGERS)],
    ['not signed', () => send(undefined)],
    ['signed ten minutes ago', () => send(CURRENT, { at: new Date(Date.now() - 600_000) })],
  ])('refuses and counts one that is %s, and nothing follows', async (_, sent) => {
    expect(await sent()).toBe(401);
    expect(notices).toEqual([]);
    expect(checked).toEqual([['token#promoted#e1#rag-api', false]]);
  });
});

describe('a receiver of what is no notice', () => {
  it('refuses and counts one that is too large, without reading it to its end', async () => {
    expect(await send(CURRENT, { body: 'x'.repeat(200_000) }).catch(() => 400)).toBe(400);
    expect(checked).toEqual([['unreadable', false]]);
    expect(await send(CURRENT)).toBe(204);
  });

  it('does not keep an id that is none: it goes into a book', async () => {
    await send(STRANGERS, { id: 'x'.repeat(5000) });
    expect(checked).toEqual([['not an id', false]]);
  });

  it('takes a signed probe, and nothing follows from it', async () => {
    expect(await send(CURRENT, { id: 'probe_1', body: '{"type":"lockstep.probe","data":{}}' })).toBe(204);
    expect(notices).toEqual([]);
  });

  it('asks to be told again while it holds no key: it has refused nothing', async () => {
    keys = [];
    expect(await send(CURRENT)).toBe(503);
    expect(checked).toEqual([]);
  });

  it('does not listen where another does', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(receiveNotices({ port, keys: () => keys, onNotice: () => undefined })).rejects.toMatchObject(
      { code: 'EADDRINUSE' },
    );
    other.close();
  });
});
