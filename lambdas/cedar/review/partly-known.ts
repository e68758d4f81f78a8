import type { Expr } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyAction, PolicyContext } from '../../core/policy/policy-request.ts';
import { entityValue, extensionValue } from '../cedar-words.ts';
import { contextOf, type CedarContext } from '../context.ts';

/** The circumstances that are known. Everything else may be anything. */
export interface Known {
  readonly purpose?: string | undefined;
  readonly approvals?: readonly string[] | undefined;
  readonly breakGlass?: boolean | undefined;
  /** The whole seconds that it may be asked for: the broker refuses others before it asks policy. A hole within these. */
  readonly ttl?: { readonly shortestSeconds: number; readonly longestSeconds: number } | undefined;
  /** The agent that acts for the person who is asked about. Without one, nobody does: this is never unknown. */
  readonly agent?: string | undefined;
  /** Whether a second factor is proved, of whoever always or never proves one. */
  readonly mfa?: boolean | undefined;
  /** All circumstances: then nothing is open. */
  readonly exactly?: PolicyContext | undefined;
  /** Also the environment may be any, as for whoever asks what a policy could ever do. */
  readonly anyEnvironment?: boolean | undefined;
}

const unknown = (name: string) => extensionValue('unknown', name);

/** What is known of a ttl, as conditions. */
export function ttlWithin({ ttl }: Known): readonly Expr[] {
  if (!ttl) return [];
  const seconds = (count: number): Expr => ({ duration: [{ Value: `${count}s` }] });
  const asked: Expr = { unknown: [{ Value: 'ttl' }] };
  return [
    { '>=': { left: asked, right: seconds(ttl.shortestSeconds) } },
    { '<=': { left: asked, right: seconds(ttl.longestSeconds) } },
  ];
}

/**
 * A context with a hole for everything that is not known. `source` counts as known to the world, with any address: a
 * policy that asks for one is told as a condition on it.
 */
export function partlyKnown(action: PolicyAction, environment: string, known: Known): CedarContext {
  if (known.exactly) return contextOf(action, known.exactly);
  const circumstances = {
    environment: known.anyEnvironment
      ? unknown('environment')
      : entityValue({ type: 'Environment', id: environment }),
    now: unknown('now'),
    mfa: known.mfa ?? unknown('mfa'),
    source: unknown('source'),
  };
  if (action !== 'lease' && action !== 'renew') return circumstances;
  const { purpose, approvals, breakGlass, agent } = known;
  return {
    ...circumstances,
    ttl: unknown('ttl'),
    purpose: purpose ?? unknown('purpose'),
    breakGlass: breakGlass ?? unknown('breakGlass'),
    approvals: approvals?.map((id) => entityValue({ type: 'Person', id })) ?? unknown('approvals'),
    approvalCount: approvals?.length ?? unknown('approvalCount'),
    ...(agent === undefined ? {} : { agent: entityValue({ type: 'Agent', id: agent }) }),
  };
}
