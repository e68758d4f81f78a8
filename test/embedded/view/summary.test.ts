import { describe, expect, it } from 'vitest';
import { summaryText } from '../../../embedded/view/summary.ts';
import { anAccount, aRound, retired } from './a-round.ts';

const text = (facts = aRound(), isPlain = true): string => summaryText(facts, isPlain);
const cells = (line: RegExp, of = text()): readonly string[] =>
  (of.split('\n').find((each) => line.test(each)) ?? '').split(/ {2,}/);

describe('the summary of a round', () => {
  it('has the times of each credential, in seconds from its request', () => {
    expect(cells(/^credential .*strategy/)).toEqual([
      'credential',
      'strategy',
      'requested',
      'promoted',
      'adopted',
      'retired',
    ]);
    expect(cells(/two-slot/)).toEqual(['vector-store', 'two-slot', '10:00:00', '1.3', '6.0', '12.5']);
  });

  it('has the attempts of each credential as both sides counted them, and what became of the old value', () => {
    expect(cells(/logins, /)).toEqual(['vector-store', '12', '0', '4 logins, 0 refused', 'refused']);
    const unproved = aRound({
      rotations: new Map([['vector-store', retired({ provenRefusedAt: undefined as unknown as string })]]),
    });
    expect(cells(/logins, /, text(unproved)).at(-1)).toBe('NOT PROVEN');
  });

  it('has who adopted, and how it was proved', () => {
    expect(text()).toContain('rag-api (acknowledgement), embedder (evidence)');
    const alone = aRound({
      rotations: new Map([['rag-db-admin', retired({ adoption: {} })]]),
      account: anAccount({ uses: new Map() }),
    });
    expect(text(alone)).toContain('nobody depends on it');
  });

  it('names the phase of a rotation that is not over', () => {
    const stuck = aRound({ rotations: new Map([['vector-store', retired({ phase: 'adopting' })]]) });
    expect(cells(/two-slot/, text(stuck)).at(-1)).toBe('adopting');
    expect(text(stuck)).toContain('FAIL not every credential went all the way round');
    expect(text(stuck, false)).toContain('✘ not every credential');
  });

  it('shows what was used by leases, and says nothing of them where nothing was', () => {
    expect(text()).toMatch(/model-session +2 +7 +0 +7 served, 0 refused/);
    const none = aRound({ account: anAccount({ leased: new Map() }) });
    expect(text(none)).not.toContain('by leases');
  });

  it('marks claims in words where marks may not be read', () => {
    expect(text().match(/^ok /gm)).toHaveLength(10);
    expect(text(aRound(), false).match(/^✔ /gm)).toHaveLength(10);
  });

  it('shows the page that on-call got', () => {
    expect(text()).toContain('[high] A principal asked for a secret that it is not bound to');
    expect(text()).toContain('first command: lockstep history --findings');
  });

  it('has tables that fit a terminal of eighty columns', () => {
    const long = new Map([
      ['summariser-hook', retired({ strategy: 'mint-and-retire', phase: 'rolling-back' })],
    ]);
    const [, times = '', , uses = ''] = text(aRound({ rotations: long })).split('\n\n');
    for (const line of `${times}\n${uses}`.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });
});
