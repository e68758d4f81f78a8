import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { formsOf } from '../../scenarios/canary-forms.ts';
import { ask, connectThrough, loginOf, rawTalk } from '../doubles/a-client.ts';
import { keyOf } from '../doubles/a-proxy.ts';
import { aSetting, closing, type Setting } from '../doubles/closing.ts';

const keep = closing();
afterEach(() => void vi.restoreAllMocks());

/** Everything that the process writes to its streams from now on. */
function listening(): () => string {
  const written: string[] = [];
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      written.push(String(chunk));
      return true;
    });
  return () => written.join('');
}

/** What can go well and what can go wrong, one after the other: everything that a client was told. */
async function aWholeDay({ proxy, granted, target, broker, clock }: Setting): Promise<readonly unknown[]> {
  const place = `${target.host}:${target.port}`;
  const told: unknown[] = [];
  const say = async (what: Promise<unknown>): Promise<void> => {
    told.push(await what.catch((error: unknown) => error));
  };
  await say(ask(proxy, granted, target, { path: '/echo' }));
  await say(ask(proxy, granted, target, { path: '/refused' }));
  await say(ask(proxy, granted, target, { path: '/breaks' }));
  await say(ask(proxy, granted, target, { path: '/%2e%2e/' }));
  await say(ask(proxy, granted, target, { method: 'TRACE' }));
  await say(ask(proxy, granted, target, { headers: { 'x-lockstep-show': 'value' } }));
  await say(connectThrough(proxy, 'elsewhere.test:443', { 'proxy-authorization': loginOf(granted) }));
  await say(connectThrough(proxy, place, { 'proxy-authorization': 'Basic YTpi' }));
  await say(rawTalk(proxy.port, 'no request\r\n\r\n'));
  await say(rawTalk(proxy.port, `GET http://${place}/ HTTP/1.1\r\nHost: ${place}\r\n\r\n`));
  broker.next(...Array.from({ length: 500 }, () => new LockstepError('POLICY_DENIED', 'no')));
  await clock.advance(1_000);
  await say(ask(proxy, granted, target));
  return told;
}

describe('a marked credential', () => {
  it('is seen by its target and by nobody else, whatever happens', async () => {
    const setting = await aSetting(keep, {
      answers: ({ url, headers }, response) => {
        if (url === '/breaks') return void response.socket?.destroy();
        response
          .writeHead(url === '/refused' ? 401 : 200, { 'x-echo': headers.authorization ?? '' })
          .end(JSON.stringify(headers));
      },
    });
    const output = listening();
    const told = await aWholeDay(setting);
    const printed = output();
    vi.restoreAllMocks();
    const { notes, news, granted, proxy, target } = setting;
    const held = granted.leases[0];
    const everything = [
      printed,
      ...[told, notes, news].map((each) => JSON.stringify(each)),
      // As somebody prints what they have in hand.
      ...[told, granted, proxy, held, setting.broker.live()].map((each) =>
        inspect(each, { depth: 12, showHidden: true }),
      ),
      JSON.stringify(granted),
      granted.authority.certificate,
    ].join('\n');
    const leases = new Set(target.seen.map(({ headers }) => headers.authorization));
    expect(leases.size).toBe(2);
    for (const authorization of leases) {
      const key = (authorization ?? '').replace('Bearer ', '');
      for (const form of formsOf(new Secret(JSON.stringify({ apiKey: key }))))
        expect(everything).not.toContain(form);
    }
    // The test would find it: the target has it.
    expect(JSON.stringify(target.seen)).toContain(keyOf(held?.view.id ?? ''));
  });

  it('is not beside the secret of the pass, of which nothing is said either', async () => {
    const setting = await aSetting(keep);
    const told = await aWholeDay(setting);
    const secret = setting.granted.secret.value.reveal();
    const everything = inspect([told, setting.notes, setting.news, setting.granted, setting.proxy], {
      depth: 12,
      showHidden: true,
    });
    expect(everything).not.toContain(secret);
  });
});
