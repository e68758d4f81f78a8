import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HeldVersion } from '../../../lambdas/core/ports/rotator.ts';
import { readLoginValue } from '../../../lambdas/postgres/login-value.ts';
import { AUTHORITY, postgresBed, SLOTS, type PostgresBed } from './bed.ts';

let bed: PostgresBed;
beforeAll(async () => {
  bed = await postgresBed();
});
afterAll(() => bed.stop());
beforeEach(() => bed.reset());

/** A first value in slot a, as adoption leaves it. */
const adopted = (): Promise<HeldVersion> => bed.install('v1', 0, undefined);

describe('a rotation of a two-slot credential', () => {
  it('installs beside the current version, which keeps working until it is retired', async () => {
    const predecessor = await adopted();

    // when the four steps and the retirement run
    const successor = await bed.install('v2', 1, predecessor);
    await bed.rotator().verify(bed.request('v2', 1), successor);
    const whilePromoted = [await bed.tries(predecessor), await bed.tries(successor)];
    const disabled = await bed.rotator().disable(bed.request('v2', 1), predecessor);
    const whileDisabled = [await bed.tries(predecessor), await bed.tries(successor)];
    await bed.rotator().revoke(bed.request('v2', 1), predecessor);
    const refused = await bed.rotator().proveRefused(bed.request('v2', 1), predecessor);

    // then
    expect([predecessor.key, successor.key]).toEqual(SLOTS);
    expect(whilePromoted).toEqual(['works', 'works']);
    expect(disabled).toBe('disabled');
    expect(whileDisabled).toEqual(['28000', 'works']);
    expect(refused).toBe('refused');
    expect(await bed.tries(successor)).toBe('works');
    // the slot stays closed until its next installation
    expect(await bed.slot(predecessor.key)).toEqual({
      canLogin: false,
      memory: { token: 'v1', fence: 1, state: 'revoked' },
    });
  });

  it('takes the slots in turn, for as long as it goes on', async () => {
    let current = await adopted();
    const slots = [current.key];
    for (let fence = 1; fence <= 4; fence += 1) {
      const successor = await bed.install(`turn-${fence}`, fence, current);
      await bed.rotator().verify(bed.request(successor.version, fence), successor);
      expect(await bed.rotator().disable(bed.request(successor.version, fence), current)).toBe('disabled');
      await bed.rotator().revoke(bed.request(successor.version, fence), current);
      expect(await bed.tries(current)).toBe('28P01');
      slots.push(successor.key);
      current = successor;
    }
    expect(slots).toEqual(['rag_a', 'rag_b', 'rag_a', 'rag_b', 'rag_a']);
  });
});

describe('the four steps', () => {
  it('needs two connections for the four steps, and says which they were', async () => {
    const predecessor = await adopted();
    bed.seen.length = 0;

    const successor = await bed.install('v2', 1, predecessor);
    await bed.rotator().verify(bed.request('v2', 1), successor);

    expect(bed.seen).toMatchObject([
      { purpose: 'install', role: AUTHORITY, outcome: 'served' },
      { purpose: 'verify', role: 'rag_b', outcome: 'served' },
    ]);
    // and the server's log knows the same connections by the same ports
    const attempts = await bed.attempts();
    for (const { localPort, role } of bed.seen) {
      expect(attempts.filter(({ port }) => port === localPort).at(-1)).toMatchObject({
        role,
        outcome: 'served',
        applicationName: 'lockstep',
      });
    }
  });

  it('leaves what a slot makes to the other slot', async () => {
    const predecessor = await adopted();
    const writer = await bed.dependent(predecessor);
    await writer.query('CREATE TABLE IF NOT EXISTS chunks (id int)');
    await writer.query('INSERT INTO chunks VALUES (1)');
    await writer.end();

    const reader = await bed.dependent(await bed.install('v2', 1, predecessor));
    const { rowCount } = await reader.query('SELECT id FROM chunks');
    await reader.query('DROP TABLE chunks');
    await reader.end();

    expect(rowCount).toBe(1);
  });
});

describe('a disable', () => {
  it('answers in-use and stops nothing while a session of the slot lives', async () => {
    const predecessor = await adopted();
    await bed.install('v2', 1, predecessor);
    const stillThere = await bed.dependent(predecessor);

    expect(await bed.rotator().disable(bed.request('v2', 1), predecessor)).toBe('in-use');
    expect(await bed.tries(predecessor)).toBe('works');

    await stillThere.end();
    expect(await bed.rotator().disable(bed.request('v2', 1), predecessor)).toBe('disabled');
  });

  it('brings a disabled version back', async () => {
    const predecessor = await adopted();
    await bed.install('v2', 1, predecessor);
    await bed.rotator().disable(bed.request('v2', 1), predecessor);

    await bed.rotator().enable(bed.request('v2', 1), predecessor);

    expect(await bed.tries(predecessor)).toBe('works');
    expect(await bed.slot(predecessor.key)).toEqual({ canLogin: true, memory: { token: 'v1', fence: 1 } });
    await expect(bed.rotator().verify(bed.request('v2', 1), predecessor)).resolves.toBeUndefined();
  });
});

describe('a revoke', () => {
  it('never brings a revoked version back', async () => {
    const predecessor = await adopted();
    await bed.install('v2', 1, predecessor);
    await bed.rotator().revoke(bed.request('v2', 1), predecessor);

    await expect(bed.rotator().enable(bed.request('v2', 1), predecessor)).rejects.toMatchObject({
      code: 'PREDECESSOR_REVOKED',
    });
    await expect(bed.rotator().verify(bed.request('v2', 1), predecessor)).rejects.toMatchObject({
      code: 'SUCCESSOR_REJECTED',
    });
    expect((await bed.slot(predecessor.key)).canLogin).toBe(false);
  });

  it('ends the sessions that are left when it revokes, and those of nobody else', async () => {
    const predecessor = await adopted();
    const successor = await bed.install('v2', 1, predecessor);
    const [old, fresh] = [await bed.dependent(predecessor), await bed.dependent(successor)];

    await bed.rotator().revoke(bed.request('v2', 1), predecessor);

    await expect(old.query('SELECT 1')).rejects.toThrow(/terminat|not queryable|closed/);
    await expect(fresh.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 });
    await fresh.end();
  });

  it('rolls back: the successor is revoked, the predecessor goes on', async () => {
    const predecessor = await adopted();
    const successor = await bed.install('v2', 1, predecessor);

    await bed.rotator().enable(bed.request('v2', 1), predecessor);
    await bed.rotator().revoke(bed.request('v2', 1), successor);

    expect([await bed.tries(predecessor), await bed.tries(successor)]).toEqual(['works', '28P01']);
  });
});

describe('breach mode', () => {
  it('stops both slots with their sessions, and rotates without a login that works', async () => {
    const predecessor = await adopted();
    const successor = await bed.install('v2', 1, predecessor);
    const sessions = [await bed.dependent(predecessor), await bed.dependent(successor)];

    // when everything that works is stopped
    await bed.rotator().stopNow(bed.request('v2', 1), successor);
    await bed.rotator().stopNow(bed.request('v1', 1), predecessor);

    // then nobody is in, and nobody gets in
    for (const session of sessions)
      await expect(session.query('SELECT 1')).rejects.toThrow(/terminat|not queryable|closed/);
    expect([await bed.tries(predecessor), await bed.tries(successor)]).toEqual(['28000', '28000']);

    // and the rotation that follows installs all the same
    const replacement = await bed.install('v3', 2, successor);
    await bed.rotator().verify(bed.request('v3', 2), replacement);
    expect([await bed.tries(predecessor), await bed.tries(successor), await bed.tries(replacement)]).toEqual([
      '28P01',
      '28000',
      'works',
    ]);
  });

  it('is not undone by an installation that was on its way', async () => {
    const predecessor = await adopted();
    const late = await bed.issue('v2', 1, predecessor);

    // given that the slot of the rotation under way was stopped before its installation came
    await bed.rotator().stopNow(bed.request('v2', 1), late);

    await expect(bed.rotator().install(bed.request('v2', 1), late, predecessor)).rejects.toMatchObject({
      code: 'FENCED_OFF',
    });
    expect((await bed.slot(late.key)).canLogin).toBe(false);
  });
});

describe('the server’s log', () => {
  it('never holds a password, in any of the forms in which one could stand there', async () => {
    const predecessor = await adopted();
    const successor = await bed.install('v2', 1, predecessor);
    await bed.rotator().verify(bed.request('v2', 1), successor);
    await bed.rotator().revoke(bed.request('v2', 1), predecessor);
    await bed.rotator().proveRefused(bed.request('v2', 1), predecessor);

    const log = await bed.log();

    // given that the search finds what is there: log_statement=all has written the verifier down
    expect(log).toContain('ALTER ROLE "rag_b" LOGIN PASSWORD \'SCRAM-SHA-256$');
    expect(bed.passwords.size).toBeGreaterThan(2);
    for (const password of bed.passwords) {
      for (const form of formsOf(password))
        expect(log.includes(form), 'a password is in the log').toBe(false);
    }
    expect(readLoginValue(successor.value).password.reveal()).toHaveLength(40);
  });
});

const formsOf = (password: string): readonly string[] => [
  password,
  Buffer.from(password).toString('base64').replace(/=+$/, ''),
  Buffer.from(password).toString('hex'),
  Array.from(password, (letter) => `%${letter.charCodeAt(0).toString(16)}`).join(''),
];
