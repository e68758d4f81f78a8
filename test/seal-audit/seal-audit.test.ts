import { describe, expect, it } from 'vitest';
import { verifyEd25519 } from '../../embedded/signer/verify-ed25519.ts';
import { checkAgainstHeads, checkHeads } from '../../lambdas/core/audit/verify.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { sealAudit } from '../../lambdas/seal-audit/seal-audit.ts';
import { anEntry } from '../fakes/an-audit-entry.ts';
import { CountingMetrics } from '../fakes/counting-metrics.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { MemoryAudit, MemoryHeads } from '../fakes/memory-audit.ts';
import { seededSigner } from '../fakes/seeded-signer.ts';
import { codeOf } from '../ports/under-test.ts';

const origin = 'lockstep/test/audit';

function aSealer() {
  const [chains, heads, signer] = [new MemoryAudit(), new MemoryHeads(), seededSigner()];
  const [metrics, clock] = [new CountingMetrics(), new FakeClock()];
  const ports = { origin, chains, heads, signer, metrics, clock: clock.now };
  const write = (number: number, chain?: string) => chains.appender.append(anEntry(number, chain));
  const faults = async () => {
    const sealed = await heads.list(1, 100);
    const verify = verifyEd25519(await signer.publicKey());
    return [...(await checkHeads(origin, sealed, verify)), ...checkAgainstHeads(chains.chains, sealed)];
  };
  return { ports, chains, heads, signer, metrics, clock, write, faults };
}

describe('sealing', () => {
  it('signs one head after the other over the tails of all chains, and verifies', async () => {
    const { ports, heads, write, clock, faults } = aSealer();
    await write(1);
    await write(1, 'openai-agents');
    const first = await sealAudit(ports);
    await clock.advance(60);
    await write(2);
    const second = await sealAudit(ports);

    expect(first?.head.tails.map(({ chain, sequence }) => `${chain} ${sequence}`)).toEqual([
      'openai-agents 1',
      'vector-store 1',
    ]);
    expect(second?.head).toMatchObject({ number: 2, origin, at: clock.now().toISOString() });
    expect(await heads.list(1, 10)).toEqual([first, second]);
    expect(await faults()).toEqual([]);
  });

  it('goes on when nothing happened, so that a missing head means a missing sealer', async () => {
    const { ports, heads, faults } = aSealer();
    await sealAudit(ports);
    await sealAudit(ports);
    expect((await heads.latest())?.head).toMatchObject({ number: 2, tails: [] });
    expect(await faults()).toEqual([]);
  });

  it('signs a head over hundreds of chains, which is more text than a key signs at once', async () => {
    const { ports, write, faults } = aSealer();
    for (let number = 0; number < 300; number += 1) await write(1, `credential-${number}`);
    expect((await sealAudit(ports))?.head.tails).toHaveLength(300);
    expect(await faults()).toEqual([]);
  });

  it('has no rival: of two sealers at once one is done when it finds its number taken', async () => {
    const { ports, heads, clock, faults } = aSealer();
    const later = { ...ports, clock: () => new Date(clock.now().getTime() + 1000) };
    const both = await Promise.all([sealAudit(ports), sealAudit(later)]);
    expect(both.filter((head) => head === undefined)).toHaveLength(1);
    expect(await heads.list(1, 10)).toHaveLength(1);
    expect(await faults()).toEqual([]);
  });

  it('is counted where it fails, and comes again', async () => {
    const { ports, metrics, signer } = aSealer();
    const broken = {
      ...ports,
      signer: {
        ...signer,
        sign: () => Promise.reject(new LockstepError('AUDIT_UNAVAILABLE', 'no answer')),
      },
    };
    expect(await codeOf(sealAudit(broken))).toBe('AUDIT_UNAVAILABLE');
    expect(metrics.samples('lockstep_audit_failures', { kind: 'seal' })).toEqual([1]);
    expect((await sealAudit(ports))?.head.number).toBe(1);
  });

  it('goes on numbering when the clock was set back', async () => {
    const { ports, clock, faults } = aSealer();
    await sealAudit(ports);
    clock.jump(-86_400);
    expect((await sealAudit(ports))?.head.number).toBe(2);
    expect(await faults()).toEqual([]);
  });
});
