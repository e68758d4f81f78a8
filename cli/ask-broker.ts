import type { AccessConnection, AccessReplies } from '../client/access/access-connection.ts';
import type { AccessAskName, AccessAsks } from '../lambdas/contracts/access-requests.ts';
import { accessPlaceOf, type AccessOptions } from './access-options.ts';
import type { Invocation } from './invocation.ts';

/** Asks the broker, once, as whoever the options say; in the embedded world a person who has not said so is asked. */
export async function askBroker<N extends AccessAskName>(
  invocation: Invocation<AccessOptions>,
  ask: N,
  asks: AccessAsks[N],
): Promise<AccessReplies[N]> {
  return (await openBroker(invocation)).ask(ask, asks);
}

/** The way to the broker, as the same. */
export async function openBroker(invocation: Invocation<AccessOptions>): Promise<AccessConnection> {
  return invocation.surroundings.serving.openAccess(accessPlaceOf(await withSomebody(invocation)));
}

/** Whoever can read a folder has all of its identities: which of them one is has to be said. */
async function withSomebody(
  invocation: Invocation<AccessOptions>,
): Promise<Pick<Invocation<AccessOptions>, 'options' | 'place'>> {
  const { options, place, surroundings } = invocation;
  const { as, broker, tokenFile, tokenCommand } = options;
  const isSaid = [as, broker, tokenFile, tokenCommand, place.stage].some((each) => each !== undefined);
  if (isSaid || !surroundings.terminal.isInteractive) return invocation;
  const named = await surroundings.terminal.ask('As whom? A workload, or role:<name>: ');
  return { place, options: { ...options, as: named.trim() } };
}
