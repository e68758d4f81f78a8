import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isLockstepError } from '../../../lambdas/core/errors.ts';
import type { HeldVersion, RotatorRequest } from '../../../lambdas/core/ports/rotator.ts';
import { postgresBed, type PostgresBed } from './bed.ts';
import { cuttingProxy, type CuttingProxy } from './cutting-proxy.ts';

let bed: PostgresBed;
let proxy: CuttingProxy;
beforeAll(async () => {
  bed = await postgresBed();
  proxy = await cuttingProxy(bed.server.port);
});
afterAll(async () => {
  await proxy.close();
  await bed.stop();
});
beforeEach(() => bed.reset());

/** The statement as it goes over the wire, ended by a zero; the BEGIN has the word in it, too. */
const COMMIT = 'COMMIT\0';

const request = (fence: number, token = `v${fence + 1}`): RotatorRequest => bed.request(token, fence);

/** v1 in slot a, and v2 installed beside it. */
async function underWay(): Promise<{ predecessor: HeldVersion; successor: HeldVersion }> {
  const predecessor = await bed.install('v1', 0, undefined);
  return { predecessor, successor: await bed.install('v2', 1, predecessor) };
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (isLockstepError(error) ? error.code : `foreign: ${String(error)}`),
  );

describe('every effect, run twice', () => {
  it('converges one after the other', async () => {
    const { predecessor, successor } = await underWay();
    await bed.rotator().install(request(1), successor, predecessor);
    expect(await bed.tries(successor)).toBe('works');

    expect(await bed.rotator().disable(request(1), predecessor)).toBe('disabled');
    expect(await bed.rotator().disable(request(1), predecessor)).toBe('disabled');
    await bed.rotator().enable(request(1), predecessor);
    await bed.rotator().enable(request(1), predecessor);
    expect(await bed.tries(predecessor)).toBe('works');

    await bed.rotator().revoke(request(1), predecessor);
    await bed.rotator().revoke(request(1), predecessor);
    expect([await bed.tries(predecessor), await bed.tries(successor)]).toEqual(['28P01', 'works']);
  });

  it('converges at the same time', async () => {
    const predecessor = await bed.install('v1', 0, undefined);
    const successor = await bed.issue('v2', 1, predecessor);
    const fiveTimes = <T>(work: () => Promise<T>): Promise<readonly T[]> =>
      Promise.all(Array.from({ length: 5 }, work));

    await fiveTimes(() => bed.rotator().install(request(1), successor, predecessor));
    expect(await bed.tries(successor)).toBe('works');
    expect(new Set(await fiveTimes(() => bed.rotator().disable(request(1), predecessor)))).toEqual(
      new Set(['disabled']),
    );
    await fiveTimes(() => bed.rotator().enable(request(1), predecessor));
    expect(await bed.tries(predecessor)).toBe('works');
    await fiveTimes(() => bed.rotator().revoke(request(1), predecessor));
    await fiveTimes(() => bed.rotator().stopNow(request(1), successor));
    expect([await bed.tries(predecessor), await bed.tries(successor)]).toEqual(['28P01', '28000']);
  });

  it('draws one verifier for one version', async () => {
    const { predecessor, successor } = await underWay();
    const verifier = () => bed.sql(`SELECT rolpassword FROM pg_authid WHERE rolname = 'rag_b'`);
    const before = await verifier();
    await bed.rotator().install(request(1), successor, predecessor);
    expect(await verifier()).toEqual(before);
  });
});

describe('an answer that is lost', () => {
  const through = (fence: number): RotatorRequest =>
    bed.request(
      `v${fence + 1}`,
      fence,
      bed.credential({ endpoint: { host: '127.0.0.1', port: proxy.port } }),
    );

  it.each(['before', 'after'] as const)(
    '%s the commit of an installation: the repeat converges',
    async (when) => {
      const predecessor = await bed.install('v1', 0, undefined);
      const issued = await bed.rotator().issue(through(1), predecessor);
      const successor = { version: 'v2', ...issued };
      proxy.cut(COMMIT, when);

      expect(await codeOf(bed.rotator().install(through(1), successor, predecessor))).toBe(
        'TARGET_UNREACHABLE',
      );
      expect(proxy.hasCut()).toBe(true);
      expect(await bed.tries(successor)).toBe(when === 'after' ? 'works' : '28P01');

      await bed.rotator().install(through(1), successor, predecessor);
      expect([await bed.tries(successor), await bed.tries(predecessor)]).toEqual(['works', 'works']);
    },
  );

  it.each(['before', 'after'] as const)('%s the commit of a disable: the repeat converges', async (when) => {
    const { predecessor, successor } = await underWay();
    proxy.cut(COMMIT, when);
    expect(await codeOf(bed.rotator().disable(through(1), predecessor))).toBe('TARGET_UNREACHABLE');
    expect(proxy.hasCut()).toBe(true);

    expect(await bed.rotator().disable(through(1), predecessor)).toBe('disabled');
    expect([await bed.tries(predecessor), await bed.tries(successor)]).toEqual(['28000', 'works']);
  });

  it.each(['before', 'after'] as const)(
    '%s the commit of a revoke: the repeat ends the sessions too',
    async (when) => {
      const { predecessor } = await underWay();
      const left = await bed.dependent(predecessor);
      proxy.cut(COMMIT, when);
      expect(await codeOf(bed.rotator().revoke(through(1), predecessor))).toBe('TARGET_UNREACHABLE');
      expect(proxy.hasCut()).toBe(true);

      await bed.rotator().revoke(through(1), predecessor);
      await expect(left.query('SELECT 1')).rejects.toThrow(/terminat|not queryable|closed/);
      expect(await bed.tries(predecessor)).toBe('28P01');
    },
  );
});

describe('a session that slips in, or is let in', () => {
  it('after a disable that a session slipped into: the repeat opens the slot again', async () => {
    const { predecessor } = await underWay();
    // given a run that died after it closed the slot, and a session that was let in just before
    const slipped = await bed.dependent(predecessor);
    await bed.sql(`ALTER ROLE rag_a NOLOGIN`);
    await bed.sql(
      `COMMENT ON ROLE rag_a IS '${JSON.stringify({ lockstep: { token: 'v1', fence: 1, state: 'closed' } })}'`,
    );

    expect(await bed.rotator().disable(request(1), predecessor)).toBe('in-use');

    expect(await bed.tries(predecessor)).toBe('works');
    await slipped.end();
  });

  it('leaves a slot closed that an operator closed, whoever is still in it', async () => {
    const { predecessor } = await underWay();
    const inside = await bed.dependent(predecessor);
    await bed.sql(`ALTER ROLE rag_a NOLOGIN`);

    expect(await bed.rotator().disable(request(1), predecessor)).toBe('in-use');

    expect((await bed.slot('rag_a')).canLogin).toBe(false);
    await inside.end();
  });

  it('sees a session that slips in between the look and the change', async () => {
    const { predecessor } = await underWay();
    let slipped: Awaited<ReturnType<typeof bed.dependent>> | undefined;
    // given a login that shows only while the rotator waits for such ones
    const rotator = bed.rotator({
      sleep: async () => {
        if (slipped) return;
        await bed.sql('ALTER ROLE rag_a LOGIN');
        slipped = await bed.dependent(predecessor);
        await bed.sql('ALTER ROLE rag_a NOLOGIN');
      },
    });

    expect(await rotator.disable(request(1), predecessor)).toBe('in-use');

    expect(await bed.tries(predecessor)).toBe('works');
    await slipped?.end();
  });
});

describe('a rotation that comes late', () => {
  /** v1 and v2 as above, v1 retired, and v3 installed where v1 was. */
  async function overtaken() {
    const { predecessor, successor } = await underWay();
    await bed.rotator().revoke(request(1), predecessor);
    const newest = await bed.install('v3', 2, successor);
    return { predecessor, successor, newest };
  }

  it('changes nothing in a slot that a newer one has taken', async () => {
    const { predecessor, newest } = await overtaken();
    const inUse = await bed.dependent(newest);

    const late = await Promise.all(
      [
        bed.rotator().disable(request(1), predecessor),
        bed.rotator().enable(request(1), predecessor),
        bed.rotator().revoke(request(1), predecessor),
        bed.rotator().stopNow(request(1), predecessor),
        bed.rotator().install(bed.request('v1', 0), predecessor, undefined),
      ].map(codeOf),
    );
    expect(late).toEqual(Array(5).fill('FENCED_OFF'));

    await expect(inUse.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 });
    expect(await bed.tries(newest)).toBe('works');
    await inUse.end();
  });

  it('cannot install what was abandoned and cleaned up before it came', async () => {
    const predecessor = await bed.install('v1', 0, undefined);
    const abandoned = await bed.issue('v2', 1, predecessor);
    await bed.rotator().revoke(request(1), abandoned);

    expect(await codeOf(bed.rotator().install(request(1), abandoned, predecessor))).toBe('FENCED_OFF');
    expect((await bed.slot(abandoned.key)).canLogin).toBe(false);

    // and the next rotation takes that slot as if nothing had been
    const next = await bed.install('v3', 2, predecessor);
    expect([next.key, await bed.tries(next)]).toEqual([abandoned.key, 'works']);
  });

  it('loses against a newer one that installs at the same moment, in whatever order they come', async () => {
    const current = await bed.install('v1', 0, undefined);
    const [older, newer] = [await bed.issue('v2', 1, current), await bed.issue('v3', 2, current)];
    for (let round = 0; round < 5; round += 1) {
      await bed.sql(`COMMENT ON ROLE rag_b IS NULL`);
      const [first] = await Promise.all([
        codeOf(bed.rotator().install(bed.request('v2', 1), older, current)),
        bed.rotator().install(bed.request('v3', 2), newer, current),
      ]);
      expect(['done', 'FENCED_OFF']).toContain(first);
      expect([await bed.tries(newer), await bed.tries(older)]).toEqual(['works', '28P01']);
    }
  });

  it('cannot stop this rotation’s own successor by the name of its predecessor', async () => {
    const { successor } = await underWay();
    const mixedUp = { version: 'v1', key: successor.key };

    expect(await codeOf(bed.rotator().disable(request(1), mixedUp))).toBe('FENCED_OFF');
    expect(await codeOf(bed.rotator().revoke(request(1), mixedUp))).toBe('FENCED_OFF');
    expect(await bed.tries(successor)).toBe('works');
  });
});

describe('a slot that is not to be changed', () => {
  it('is not installed to where the current version uses it', async () => {
    const current = await bed.install('v1', 0, undefined);
    const forged = { ...(await bed.issue('v2', 1, undefined)), version: 'v2' };

    expect(forged.key).toBe(current.key);
    expect(await codeOf(bed.rotator().install(request(1), forged, current))).toBe('VALUE_MALFORMED');
    expect(await bed.tries(current)).toBe('works');
  });

  it.each(['postgres', 'rag_db_admin', 'rag_owner', 'unheard_of'])('%s is no slot', async (role) => {
    const version = { version: 'v9', key: role };
    const before = await bed.sql('SELECT rolname, rolcanlogin, rolpassword FROM pg_authid ORDER BY 1');
    const answers = await Promise.all(
      [
        bed.rotator().disable(request(1), version),
        bed.rotator().enable(request(1), version),
        bed.rotator().revoke(request(1), version),
        bed.rotator().stopNow(request(1), version),
      ].map(codeOf),
    );
    expect(answers).toEqual(Array(4).fill('VALUE_MALFORMED'));
    expect(await bed.sql('SELECT rolname, rolcanlogin, rolpassword FROM pg_authid ORDER BY 1')).toEqual(
      before,
    );
  });

  it('keeps a comment that somebody else wrote, and gives up on a memory that it cannot read', async () => {
    await bed.sql(`COMMENT ON ROLE rag_a IS 'asked for by the retrieval team'`);
    await bed.install('v1', 3, undefined);
    const [row] = await bed.sql<{ comment: string }>(
      `SELECT shobj_description(oid, 'pg_authid') AS comment FROM pg_roles WHERE rolname = 'rag_a'`,
    );
    expect(JSON.parse(row?.comment ?? '')).toEqual({
      lockstep: { token: 'v1', fence: 3 },
      note: 'asked for by the retrieval team',
    });

    await bed.sql(`COMMENT ON ROLE rag_a IS '{"lockstep":{"token":"v1","fence":"many"}}'`);
    expect(await codeOf(bed.install('v2', 9, undefined))).toBe('FENCED_OFF');
  });
});
