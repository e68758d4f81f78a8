import { describe, expect, it } from 'vitest';
import { changes, glanceLines, type Glance } from '../../../embedded/view/progress.ts';
import { aRotation, aStatus, NOW } from '../../cli/a-connection.ts';
import type { CredentialStatus } from '../../../lambdas/report/show-status.ts';

const glance = (...credentials: readonly CredentialStatus[]): Glance => ({
  status: { environment: 'local', at: NOW, credentials, deadLetters: 0, sealAgeSeconds: 3.4 },
  services: [{ name: 'rag-api', at: NOW, served: 12, failed: 0, readsFailed: 0, using: {} }],
  pages: 0,
});

const adopting = aRotation({
  phase: 'adopting',
  missing: [
    { dependent: 'rag-api', told: 'told' },
    { dependent: 'embedder', told: 'asks by itself' },
  ],
});
const FAILURE =
  'setSecret failed 3 time(s), last 2026-11-24T11:59:50.000Z: TARGET_LACKS_GRANT: role lockstep_admin lacks ADMIN OPTION to ' +
  'change role rag_a; as an administrator run: GRANT "rag_a" TO "lockstep_admin" WITH ADMIN OPTION;';

describe('the view at a terminal', () => {
  it.each([60, 80, 100, 140])('is never wider than it, at %i columns', (width) => {
    const now = glance(
      aStatus('vector-store', { rotation: adopting }),
      aStatus('summariser-hook', {
        rotation: aRotation({ phase: 'failed', failure: FAILURE }),
        hold: { by: 'somebody', reason: 'a reason '.repeat(20), since: NOW },
      }),
    );
    for (const line of glanceLines(now, width)) expect(line.length).toBeLessThanOrEqual(width);
  });

  it('counts the stages, and says what is waited for also at eighty columns', () => {
    const [, , line] = glanceLines(glance(aStatus('vector-store', { rotation: adopting })), 80);
    expect(line).toMatch(/^vector-store {2}■■■■■■··· {2}adopting/);
    expect(line).toContain('waits for rag-api, embedd');
  });

  it('shows what is current where there is room for it', () => {
    const now = glance(aStatus('vector-store', { rotation: adopting }));
    expect(glanceLines(now, 140).join('\n')).toContain('rag_a');
    expect(glanceLines(now, 80).join('\n')).not.toContain('rag_a');
  });

  it('tells a failure below, whole: it names the next move', () => {
    const lines = glanceLines(
      glance(aStatus('vector-store', { rotation: aRotation({ phase: 'failed', failure: FAILURE }) })),
      80,
    );
    const told = lines.map((line) => line.trim()).join(' ');
    expect(told).toContain('GRANT "rag_a" TO "lockstep_admin" WITH ADMIN OPTION;');
  });

  it('says who holds what, and why', () => {
    const held = aStatus('vector-store', { hold: { by: 'anna', reason: 'release day', since: NOW } });
    const text = glanceLines(glance(held), 80).join('\n');
    expect(text).toContain('held by anna');
    expect(text).toContain('vector-store is held by anna: release day');
  });

  it('counts reads that failed while the runtime was away apart', () => {
    const now = {
      ...glance(),
      services: [{ name: 'embedder', at: NOW, served: 5, failed: 0, readsFailed: 13, using: {} }],
    };
    expect(glanceLines(now, 140).join('\n')).toMatch(
      /^embedder +served +5 +failed +0 +and 13 reads while the runtime was away$/m,
    );
  });

  it('says what fails inside the runtime while it does: a full disk is nowhere else to be read', () => {
    const now = { ...glance(), trouble: 'the bus: no room to write the bus in bus.sqlite (NO_ROOM)' };
    expect(glanceLines(now, 140).at(-1)).toBe(`Tried again: ${now.trouble}`);
    expect(changes(glance(), now)).toEqual([`12:00:00  tried again: ${now.trouble}`]);
    expect(changes(now, now)).toEqual([]);
  });

  it('names the double', () => {
    expect(glanceLines(glance(), 140).at(-1)).toContain('OpenAI is a double on this machine');
  });
});

describe('the view where nothing can be updated in place', () => {
  it('has a line for each change, and none where nothing changed', () => {
    const before = glance(
      aStatus('vector-store', { rotation: aRotation({ phase: 'promoted' }) }),
      aStatus('other'),
    );
    const now = glance(aStatus('vector-store', { rotation: adopting }), aStatus('other'));
    expect(changes(before, now)).toEqual([
      '12:00:00  vector-store: adopting, waits for rag-api, embedder (current: rag_a)',
    ]);
    expect(changes(now, now)).toEqual([]);
  });

  it('tells why a step failed, once; another failure is news', () => {
    const failed = (failure: string) =>
      glance(aStatus('vector-store', { rotation: aRotation({ phase: 'failed', failure }) }));
    expect(changes(glance(aStatus('vector-store')), failed(FAILURE))[0]).toContain(
      'TARGET_LACKS_GRANT: role lockstep_admin lacks',
    );
    expect(changes(failed(FAILURE), failed(FAILURE.replace('3 time(s)', '4 time(s)')))).toEqual([]);
    expect(changes(failed(FAILURE), failed('setSecret failed: TARGET_UNREACHABLE: no answer'))).toHaveLength(
      1,
    );
  });
});
