import { afterEach } from 'vitest';
import { aProxyWorld, ruleOfTarget, type ProxyWorld, type ProxyWorldOptions } from './a-proxy.ts';
import { aTarget, type Answers, type Target } from './a-target.ts';
import type { EgressRule } from '../../../lambdas/core/access/access-inventory.ts';
import type { FakeLeasable } from '../../fakes/memory-broker.ts';
import type { Pass } from '../../../client/proxy/pass.ts';

interface Closable {
  close(): Promise<void>;
}

/** Whatever a test opens is closed after it. Call it once in a file. */
export function closing(): <T extends Closable>(opened: T) => T {
  const open: Closable[] = [];
  afterEach(async () => {
    // The newest first: a proxy lets go of its targets before they wait for it.
    for (const each of open.splice(0).toReversed()) await each.close();
  });
  return (opened) => {
    open.push(opened);
    return opened;
  };
}

/** A target, a proxy with one lease for it, and the pass of that lease. */
export interface Setting extends ProxyWorld {
  readonly target: Target;
  readonly granted: Pass;
}

/** Opens all of that. */
export async function aSetting(
  keep: <T extends Closable>(opened: T) => T,
  {
    answers,
    target: how,
    rule,
    leasable,
    ...world
  }: {
    readonly answers?: Answers;
    readonly target?: Parameters<typeof aTarget>[1];
    readonly rule?: Partial<EgressRule>;
    readonly leasable?: Partial<FakeLeasable>;
  } & Partial<ProxyWorldOptions> = {},
): Promise<Setting> {
  const target = keep(await aTarget(answers, how));
  const opened = keep(
    await aProxyWorld({
      leasables: { models: { egress: [ruleOfTarget(target, rule)], ...leasable } },
      ...world,
    }),
  );
  return { ...opened, target, granted: await opened.pass('models') };
}
