import { readFileSync } from 'node:fs';
import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { Secret } from '../../../lambdas/core/secret.ts';
import { signedHeaders } from '../../../lambdas/outbound/signed-message.ts';
import { messageBody } from '../../../lambdas/propagators/webhook/message.ts';
import { aNotice } from './a-notice.ts';

const PAGE = readFileSync(new URL('../../../docs/formats/webhook.md', import.meta.url), 'utf8');
const between = (start: string, end: string): string => PAGE.split(start)[1]?.split(end)[0] ?? '';

it('docs/formats/webhook.md shows exactly what is sent, and its vector verifies', () => {
  const body = JSON.stringify(JSON.parse(between('```json\n', '```')));
  expect(messageBody(aNotice())).toBe(body);

  const shown = Object.fromEntries(
    [...PAGE.matchAll(/^(webhook-[a-z]+): (.+)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
  const keys = [...new Set(PAGE.match(/whsec_[A-Za-z0-9+/]{20,}=*/g))].map((key) => new Secret(key));
  expect(keys).toHaveLength(2);
  const at = new Date(Number(shown['webhook-timestamp']) * 1000);
  expect(signedHeaders(keys, { id: aNotice().id, at, body })).toMatchObject(shown);
  for (const [n, key] of keys.entries())
    expect(new Webhook(key.reveal()).sign(aNotice().id, at, body)).toBe(
      shown['webhook-signature']?.split(' ')[n],
    );
});
