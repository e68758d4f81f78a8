import { describe, expect, it } from 'vitest';
import workspace from '../../lockstep.config.ts';
import { openPolicyEngine } from '../../lambdas/cedar/cedar-engine.ts';
import { accessOf } from '../../lambdas/core/access/access-inventory.ts';
import type { Person } from '../../lambdas/core/access/caller.ts';
import { effectiveRight, type Right } from '../../lambdas/core/policy/effective-right.ts';
import { awsCaller } from '../../lambdas/recognise-caller/aws-caller.ts';
import { resolveEnvironments } from '../../lib/resolve-environments.ts';
import { thePolicies } from '../cedar/the-policies.ts';

// The example as it is shipped, by its own policies, for people as the broker recognises them on AWS: by a signature.

const { environments } = resolveEnvironments(workspace);

describe.each(environments.map(({ inventory }) => ({ environment: inventory.environment, inventory })))(
  'people of the example in $environment',
  ({ inventory }) => {
    const access = accessOf(inventory);
    const engine = openPolicyEngine({ bundle: thePolicies(), inventory });
    const signed = (role: string, session: string): Person => {
      const [principal = ''] = access.roles.find(({ name }) => name === role)?.principals ?? [];
      const assumed = principal.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/');
      const caller = awsCaller(inventory, access, `${assumed}/${session}`);
      if (caller.is === 'person') return caller;
      throw new TypeError(`${role} is no role of people`);
    };
    const right = (
      caller: Person,
      action: 'lease' | 'approve',
      leasable: string,
      how: { readonly approvals?: readonly string[]; readonly breakGlass?: boolean } = {},
    ): Right =>
      effectiveRight(engine, {
        caller,
        action,
        resource: { type: 'Leasable', id: leasable },
        context: {
          environment: inventory.environment,
          now: Date.parse('2026-06-01T00:00:00Z'),
          purpose: 'investigate',
          ttlSeconds: 600,
          approvals: how.approvals ?? [],
          breakGlass: how.breakGlass ?? false,
        },
      });

    it.each(access.leasables.map(({ name }) => name))('on-call gets %s by breaking the glass', (leasable) => {
      const { allowed, policies } = right(signed('on-call', 'ada'), 'lease', leasable, { breakGlass: true });
      expect({ allowed, policies }).toEqual({ allowed: true, policies: ['on-call-breaks-the-glass'] });
    });

    it('two others approve what one asks for, and one who asks is none of them', () => {
      const asker = signed('retrieval', 'lena');
      expect(right(asker, 'lease', 'vector-owner')).toMatchObject({ allowed: false, approvalsNeeded: 2 });
      const others = [signed('on-call', 'ada'), signed('on-call', 'bert')];
      for (const each of others) expect(right(each, 'approve', 'vector-owner').allowed).toBe(true);
      const names = others.map(({ name }) => name);
      expect(new Set([asker.name, ...names]).size).toBe(3);
      expect(right(asker, 'lease', 'vector-owner', { approvals: names }).allowed).toBe(true);
      const withOneself = [asker.name, names[0] ?? ''];
      expect(right(asker, 'lease', 'vector-owner', { approvals: withOneself }).allowed).toBe(false);
    });
  },
);
