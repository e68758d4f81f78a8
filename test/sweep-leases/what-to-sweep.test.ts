import { describe, expect, it } from 'vitest';
import { toBusEntry } from '../../lambdas/contracts/bus-envelope.ts';
import type { LockstepEvent } from '../../lambdas/core/events.ts';
import { whatToSweep } from '../../lambdas/sweep-leases/what-to-sweep.ts';

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
const TICK = {
  version: '0',
  id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: '111111111111',
  time: '2027-01-01T00:01:00Z',
  region: 'eu-central-1',
  resources: ['arn:aws:events:eu-central-1:111111111111:rule/every-minute'],
  detail: {},
};

/** As EventBridge delivers an event of ours. */
function delivered(event: LockstepEvent): string {
  const { source, detailType, detail, resources } = toBusEntry(event);
  return JSON.stringify({
    ...TICK,
    source,
    'detail-type': detailType,
    detail: JSON.parse(detail),
    resources,
  });
}

const head = { id: 'event-1', at: '2027-01-01T00:00:00.000Z', environment: 'staging' } as const;

describe('what the sweeper is sent', () => {
  it('is a round when the clock of AWS sends it', () => {
    expect(whatToSweep(JSON.stringify(TICK))).toEqual({ type: 'leases.due', detail: {} });
  });

  it('is what an event of ours says', () => {
    const events: readonly LockstepEvent[] = [
      { ...head, type: 'leases.due', detail: {} },
      { ...head, type: 'leases.due', detail: { target: 'lease-admin' } },
      { ...head, type: 'lease.due', detail: { lease: '0'.repeat(26) } },
    ];
    for (const event of events) expect(whatToSweep(delivered(event))).toEqual(event);
  });

  it('is refused when it is an event for somebody else, or nobody’s', () => {
    const other = { ...head, type: 'pulse.due', detail: {} } as unknown as LockstepEvent;
    for (const body of [delivered(other), JSON.stringify({ ...TICK, source: 'aws.health' }), '{', '""'])
      expect(() => whatToSweep(body)).toThrow(expect.objectContaining({ code: 'MALFORMED_EVENT' }));
  });
});
