import type { Credential, Dependent } from '../../lambdas/core/credential.ts';
import { LockstepError, type ErrorCode } from '../../lambdas/core/errors.ts';
import type {
  Capabilities,
  HeldVersion,
  Issued,
  Observation,
  OwnedKey,
  Rotator,
  RotatorRequest,
} from '../../lambdas/core/ports/rotator.ts';
import type { VersionRef } from '../../lambdas/core/rotation/rotation.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { instant, type Clock } from '../../lambdas/core/time.ts';
import { Judge } from './judge.ts';

/** How old and new overlap at this target. */
export type TargetShape = 'two-slot' | 'mint' | 'dual-value' | 'in-place';

interface Account {
  readonly key: string;
  secret: string;
  /** The version that its present secret belongs to. */
  token: string;
  state: 'live' | 'disabled' | 'revoked';
  fence: number;
  lastUsedAt: string | undefined;
  readonly createdAt: string;
}

/** A connection that somebody holds open. */
export interface Session {
  readonly credential: string;
  readonly key: string;
  readonly applicationName: string;
}

const CAPABILITIES: Readonly<Record<TargetShape, Capabilities>> = {
  'two-slot': {
    mintsAtTarget: false,
    reversibleDisable: true,
    evidence: 'sessions',
    settlingSeconds: 0,
    endsPredecessorAtInstall: false,
  },
  mint: {
    mintsAtTarget: true,
    reversibleDisable: true,
    liveKeyLimit: 5,
    evidence: 'last-used',
    settlingSeconds: 0,
    endsPredecessorAtInstall: false,
  },
  'dual-value': {
    mintsAtTarget: false,
    reversibleDisable: false,
    evidence: 'none',
    settlingSeconds: 0,
    endsPredecessorAtInstall: false,
  },
  'in-place': {
    mintsAtTarget: false,
    reversibleDisable: false,
    evidence: 'none',
    settlingSeconds: 0,
    endsPredecessorAtInstall: true,
  },
};

/** What the target is given. */
export interface MemoryTargetOptions {
  readonly shape: TargetShape;
  readonly clock: Clock;
  readonly judge?: Judge;
  readonly capabilities?: Partial<Capabilities>;
  /** Called after every change with what is live now: where a test states its invariants. */
  readonly onChange?: (live: readonly string[], credential: string) => void;
}

/**
 * A target in memory and the `Rotator` for it. It keeps accounts per credential, knows who logs in, and
 * judges more live keys than the limit. `onChange` is where a test states what must hold at every instant.
 */
export class MemoryTarget implements Rotator {
  readonly capabilities: Capabilities;
  readonly judge: Judge;
  readonly #options: MemoryTargetOptions;
  readonly #accounts = new Map<string, Map<string, Account>>();
  #sessions: Session[] = [];
  #issued = 0;

  constructor(options: MemoryTargetOptions) {
    this.#options = options;
    this.judge = options.judge ?? new Judge();
    this.capabilities = { ...CAPABILITIES[options.shape], ...options.capabilities };
  }

  /** Whether a login with this value works now. A use counts as seen. */
  accepts(credential: string, value: Secret): boolean {
    const { key, secret } = parse(value);
    const account = this.#of(credential).get(key);
    if (account?.state !== 'live' || account.secret !== secret) return false;
    account.lastUsedAt = instant(this.#options.clock());
    return true;
  }

  /** The keys that work now. */
  liveKeys(credential: string): readonly string[] {
    return [...this.#of(credential).values()].filter(({ state }) => state === 'live').map(({ key }) => key);
  }

  /** Somebody opens a session with a value, as a pool does; `undefined` where the target refuses. */
  connect(credential: string, value: Secret, applicationName: string): Session | undefined {
    if (!this.accepts(credential, value)) return undefined;
    const session = { credential, key: parse(value).key, applicationName };
    this.#sessions.push(session);
    return session;
  }

  disconnect(session: Session): void {
    this.#sessions = this.#sessions.filter((each) => each !== session);
  }

  keyOf(value: Secret): string {
    return parse(value).key;
  }

  checkFirst(_credential: Credential, value: Secret): void {
    parse(value);
  }

  async issue({ credential, token }: RotatorRequest, current: HeldVersion | undefined): Promise<Issued> {
    this.#issued += 1;
    const secret = `fake-${this.#issued}-${token}`;
    const key = this.#newKey(current?.key);
    if (this.capabilities.mintsAtTarget) {
      this.#change(credential.name, () =>
        this.#of(credential.name).set(key, this.#account(key, secret, token, 0)),
      );
      const limit = this.capabilities.liveKeyLimit ?? Number.POSITIVE_INFINITY;
      this.judge.demand(
        this.liveKeys(credential.name).length <= limit,
        `more than ${limit} live keys of ${credential.name}`,
      );
    }
    return { key, value: new Secret(JSON.stringify({ key, secret })) };
  }

  async install(
    { credential, token, fence }: RotatorRequest,
    successor: HeldVersion,
    current: VersionRef | undefined,
  ): Promise<void> {
    if (this.capabilities.mintsAtTarget) return;
    const { key, secret } = parse(successor.value);
    if (key === current?.key && !this.capabilities.endsPredecessorAtInstall)
      throw refuse('TARGET_REFUSED', `${key} is the account in use`);
    const known = this.#of(credential.name).get(key);
    if (known && known.fence > fence)
      throw refuse('FENCED_OFF', `${key} was changed under fence ${known.fence}`);
    this.#change(credential.name, () =>
      this.#of(credential.name).set(key, this.#account(key, secret, token, fence)),
    );
  }

  async verify({ credential }: RotatorRequest, version: HeldVersion): Promise<void> {
    if (!this.accepts(credential.name, version.value))
      throw refuse('SUCCESSOR_REJECTED', `${version.key} of ${credential.name} does not work`);
  }

  async observe(
    { credential }: RotatorRequest,
    { successor, predecessor }: { readonly successor: VersionRef; readonly predecessor: VersionRef },
    dependents: readonly Dependent[],
  ): Promise<Observation> {
    const named = dependents.flatMap(({ name, evidence }) =>
      evidence ? [{ name, app: evidence.applicationName }] : [],
    );
    const count = (key: string, app?: string): number =>
      this.#sessionsOf(credential.name, key).filter(
        ({ applicationName }) => app === undefined || applicationName === app,
      ).length;
    const byDependent = named.map(({ name, app }) => [
      name,
      { onSuccessor: count(successor.key, app), onPredecessor: count(predecessor.key, app) },
    ]);
    const known = named.reduce((sum, { app }) => sum + count(predecessor.key, app), 0);
    return {
      at: instant(this.#options.clock()),
      successor: this.#usage(credential.name, successor.key, count(successor.key)),
      predecessor: this.#usage(credential.name, predecessor.key, count(predecessor.key)),
      byDependent: Object.fromEntries(byDependent),
      strangersOnPredecessor: count(predecessor.key) - known,
    };
  }

  async disable({ credential }: RotatorRequest, version: VersionRef): Promise<'disabled' | 'in-use'> {
    if (!this.capabilities.reversibleDisable) throw refuse('NOT_SUPPORTED', 'this target knows no disable');
    if (this.#sessionsOf(credential.name, version.key).length > 0) return 'in-use';
    this.#set(credential.name, version, 'disabled');
    return 'disabled';
  }

  async enable({ credential }: RotatorRequest, version: VersionRef): Promise<void> {
    if (this.#held(credential.name, version)?.state === 'revoked')
      throw refuse('PREDECESSOR_REVOKED', `${version.key} is revoked`);
    this.#set(credential.name, version, 'live');
  }

  async revoke({ credential }: RotatorRequest, version: VersionRef): Promise<void> {
    if (!this.#held(credential.name, version)) return;
    this.#endSessions(credential.name, version.key);
    this.#set(credential.name, version, 'revoked');
  }

  async stopNow(request: RotatorRequest, version: VersionRef): Promise<void> {
    if (!this.capabilities.reversibleDisable) return this.revoke(request, version);
    this.#endSessions(request.credential.name, version.key);
    this.#set(request.credential.name, version, 'disabled');
  }

  async proveRefused(
    { credential }: RotatorRequest,
    version: HeldVersion,
  ): Promise<'refused' | 'accepted' | 'unknown'> {
    return this.accepts(credential.name, version.value) ? 'accepted' : 'refused';
  }

  async listOurs({ credential }: RotatorRequest): Promise<readonly OwnedKey[]> {
    const live = [...this.#of(credential.name).values()].filter(({ state }) => state !== 'revoked');
    return live.map(({ key, token, createdAt }) => ({ key, token, createdAt }));
  }

  #sessionsOf(credential: string, key: string): readonly Session[] {
    return this.#sessions.filter((each) => each.credential === credential && each.key === key);
  }

  #endSessions(credential: string, key: string): void {
    const ended = this.#sessionsOf(credential, key);
    this.#sessions = this.#sessions.filter((each) => !ended.includes(each));
  }

  #newKey(current: string | undefined): string {
    switch (this.#options.shape) {
      case 'two-slot':
        return current === 'slot_a' ? 'slot_b' : 'slot_a';
      case 'in-place':
        return 'admin';
      case 'mint':
      case 'dual-value':
        return `key-${this.#issued}`;
    }
  }

  #account(key: string, secret: string, token: string, fence: number): Account {
    const at = instant(this.#options.clock());
    return { key, secret, token, state: 'live', fence, lastUsedAt: undefined, createdAt: at };
  }

  #usage(credential: string, key: string, sessions: number) {
    if (this.capabilities.evidence === 'none') return { sessions: 'unknown' as const };
    const lastUsedAt = this.#of(credential).get(key)?.lastUsedAt;
    if (this.capabilities.evidence === 'sessions') return { sessions };
    return { sessions: 'unknown' as const, ...(lastUsedAt === undefined ? {} : { lastUsedAt }) };
  }

  /** The account, as long as it still belongs to that version: a slot that was filled again does not. */
  #held(credential: string, { key, version }: VersionRef): Account | undefined {
    const account = this.#of(credential).get(key);
    return account?.token === version ? account : undefined;
  }

  #set(credential: string, version: VersionRef, state: Account['state']): void {
    const account = this.#held(credential, version);
    if (!account || account.state === 'revoked') return;
    this.#change(credential, () => (account.state = state));
  }

  #change(credential: string, change: () => unknown): void {
    change();
    this.#options.onChange?.(this.liveKeys(credential), credential);
  }

  #of(credential: string): Map<string, Account> {
    const accounts = this.#accounts.get(credential) ?? new Map<string, Account>();
    this.#accounts.set(credential, accounts);
    return accounts;
  }
}

/** A value of this target: which account, and its secret. */
function parse(value: Secret): { readonly key: string; readonly secret: string } {
  try {
    const { key, secret } = JSON.parse(value.reveal()) as {
      readonly key?: unknown;
      readonly secret?: unknown;
    };
    if (typeof key === 'string' && typeof secret === 'string') return { key, secret };
  } catch {
    // Not JSON: the same answer, without quoting it.
  }
  throw refuse('VALUE_MALFORMED', 'the value is not one of the memory target');
}

const refuse = (code: ErrorCode, message: string): LockstepError => new LockstepError(code, message);
