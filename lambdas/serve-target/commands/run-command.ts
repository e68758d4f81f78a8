import type { Credential } from '../../core/credential.ts';
import { findCredential } from '../../core/find-credential.ts';
import type { TargetCommand, TargetCommandName, TargetCommands } from '../../core/ports/targets.ts';
import { ownCredential, type TargetPorts } from '../target-ports.ts';
import { cleanUp } from './clean-up.ts';
import { disablePredecessor, enablePredecessor } from './disable-predecessor.ts';
import { expectDependents } from './expect-dependents.ts';
import { issueFirst } from './issue-first.ts';
import { listOurs, revokeOrphan } from './orphans.ts';
import { observeUse } from './observe-use.ts';
import { probePending } from './probe-pending.ts';
import { proveCurrent } from './prove-current.ts';
import { restorePredecessor } from './restore-predecessor.ts';
import { revokeEnded } from './revoke-ended.ts';
import { stopAll } from './stop-all.ts';
import { stripPending } from './strip-pending.ts';

/** Carries out a command. Which credential is meant is looked up here; a command brings no facts of its own. */
export async function runCommand<C extends TargetCommandName>(
  ports: TargetPorts,
  command: { readonly do: C; readonly credential: string } & TargetCommands[C]['asks'],
): Promise<TargetCommands[C]['answers']> {
  const credential = ownCredential(ports, findCredential(ports.inventory, command.credential));
  // The compiler cannot follow that each case answers its own command; `dispatch` is typed case by case.
  return dispatch(ports, credential, command as unknown as TargetCommand);
}

function dispatch(
  ports: TargetPorts,
  credential: Credential,
  command: TargetCommand,
): Promise<TargetCommands[TargetCommandName]['answers']> {
  switch (command.do) {
    case 'prove':
      return proveCurrent(ports, credential, command.version);
    case 'issue-first':
      return issueFirst(ports, credential, command.token);
    case 'observe':
      return observeUse(ports, credential, command.rotation);
    case 'expect':
      return expectDependents(ports, credential, command);
    case 'disable':
      return disablePredecessor(ports, credential, command.rotation);
    case 'enable':
      return enablePredecessor(ports, credential, command.rotation);
    case 'revoke':
      return revokeEnded(ports, credential, command.rotation);
    case 'restore':
      return restorePredecessor(ports, credential, command.rotation);
    case 'probe-pending':
      return probePending(ports, credential, command.rotation);
    case 'clean-up':
      return cleanUp(ports, credential, command.rotation);
    case 'list-ours':
      return listOurs(ports, credential);
    case 'revoke-orphan':
      return revokeOrphan(ports, credential, command);
    case 'strip-pending':
      return stripPending(ports, credential, command.version);
    case 'stop-all':
      return stopAll(ports, credential, command.cause);
  }
}
