import { appendFileSync, chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { onCallPager } from '../../../embedded/pager/on-call-pager.ts';
import { PageFile } from '../../../embedded/pager/page-file.ts';
import { pageText } from '../../../embedded/pager/page-text.ts';
import { webhookPager, type PageReceiver } from '../../../embedded/pager/webhook-pager.ts';
import { isLockstepError } from '../../../lambdas/core/errors.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { RecordingPager } from '../../fakes/recording-pager.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';
import { aPage } from '../../ports/pager-contract.ts';
import { codeOf, eachTime } from '../../ports/under-test.ts';

describe('a page on a terminal', () => {
  it('says what, to whom, why and what to do first', () => {
    expect(pageText(aPage(1))).toBe(
      [
        'PAGE (high) A rotation keeps failing',
        '  about: vector-store',
        '  - A step of a rotation failed three times in five minutes.',
        '  first: lockstep status',
        '  at 2026-01-01T00:00:00.000Z, page-1',
        '',
      ].join('\n'),
    );
  });

  it('moves no cursor, whatever a name holds', () => {
    const text = pageText({ ...aPage(1), subject: 'a\u001b[2Jb\nPAGE (test) forged\u009b' });
    expect(text).not.toContain('\u001b');
    expect(text).not.toContain('\u009b');
    expect(text.split('\n')).toHaveLength(6);
  });
});

describe('the file of pages', () => {
  const folder = inTempFolder();
  const path = (): string => folder().at('data', 'pages.jsonl');

  it('keeps each page once, over the end of a process and half a line', () => {
    const file = new PageFile(path());
    expect([file.add(aPage(1)), file.add(aPage(1))]).toEqual(['new', 'known']);
    appendFileSync(path(), '\n{"id":"page-');
    const next = new PageFile(path());
    expect([next.add(aPage(1)), next.add(aPage(2))]).toEqual(['known', 'new']);
    expect(new PageFile(path()).pages()).toEqual([aPage(1), aPage(2)]);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  it('is named where it cannot be written, and shows nothing then', async () => {
    mkdirSync(folder().at('data'));
    writeFileSync(folder().at('data', 'file'), '');
    const file = new PageFile(folder().at('data', 'file', 'pages.jsonl'));
    const shown: string[] = [];
    const pager = onCallPager({ file, write: (text) => shown.push(text) });
    expect(await codeOf(pager.page(aPage(1)))).toBe('PAGER_UNAVAILABLE');
    expect(shown).toEqual([]);
    chmodSync(folder().at('data'), 0o700);
  });

  it('keeps the terminal from showing a page again that the receiver did not take', async () => {
    const shown: string[] = [];
    const remote = new RecordingPager();
    const pager = onCallPager({ file: new PageFile(path()), write: (text) => shown.push(text), remote });
    remote.refuseNext(1);
    expect(await codeOf(pager.page(aPage(1)))).toBe('PAGER_UNAVAILABLE');
    await pager.page(aPage(1));
    expect(shown).toHaveLength(1);
    expect(remote.pages).toHaveLength(1);
    expect(readFileSync(path(), 'utf8').trim().split('\n')).toHaveLength(1);
  });
});

/** A receiver of pages on loopback that answers as it is told. */
async function aReceiver() {
  const bodies: unknown[] = [];
  const paths: string[] = [];
  let answer: (response: ServerResponse) => void = (response) => response.writeHead(202).end();
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    paths.push(request.url ?? '');
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      bodies.push(JSON.parse(text || '{}'));
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2/enqueue`;
  const page = (receiver: PageReceiver): Promise<void> =>
    webhookPager({ receiver, fetch, source: 'lockstep/local' }).page(aPage(1));
  return {
    bodies,
    paths,
    url,
    page,
    answerWith: (next: typeof answer): void => void (answer = next),
    cleanUp: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

const KEY = new Secret('not-a-real-routing-key');

describe('a page that is sent on', () => {
  const receiver = eachTime(aReceiver);

  it('is an event of PagerDuty, folded by the id of the page', async () => {
    const { page, bodies, url } = receiver();
    await page({ format: 'pagerduty', url, routingKey: KEY });
    expect(bodies).toEqual([
      {
        routing_key: KEY.reveal(),
        event_action: 'trigger',
        dedup_key: 'page-1',
        payload: {
          summary: 'A rotation keeps failing: vector-store',
          source: 'lockstep/local',
          severity: 'error',
          timestamp: '2026-01-01T00:00:00.000Z',
          custom_details: { reasons: aPage(1).reasons, firstCommand: 'lockstep status' },
        },
      },
    ]);
  });

  it('is the page itself for any other receiver', async () => {
    const { page, bodies, url } = receiver();
    await page({ format: 'json', url });
    expect(bodies).toEqual([aPage(1)]);
  });

  it('follows no redirect, which could carry the key to somebody else', async () => {
    const { page, paths, url, answerWith } = receiver();
    answerWith((response) => response.writeHead(307, { location: '/elsewhere' }).end());
    expect(await codeOf(page({ format: 'pagerduty', url, routingKey: KEY }))).toBe('PAGER_UNAVAILABLE');
    expect(paths).toEqual(['/v2/enqueue']);
  });

  it('is not handed over where the receiver says no, and waits as long as it asks for', async () => {
    const { page, url, answerWith } = receiver();
    answerWith((response) =>
      response.writeHead(429, { 'retry-after': '30' }).end('slow down, not-a-real-routing-key'),
    );
    const error: unknown = await page({ format: 'pagerduty', url, routingKey: KEY }).catch(
      (each: unknown) => each,
    );
    expect(error).toMatchObject({ code: 'PAGER_UNAVAILABLE', retryAfterSeconds: 30 });
    expect(isLockstepError(error) && error.message).not.toContain(KEY.reveal());
  });

  it('is not handed over where nobody listens', async () => {
    const { page, url, cleanUp } = receiver();
    await cleanUp();
    expect(await codeOf(page({ format: 'json', url }))).toBe('PAGER_UNAVAILABLE');
  });
});
