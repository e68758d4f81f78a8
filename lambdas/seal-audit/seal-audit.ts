import { headDigest, headText, type Head, type SealedHead } from '../core/audit/head.ts';
import { GENESIS } from '../core/audit/record.ts';
import { isLockstepError } from '../core/errors.ts';
import type { AuditStore, HeadStore } from '../core/ports/audit.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { Signer } from '../core/ports/signer.ts';
import { instant, type Clock } from '../core/time.ts';

/** What sealing needs from outside. It can write heads and sign them, and cannot write a record. */
export interface SealPorts {
  readonly origin: string;
  readonly chains: Pick<AuditStore, 'tails'>;
  readonly heads: HeadStore;
  readonly signer: Signer;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/**
 * Signs a head over all chains and stores it outside of their table: from then on nobody who can write the
 * table can change what it covers without being seen. Signed also when nothing happened, so that a missing
 * head means a missing sealer.
 *
 * Two sealers at once: heads are write-once by number, the second one finds its number taken and is done.
 */
export async function sealAudit(ports: SealPorts): Promise<SealedHead | undefined> {
  try {
    const latest = await ports.heads.latest();
    const head: Head = {
      origin: ports.origin,
      number: (latest?.head.number ?? 0) + 1,
      at: instant(ports.clock()),
      previous: latest ? headDigest(latest.head) : GENESIS,
      tails: await ports.chains.tails(),
    };
    const sealed = await sign(ports.signer, head);
    await ports.heads.put(sealed);
    return sealed;
  } catch (error) {
    if (isLockstepError(error, 'LEDGER_CONFLICT')) return undefined;
    ports.metrics.count('lockstep_audit_failures', { kind: 'seal' });
    throw error;
  }
}

async function sign(signer: Signer, head: Head): Promise<SealedHead> {
  const signature = await signer.sign(new TextEncoder().encode(headText(head)));
  return { head, signature: base64(signature), publicKey: base64(await signer.publicKey()) };
}

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
