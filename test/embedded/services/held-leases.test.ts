import { describe, expect, it } from 'vitest';
import { embeddedAccess } from '../../../client/access/embedded-access.ts';
import { AttemptLog, type Attempt } from '../../../embedded/services/attempt-log.ts';
import { HeldLeases } from '../../../embedded/services/held-leases.ts';
import { readLines } from '../../../embedded/view/read-lines.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';

const folder = inTempFolder();

describe('the leases of a service', () => {
  it('are asked for in vain while no runtime is there, which is no failed attempt at a target', async () => {
    const log = new AttemptLog('research-agent', folder().at('service'), () => new Date());
    const leases = new HeldLeases(
      embeddedAccess({
        subject: 'research-agent',
        environment: 'local',
        identity: folder().at('identity.pem'),
        runtime: folder().at('runtime.json'),
      }),
      log,
    );
    await expect(leases.of({ leasable: 'model-session' })).rejects.toMatchObject({
      code: 'NOTHING_REACHABLE',
    });
    log.publish();
    await leases.release();
    expect(readLines(folder().at('service', 'attempts.jsonl')) as readonly Attempt[]).toMatchObject([
      { what: 'read', key: 'model-session', outcome: 'failed', code: 'no lease' },
    ]);
    const [status] = readLines(folder().at('service', 'status.json')) as readonly object[];
    expect(status).toMatchObject({ served: 0, failed: 0, readsFailed: 1 });
  });
});
