import { describeError, isLockstepError } from '../core/errors.ts';
import type { StepRequest, TargetCommandName, TargetCommands } from '../core/ports/targets.ts';
import { recordTransition } from '../core/rotation/record-transition.ts';
import type { Rotation } from '../core/rotation/rotation.ts';
import { instant } from '../core/time.ts';
import { promoteSuccessor, recordFoundPromotion } from '../promote-successor/promote-successor.ts';
import { admitBackstop } from './admit-backstop.ts';
import { runCommand } from './commands/run-command.ts';
import { createSuccessor } from './create-successor.ts';
import { guardStep, type Admission } from './guard.ts';
import { installSuccessor } from './install-successor.ts';
import type { TargetPorts } from './target-ports.ts';
import { testOnly, verifySuccessor } from './verify-successor.ts';
import { assertNotGivenUp, withRotation } from './with-rotation.ts';

/** A target function: everything that happens at the targets of one family of kinds. */
export interface TargetService {
  /** One of Secrets Manager's four steps. May be called again at any time, alone, twice at once. */
  step(request: StepRequest): Promise<void>;
  command<C extends TargetCommandName>(
    command: { readonly do: C; readonly credential: string } & TargetCommands[C]['asks'],
  ): Promise<TargetCommands[C]['answers']>;
}

/** Wires the shared use cases to one family's rotators. */
export function serveTarget(ports: TargetPorts): TargetService {
  return {
    step: (request) => runStep(ports, request),
    command: (command) => runCommand(ports, command),
  };
}

async function runStep(ports: TargetPorts, request: StepRequest): Promise<void> {
  const admission = await guardStep(ports, request);
  const startedAt = ports.clock().getTime();
  const labels = { step: request.step, kind: admission.credential.kind };
  try {
    await perform(ports, request, admission);
    ports.metrics.observe('lockstep_step_seconds', labels, (ports.clock().getTime() - startedAt) / 1000);
  } catch (error) {
    const { code } = describeError(error);
    // Waiting for a lock is how two rotations of one target take turns; it is no failure.
    if (!isLockstepError(error, 'LOCK_HELD'))
      ports.metrics.count('lockstep_step_failures', { ...labels, code });
    await recordFailure(ports, request, admission, error);
    throw error;
  }
}

async function perform(ports: TargetPorts, request: StepRequest, admission: Admission): Promise<void> {
  switch (admission.to) {
    case 'test-only':
      return testOnly(ports, admission.credential, request.token);
    case 'finish-bookkeeping':
      return finishBookkeeping(ports, admission.rotation);
    case 'admit-backstop': {
      const { credential, secret } = admission;
      const rotation = await admitBackstop(ports, credential, request.token);
      return createSuccessor(ports, { credential, rotation, secret, ...rotationTokenOf(request) });
    }
    case 'work':
      return work(ports, request, admission);
  }
}

async function work(
  ports: TargetPorts,
  request: StepRequest,
  admission: Extract<Admission, { to: 'work' }>,
): Promise<void> {
  const { credential, rotation, secret } = admission;
  switch (request.step) {
    case 'createSecret':
      return createSuccessor(ports, { credential, rotation, secret, ...rotationTokenOf(request) });
    case 'setSecret':
      return installSuccessor(ports, credential, rotation);
    case 'testSecret':
      return verifySuccessor(ports, credential, rotation);
    case 'finishSecret':
      // Under the lock, so that nobody gives the rotation up, or goes back, between the look and the move.
      return withRotation(ports, credential, rotation.token, (found, lock) => {
        assertNotGivenUp(found);
        return promoteSuccessor(ports, found, secret, lock);
      });
  }
}

const rotationTokenOf = ({ rotationToken }: StepRequest): { readonly rotationToken?: string } =>
  rotationToken === undefined ? {} : { rotationToken };

/** The label was moved and the process died before the ledger heard of it: the ledger follows the label. */
async function finishBookkeeping(ports: TargetPorts, rotation: Rotation | undefined): Promise<void> {
  const lagging =
    rotation &&
    (rotation.phase === 'verified' || (rotation.phase === 'failed' && rotation.reached === 'verified'));
  if (lagging) await recordFoundPromotion(ports, rotation);
}

/** Remembers why a step failed, for `status`. The error itself goes to Secrets Manager, which tries again. */
async function recordFailure(
  ports: TargetPorts,
  { step, token }: StepRequest,
  admission: Admission,
  error: unknown,
): Promise<void> {
  if (admission.to === 'test-only' || isLockstepError(error, 'LOCK_HELD')) return;
  const { code, message } = describeError(error);
  const event = { type: 'step-failed' as const, at: instant(ports.clock()), step, code, message };
  // A note for people; losing it loses nothing that a retry needs.
  await recordTransition(ports.ledger, admission.credential.name, token, event).catch(() => undefined);
}
