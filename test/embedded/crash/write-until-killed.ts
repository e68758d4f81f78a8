import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { create, replace } from '../../../lambdas/core/ports/ledger.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { anAdvance } from '../../fakes/an-event.ts';
import { aHead, anEntry } from '../../fakes/an-audit-entry.ts';
import { token } from '../../fakes/counted-ids.ts';
import {
  crashAppender,
  crashAudit,
  crashBus,
  crashHeads,
  crashLedger,
  crashTimer,
  crashVault,
  SECRET,
} from './crash-stores.ts';

/**
 * A process that writes to every store in turn until it is killed: `write-until-killed.ts <folder>`. It
 * prints store and number of each write after the store has said that it is durable.
 */
const [, , folder = ''] = process.argv;
const say = (store: string, number: number | string): void => void writeSync(1, `${store} ${number}\n`);

const ledger = crashLedger(folder);
const vault = crashVault(folder);
const client = vault.vaultFor('arn:aws:iam::000000000000:role/x');
const bus = crashBus(folder, async ({ id }) => say('delivered', id.slice(6)));
const timer = crashTimer(folder, async () => undefined);
const appender = crashAppender(crashAudit(folder));
const heads = crashHeads(folder);

await client.putFirst(SECRET, token(0), new Secret('not-a-real-secret 0'));
bus.start();
for (let number = 1; ; number += 1) {
  const row = await ledger.read('credential', 'counter', 'state');
  const body = { fence: number };
  const counter = row ? replace(row, body) : create('credential', 'counter', 'state', body);
  await ledger.commit([counter, create('credential', 'rows', `row-${number}`, body)], [anAdvance(number)]);
  say('ledger', number);

  await client.putPending(SECRET, token(number), new Secret(`not-a-real-secret ${number}`));
  await client.moveCurrent(SECRET, { to: token(number), from: token(number - 1) });
  say('vault', number);

  await bus.publish([anAdvance(number)]);
  say('bus', number);

  await timer.schedule(`timer-${number}`, '2026-01-01T00:00:00.000Z', anAdvance(number));
  say('timer', number);

  await appender.append(anEntry(number));
  say('audit', number);

  await heads.put(aHead(number, await heads.latest()));
  say('heads', number);

  // A store that does not exist yet: file and key are made.
  crashVault(join(folder, 'new', String(number))).close();
  say('new', number);
  await new Promise((resolve) => setImmediate(resolve));
}
