import type { CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyAction, PolicyContext } from '../core/policy/policy-request.ts';
import { entityValue, extensionValue } from './cedar-words.ts';

/** A context as Cedar's JSON has it. */
export type CedarContext = Readonly<Record<string, CedarValueJson>>;

/**
 * What a question says besides who and what, with exactly the fields that the schema has for its action: a field that
 * is missing fails the question, and a question that fails is denied.
 */
export function contextOf(action: PolicyAction, context: PolicyContext): CedarContext {
  const { environment, now, mfa, source } = context;
  const circumstances = {
    environment: entityValue({ type: 'Environment', id: environment }),
    now: extensionValue('datetime', new Date(now).toISOString()),
    mfa,
    ...(source === undefined ? {} : { source: extensionValue('ip', plainAddress(source)) }),
  };
  if (action !== 'lease' && action !== 'renew') return circumstances;
  const { purpose, ttlSeconds, approvals, breakGlass, agent } = context;
  // One name is one person, however often it is said.
  const people = [...new Set(approvals)];
  return {
    ...circumstances,
    ...(purpose === undefined ? {} : { purpose }),
    ...(ttlSeconds === undefined ? {} : { ttl: extensionValue('duration', `${Math.ceil(ttlSeconds)}s`) }),
    ...(agent === undefined ? {} : { agent: entityValue({ type: 'Agent', id: agent }) }),
    approvals: people.map((id) => entityValue({ type: 'Person', id })),
    approvalCount: people.length,
    breakGlass,
  };
}

/** Cedar takes no IPv4 address inside an IPv6 one, which is how sockets that listen on both report it. */
const plainAddress = (source: string): string => source.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
