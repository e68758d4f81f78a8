import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isLockstepError } from '../../../lambdas/core/errors.ts';
import type { HeldVersion, RotatorRequest } from '../../../lambdas/core/ports/rotator.ts';
import { readLoginValue } from '../../../lambdas/postgres/login-value.ts';
import { AUTHORITY, postgresBed, type PostgresBed } from './bed.ts';
import { cuttingProxy } from './cutting-proxy.ts';

let bed: PostgresBed;
beforeAll(async () => {
  bed = await postgresBed();
});
afterAll(() => bed.stop());

const request = (token: string, credential = bed.authorityCredential()): RotatorRequest =>
  bed.request(token, 1, credential);

const held = (token: string): HeldVersion => ({
  version: token,
  key: AUTHORITY,
  value: bed.authority.current,
});

/** Issues a successor, as `createSecret` does: from here on it is AWSPENDING. */
async function pending(token: string, credential = bed.authorityCredential()): Promise<HeldVersion> {
  const issued = await bed.authorityRotator().issue(request(token, credential), undefined);
  bed.passwords.add(readLoginValue(issued.value).password.reveal());
  bed.authority = { current: bed.authority.current, pending: issued.value };
  return { version: token, ...issued };
}

/** `finishSecret`: what was pending is current. */
function promote({ value }: HeldVersion): void {
  bed.authority = { current: value };
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (isLockstepError(error) ? error.code : `foreign: ${String(error)}`),
  );

const refusals = async (since: number): Promise<number> =>
  (await bed.attempts()).slice(since).filter(({ outcome }) => outcome === 'refused').length;

describe('an authority that changes its own password', () => {
  it('needs two connections and no refused login on the straight way', async () => {
    const predecessor = held('a1');
    const before = (await bed.attempts()).length;
    bed.seen.length = 0;

    const successor = await pending('a2');
    await bed.authorityRotator().install(request('a2'), successor, predecessor);
    await bed.authorityRotator().verify(request('a2'), successor);
    promote(successor);

    expect(bed.seen).toMatchObject([
      { purpose: 'install', outcome: 'served' },
      { purpose: 'verify', outcome: 'served' },
    ]);
    expect(await refusals(before)).toBe(0);
    expect(await bed.tries(predecessor)).toBe('28P01');
    expect(await bed.authorityRotator().proveRefused(request('a2'), predecessor)).toBe('refused');
    expect(await bed.authorityRotator().proveRefused(request('a2'), successor)).toBe('accepted');
  });

  it('runs again after a lost answer, and finds that it was done', async () => {
    const predecessor = held('a2');
    const successor = await pending('a3');
    await bed.authorityRotator().install(request('a3'), successor, predecessor);
    const verifier = await bed.sql(`SELECT rolpassword FROM pg_authid WHERE rolname = '${AUTHORITY}'`);

    await bed.authorityRotator().install(request('a3'), successor, predecessor);

    expect(await bed.sql(`SELECT rolpassword FROM pg_authid WHERE rolname = '${AUTHORITY}'`)).toEqual(
      verifier,
    );
    await bed.authorityRotator().verify(request('a3'), successor);
    promote(successor);
  });

  it('serves its children between installation and promotion', async () => {
    const predecessor = held('a3');
    const successor = await pending('a4');
    await bed.authorityRotator().install(request('a4'), successor, predecessor);

    // AWSCURRENT is refused, AWSPENDING works
    await expect(bed.install('child', 7, undefined)).resolves.toBeDefined();
    promote(successor);
    await bed.reset();
  });
});

describe('an authority’s change that is repeated', () => {
  it.each(['before', 'after'] as const)(
    'converges when the answer to its commit is lost %s it',
    async (when) => {
      const proxy = await cuttingProxy(bed.server.port);
      const credential = bed.authorityCredential({ endpoint: { host: '127.0.0.1', port: proxy.port } });
      // given values that lead over that way
      const asIs = bed.authority.current;
      const through = (value: HeldVersion['value']): HeldVersion['value'] =>
        reroute(value, bed.server.port, proxy.port);
      bed.authority = { current: through(asIs) };
      const successor = await pending(`lost-${when}`, credential);
      proxy.cut('COMMIT\0', when);

      const install = () =>
        bed.authorityRotator().install(request(successor.version, credential), successor, held('before'));
      expect(await codeOf(install())).toBe('TARGET_UNREACHABLE');
      await install();
      await bed.authorityRotator().verify(request(successor.version, credential), successor);

      await proxy.close();
      promote({ ...successor, value: reroute(successor.value, proxy.port, bed.server.port) });
      expect(await bed.tries(held('now'))).toBe('works');
    },
  );

  it('converges when it runs five times at once', async () => {
    const predecessor = held('a5');
    const successor = await pending('a6');
    await Promise.all(
      Array.from({ length: 5 }, () => bed.authorityRotator().install(request('a6'), successor, predecessor)),
    );
    expect([await bed.tries(successor), await bed.tries(predecessor)]).toEqual(['works', '28P01']);
    promote(successor);
  });

  it('does nothing with a session that stood still since its login', async () => {
    const successor = await pending('a7');
    const slow = bed.request('a7', 1, bed.authorityCredential());
    const lock = `SELECT pg_advisory_lock(hashtextextended('lockstep role ${AUTHORITY}', 0)), pg_sleep(9)`;
    const holding = bed.sql(lock);
    await new Promise((resolve) => setTimeout(resolve, 150));
    const patient = bed.authorityRotator({ timeouts: { lockMs: 20_000, statementMs: 20_000 } });

    expect(await codeOf(patient.install(slow, successor, held('a6')))).toBe('TARGET_BUSY');

    await holding;
    expect(await bed.tries(held('a6'))).toBe('works');
  });
});

describe('an authority in a breach', () => {
  it('is never stopped, and its predecessor’s sessions end', async () => {
    const predecessor = held('a6');
    const intruder = await bed.dependent(predecessor, 'intruder');
    const successor = await pending('a8');
    await bed.authorityRotator().install(request('a8'), successor, predecessor);
    promote(successor);

    // a session that may still be ours is left alone when it retires, and ended in a breach
    await bed.authorityRotator().revoke(request('a8'), predecessor);
    await expect(intruder.query('SELECT 1')).resolves.toBeDefined();
    await bed.authorityRotator().stopNow(request('a8'), predecessor);
    await expect(intruder.query('SELECT 1')).rejects.toThrow(/terminat|not queryable|closed/);

    expect(await bed.tries(successor)).toBe('works');
    expect(await codeOf(bed.authorityRotator().disable(request('a8'), predecessor))).toBe('NOT_SUPPORTED');
    expect(await codeOf(bed.authorityRotator().enable(request('a8'), predecessor))).toBe('NOT_SUPPORTED');
    expect(await bed.authorityRotator().listOurs(request('a8'))).toEqual([]);
  });

  it('changes no other role, whatever a value says', async () => {
    const forged = reroute(bed.authority.current, bed.server.port, bed.server.port, 'postgres');
    const successor: HeldVersion = { version: 'a9', key: 'postgres', value: forged };
    expect(await codeOf(bed.authorityRotator().install(request('a9'), successor, undefined))).toBe(
      'VALUE_MALFORMED',
    );
    expect(() => bed.authorityRotator().checkFirst(bed.authorityCredential(), forged)).toThrow(
      /must be the login of role/,
    );
  });

  it('has left no password in the log', async () => {
    const log = await bed.log();
    expect(log).toContain(`ALTER ROLE "${AUTHORITY}" PASSWORD 'SCRAM-SHA-256$`);
    for (const password of bed.passwords) expect(log.includes(password)).toBe(false);
  });
});

/** The same value, leading elsewhere. */
function reroute(
  value: HeldVersion['value'],
  from: number,
  to: number,
  username?: string,
): HeldVersion['value'] {
  expect(readLoginValue(value).port).toBe(from);
  return bed.rewritten(value, { port: to, ...(username === undefined ? {} : { username }) });
}
