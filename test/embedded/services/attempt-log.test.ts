import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { AttemptLog, type ServiceStatus } from '../../../embedded/services/attempt-log.ts';
import { readLines } from '../../../embedded/view/read-lines.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';

describe('the book of a service', () => {
  const folder = inTempFolder();
  const clock = new FakeClock();
  let log: AttemptLog;
  beforeEach(() => (log = new AttemptLog('rag-api', folder().at('service'), clock.now)));

  const lines = () => readLines(folder().at('service', 'attempts.jsonl'));
  const status = () => {
    log.publish();
    return JSON.parse(readFileSync(folder().at('service', 'status.json'), 'utf8')) as ServiceStatus;
  };

  it('has when an attempt began and when it had ended, with the port that it came from', () => {
    const began = clock.now().toISOString();
    const note = log.begin('login');
    clock.jump(2);
    note({ key: 'rag_a', localPort: 40_000, outcome: 'failed', code: '28P01' });
    expect(lines()).toEqual([
      {
        at: clock.now().toISOString(),
        began,
        what: 'login',
        key: 'rag_a',
        localPort: 40_000,
        outcome: 'failed',
        code: '28P01',
      },
    ]);
  });

  it('counts every attempt that failed, of whatever kind, and reads of the vault apart', () => {
    for (const what of ['login', 'statement', 'call'] as const) {
      log.note({ what, outcome: 'served' });
      log.note({ what, outcome: 'failed' });
    }
    log.note({ what: 'read', outcome: 'served' });
    log.note({ what: 'read', outcome: 'failed' });
    expect(status()).toMatchObject({ name: 'rag-api', served: 3, failed: 3, readsFailed: 1 });
  });

  it('does not count a notice that anybody may have forged, and writes it down', () => {
    log.note({ what: 'notice', id: 'n1', outcome: 'failed' });
    log.note({ what: 'notice', id: 'n2', outcome: 'served' });
    expect(status()).toMatchObject({ served: 1, failed: 0 });
    expect(lines()).toMatchObject([{ id: 'n1', outcome: 'failed' }, { id: 'n2' }]);
  });

  it('goes on counting where nothing can be written, and loses nothing', () => {
    mkdirSync(folder().at('service', 'attempts.jsonl'));
    mkdirSync(folder().at('service', 'status.json.new'));
    expect(() => {
      log.note({ what: 'call', outcome: 'failed' });
      log.publish();
      log.uses('vector-store', 'a version');
    }).not.toThrow();
    rmdirSync(folder().at('service', 'attempts.jsonl'));
    rmdirSync(folder().at('service', 'status.json.new'));
    expect(status()).toMatchObject({ failed: 1, using: { 'vector-store': 'a version' } });
    expect(lines()).toHaveLength(1);
  });
});
