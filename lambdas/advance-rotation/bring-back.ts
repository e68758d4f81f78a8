import { auditFact } from '../core/audit/audited-effect.ts';
import type { NegativeEvidence, Rotation } from '../core/rotation/rotation.ts';
import { instant } from '../core/time.ts';
import { advance, credentialOf, decisionSubject, type AdvancePorts } from './advance-ports.ts';
import { changeEvents } from './fan-out.ts';

/**
 * Un-adoption: the predecessor is still used, so it must work. Enabled first, whatever comes after; then the
 * dependents that were seen get a new expectation and are told again. Sessions that no dependent's declaration
 * matches un-adopt nobody, and still keep the predecessor from being stopped until they are gone.
 *
 * Somebody else may be disabling it meanwhile, who has asked for the phase before this changed it. What is
 * seen in use is therefore looked at again at once, and enabled before each look: see `observeAndJudge`.
 */
export async function bringBack(
  ports: AdvancePorts,
  rotation: Rotation,
  evidence: NegativeEvidence,
): Promise<void> {
  const { credential, token } = rotation;
  const { family } = credentialOf(ports, rotation);
  if (rotation.phase === 'disabled')
    await ports.targets.call(family, { do: 'enable', credential, rotation: token });
  await auditFact(ports, decisionSubject(ports, rotation, 'unadopt', { reason: evidence.seen }), 'decision');

  const unadopted = evidence.dependents;
  const expectation =
    unadopted.length > 0 ? await newExpectation(ports, rotation, family, unadopted) : undefined;
  const at = instant(ports.clock());
  const event = {
    type: 'seen-in-use' as const,
    at,
    evidence,
    unadopted,
    ...(expectation ? { expectation } : {}),
  };
  await advance(ports, rotation, event, async (after) => {
    const again = after.dependents.filter(({ name }) => unadopted.includes(name));
    return { events: await changeEvents(ports, after, 'unadopted', again) };
  });
}

async function newExpectation(
  ports: AdvancePorts,
  rotation: Rotation,
  family: string,
  dependents: readonly string[],
): Promise<string> {
  const { credential, token } = rotation;
  const asks = {
    rotation: token,
    id: nextExpectationId(rotation),
    version: token,
    change: 'unadopted' as const,
    dependents,
  };
  return (await ports.targets.call(family, { do: 'expect', credential, ...asks })).id;
}

/** The number after the one in force: a repeat of the same step names the same expectation. */
export function nextExpectationId({ token, expectation }: Rotation): string {
  const number = Number(expectation?.split('#')[1] ?? '0');
  return `${token}#${number + 1}`;
}
