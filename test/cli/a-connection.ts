import type { Connection, QueryAnswers } from '../../cli/connection/connection.ts';
import {
  parseOrder,
  parseQuery,
  type Order,
  type Query,
  type QueryName,
} from '../../lambdas/contracts/orders.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { TokenOrder } from '../../embedded/issuer/token-issuer.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import type { OrderAnswer } from '../../lambdas/operate/operate-ports.ts';
import type { InventoryReport } from '../../lambdas/report/compare-inventory.ts';
import type { ProvedSupply, PutSupply } from '../../lambdas/supply-authority/supply-authority.ts';
import type { AuthorityStatus } from '../../lambdas/report/show-authorities.ts';
import type { CredentialStatus, RotationStatus, StatusReport } from '../../lambdas/report/show-status.ts';

export const NOW = '2026-11-24T12:00:00.000Z';

/** A rotation as `status` tells it. */
export const aRotation = (parts: Partial<RotationStatus> = {}): RotationStatus => ({
  token: '5f0c7b1e-0000-8000-8000-000000000001',
  phase: 'retired',
  cause: 'cadence',
  requestedAt: '2026-11-24T11:00:00.000Z',
  adopted: [],
  missing: [],
  next: 'nothing',
  ...parts,
});

/** A credential as `status` tells it. */
export const aStatus = (name: string, parts: Partial<CredentialStatus> = {}): CredentialStatus => ({
  name,
  kind: 'postgres',
  strategy: 'two-slot',
  owner: 'retrieval-team',
  adopted: true,
  rotateEverySeconds: 86_400,
  overdue: false,
  current: '5f0c7b1e-0000-8000-8000-000000000001',
  currentKey: 'rag_a',
  ageSeconds: 3600,
  rotation: aRotation(),
  ...parts,
});

const lineOf = ({
  name,
  kind,
  owner,
  adopted,
}: CredentialStatus): InventoryReport['credentials'][number] => ({
  name,
  kind,
  owner,
  adopted,
  secret: `lockstep/local/${name}`,
  inVault: true,
  hasValue: adopted,
  drift: [],
});

/** A pipeline that keeps what it was told, and holds every order and question to the contracts. */
export class PipelineDouble implements Connection {
  via: Connection['via'] = 'runtime';
  readonly orders: Order[] = [];
  readonly queries: Query[] = [];
  readonly put: { readonly credential: string; readonly value: Secret }[] = [];
  readonly supplied: {
    readonly authority: string;
    readonly version: string;
    readonly value: Secret;
  }[] = [];
  readonly proved: string[] = [];
  readonly tokens: TokenOrder[] = [];
  /** Whether a value was supplied before the test began. */
  holdsSupply = false;
  supplyAnswer: LockstepError | undefined;
  proofAnswer: LockstepError | undefined;
  closed = 0;
  /** Names of what can be leased. */
  leasables: readonly string[] = [];
  credentials: readonly CredentialStatus[] = [
    aStatus('vector-store'),
    aStatus('fresh-key', { adopted: false }),
  ];
  leaseAuthorities: readonly AuthorityStatus[] = [];
  answers: Partial<QueryAnswers> = {};
  /** What the next orders are answered with; a message that names the order otherwise. */
  orderAnswer: OrderAnswer | LockstepError | undefined;

  async order(order: Order): Promise<OrderAnswer> {
    const taken = parseOrder(JSON.parse(JSON.stringify(order)));
    if ('credential' in taken) this.#find(taken.credential);
    if (this.orderAnswer instanceof LockstepError) throw this.orderAnswer;
    this.orders.push(taken);
    return this.orderAnswer ?? { said: `${taken.order} was taken`, facts: {} };
  }

  async query<N extends QueryName>(name: N, asks: object): Promise<QueryAnswers[N]> {
    const query = parseQuery(JSON.parse(JSON.stringify({ query: name, ...asks })));
    this.queries.push(query);
    return this.#answer(query) as QueryAnswers[N];
  }

  async putFirst(credential: string, value: Secret): Promise<void> {
    const status = this.#find(credential);
    if (status?.adopted) throw new Error('the double saw a first value put over one that is in use');
    this.put.push({ credential, value });
  }

  async putSupply(authority: string, version: string, value: Secret): Promise<PutSupply> {
    if (this.supplyAnswer instanceof LockstepError) throw this.supplyAnswer;
    this.supplied.push({ authority, version, value });
    return { is: this.supplied.length === 1 ? 'current' : 'pending' };
  }

  async proveSupply(authority: string): Promise<ProvedSupply> {
    if (this.supplied.length === 0 && !this.holdsSupply)
      throw new LockstepError('NOT_ADOPTED', 'there is no value to prove');
    if (this.proofAnswer instanceof LockstepError) throw this.proofAnswer;
    this.proved.push(authority);
    return { version: 'v-1' };
  }

  async signToken(order: TokenOrder): Promise<Secret> {
    this.tokens.push(order);
    return new Secret(`a.token.of-${order.subject}`);
  }

  async close(): Promise<void> {
    this.closed += 1;
  }

  #answer(query: Query): QueryAnswers[QueryName] {
    const given = this.answers[query.query];
    switch (query.query) {
      case 'status': {
        const status = this.#status(query.credential);
        return { ...status, ...given, credentials: status.credentials };
      }
      case 'history':
        // As `report` does: a name without any history is no error.
        return given ?? { credential: query.credential, records: [], refusals: [], chains: this.leasables };
      case 'findings':
        this.#find(query.credential);
        return given ?? { findings: [] };
      case 'audit-verify': {
        // As `report` does: a name without a chain verifies, since there is nothing to verify.
        const chains = this.credentials.filter(
          ({ name }) => query.credential === undefined || name === query.credential,
        ).length;
        return (
          given ?? {
            ok: true,
            chains,
            records: 2 * chains,
            heads: 1,
            unsealed: 0,
            lastHeadAt: NOW,
            faults: [],
          }
        );
      }
      case 'inventory':
        return (
          given ?? {
            environment: 'local',
            digest: '0'.repeat(64),
            credentials: this.credentials.map(lineOf),
            undeclared: [],
          }
        );
    }
  }

  /** As `report` does: everything, or the one credential or lease authority of that name. */
  #status(name: string | undefined): StatusReport {
    const authorities = this.leaseAuthorities.filter((each) => name === undefined || each.name === name);
    const isAuthority = name !== undefined && authorities.length > 0;
    const found = isAuthority ? undefined : this.#find(name);
    return {
      environment: 'local',
      at: NOW,
      credentials: isAuthority ? [] : found ? [found] : this.credentials,
      ...(authorities.length > 0 ? { leaseAuthorities: authorities } : {}),
      deadLetters: 0,
      sealAgeSeconds: 4,
    };
  }

  #find(name: string | undefined): CredentialStatus | undefined {
    if (name === undefined) return undefined;
    const found = this.credentials.find((each) => each.name === name);
    if (found) return found;
    throw new LockstepError(
      'UNKNOWN_CREDENTIAL',
      'the inventory of local declares no credential of that name',
    );
  }
}
