import type { AccessAsk } from '../../lambdas/contracts/access-requests.ts';
import { NO_ACCESS, type AccessInventory, type Issuer } from '../../lambdas/core/access/access-inventory.ts';
import type { Caller } from '../../lambdas/core/access/caller.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';
import type { TokenVerifier } from '../../lambdas/core/ports/token-verifier.ts';
import type { Secret } from '../../lambdas/core/secret.ts';
import { recogniseCaller, type Shown } from '../../lambdas/recognise-caller/recognise-caller.ts';
import type { ReplayedToken } from '../../lambdas/recognise-caller/spend-token.ts';
import { readKeys } from '../../lambdas/tokens/read-keys.ts';
import { tokenVerifier } from '../../lambdas/tokens/token-verifier.ts';
import { countedIds } from '../fakes/counted-ids.ts';
import { CountingMetrics } from '../fakes/counting-metrics.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { Judge } from '../fakes/judge.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';
import { networkOf, TokenIssuer, type TokenParts } from '../fakes/token-issuer.ts';

export const ACCOUNT = '111122223333';
export const roleArn = (name: string, path = '/', account = ACCOUNT): string =>
  `arn:aws:iam::${account}:role${path}${name}`;
export const sessionArn = (role: string, session = 'i-0123', account = ACCOUNT): string =>
  `arn:aws:sts::${account}:assumed-role/${role}/${session}`;
export const SSO_PATH = '/aws-reserved/sso.amazonaws.com/eu-central-1/';

const INVENTORY: Inventory = {
  environment: 'production',
  digest: '0'.repeat(64),
  workloads: [
    { name: 'rag-api', principal: roleArn('rag-api', '/apps/') },
    { name: 'research-agent', principal: roleArn('research-agent') },
    { name: 'night-agent', principal: roleArn('night-agent') },
    { name: 'deploy', principal: roleArn('deploy') },
    { name: 'local-service', principal: 'embedded:local-service' },
  ],
  freezes: [],
  credentials: [],
};

const access = (issuers: AccessInventory['issuers']): AccessInventory => ({
  ...NO_ACCESS,
  issuers,
  workloadTokens: {
    deploy: [
      { issuer: 'github', claims: { sub: 'repo:acme/app:ref:refs/heads/main', repository_id: '42' } },
      { issuer: 'aws', claims: { sub: roleArn('deploy') } },
    ],
    'rag-api': [
      {
        issuer: 'eks',
        claims: { 'kubernetes.io.namespace': 'rag', 'kubernetes.io.serviceaccount.name': 'api' },
      },
    ],
  },
  roles: [
    {
      name: 'analyst',
      groups: [
        { issuer: 'okta', group: 'analysts' },
        { issuer: 'okta-agents', group: 'analysts' },
      ],
      principals: [],
    },
    {
      name: 'on-call',
      groups: [{ issuer: 'okta', group: 'On Call' }],
      principals: [roleArn('AWSReservedSSO_OnCall_0a1b', SSO_PATH), roleArn('on-call'), 'embedded:on-call'],
    },
    { name: 'auditor', groups: [], principals: [roleArn('auditor')], sessionNamesProved: true },
  ],
  agents: [
    { name: 'researcher', owner: 'research', workload: 'research-agent', actsFor: 'person' },
    { name: 'janitor', owner: 'platform', workload: 'night-agent', actsFor: 'itself' },
  ],
  purposes: {},
});

/** Everything around a caller: issuers, a ledger, and the environment of an example. */
export class Door {
  readonly judge = new Judge();
  readonly ledger = new MemoryLedger(this.judge);
  readonly metrics = new CountingMetrics(this.judge);
  readonly clock: FakeClock;
  readonly issuers: Readonly<Record<'github' | 'eks' | 'okta' | 'aws', TokenIssuer>>;
  /** Tokens that came for a second request. */
  readonly replays: ReplayedToken[] = [];
  inventory: Inventory;
  readonly #newId = countedIds();
  readonly #tokens: TokenVerifier;

  private constructor(clock: FakeClock, issuers: Door['issuers']) {
    this.clock = clock;
    this.issuers = issuers;
    const { okta } = issuers;
    const forAgents: Issuer = {
      ...okta.declared,
      name: 'okta-agents',
      audience: 'lockstep-agents',
      use: 'acting-for',
    };
    const declared = [...Object.values(issuers).map((issuer) => issuer.declared), forAgents];
    this.inventory = { ...INVENTORY, access: access(declared) };
    const network = networkOf(...Object.values(issuers));
    this.#tokens = tokenVerifier({ read: (issuer) => readKeys(network, issuer), clock: clock.now });
  }

  static async open(): Promise<Door> {
    const clock = new FakeClock();
    const [github, eks, okta, aws] = await Promise.all(
      ['github', 'eks', 'okta', 'aws'].map((name) => TokenIssuer.named(name, clock.now)),
    );
    if (!github || !eks || !okta || !aws) throw new Error('an issuer is missing');
    return new Door(clock, { github, eks, okta, aws });
  }

  /** Who it is that shows this, where it is anybody. */
  recognise(shown: Shown, ask: AccessAsk = { ask: 'whoami' }): Promise<Caller> {
    const { inventory, ledger, metrics } = this;
    const ports = {
      onReplay: async (token: ReplayedToken) => void this.replays.push(token),
      inventory,
      ledger,
      metrics,
      clock: this.clock.now,
      newId: this.#newId,
      tokens: this.#tokens,
    };
    return recogniseCaller(ports, shown, ask);
  }

  byToken(token: Secret, ask?: AccessAsk): Promise<Caller> {
    return this.recognise({ by: 'token', token }, ask);
  }

  bySignature(arn: string, actingFor?: Secret): Promise<Caller> {
    return this.recognise({ by: 'sigv4', arn, ...(actingFor ? { actingFor } : {}) });
  }

  /** A person's token, as an agent is given one. */
  tokenForAgents(parts: TokenParts = {}): Promise<Secret> {
    const claims = { groups: ['analysts'], ...parts.claims };
    return this.issuers.okta.token({ subject: 'ada', audience: 'lockstep-agents', ...parts, claims });
  }

  /** A person's token, as they would ask by themselves. */
  tokenForAda(parts: TokenParts = {}): Promise<Secret> {
    const claims = { groups: ['analysts'], ...parts.claims };
    return this.issuers.okta.token({ subject: 'ada', ...parts, claims });
  }

  /** Changes what the inventory says of access. */
  declare(change: (declared: AccessInventory) => Partial<AccessInventory>): void {
    const declared = this.inventory.access ?? NO_ACCESS;
    this.inventory = { ...this.inventory, access: { ...declared, ...change(declared) } };
  }
}
