/* oxlint-disable no-new -- a construct adds itself to its scope */
import { EventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { targetFunction } from '../../lambdas/contracts/names.ts';
import { DataKey } from '../keys/data-key.ts';
import { rulesPublish } from '../keys/publishers.ts';
import { QueueFedFunction } from '../queues/queue-fed-function.ts';
import { ledgerAccess } from '../rights/ledger-access.ts';
import { mayInvoke, type Right } from '../rights/right.ts';
import { vaultAccess } from '../rights/vault-access.ts';
import { SiteStack } from '../site-stack.ts';
import { functionArn, siteName, type Site } from '../site.ts';
import { CadenceSchedules } from './cadence-schedules.ts';
import { LedgerTable } from './ledger-table.ts';
import { mayPublish } from './may-publish.ts';
import { OutboxPublisher } from './outbox-publisher.ts';
import { TargetFunction } from './target-function.ts';
import { Timers } from './timers.ts';

/** The bus, the ledger, the functions that change credentials, and the clocks that ask them to. */
export class RotationStack extends SiteStack {
  readonly bus: EventBus;
  readonly ledger: LedgerTable;
  /** Encrypts the ledger and the queues of every later stage but the watch. */
  readonly key: IKey;
  readonly families: readonly string[];
  readonly #site: Site;

  constructor(scope: Construct, site: Site) {
    super(scope, {
      site,
      name: 'rotation',
      isStateful: true,
      description: 'bus, ledger, target functions, cadence',
    });
    this.#site = site;
    this.families = [...new Set(site.inventory.credentials.map(({ family }) => family))];
    this.key = new DataKey(this, 'PipelineKey', {
      site,
      purpose: 'pipeline',
      through: ['dynamodb', 'sqs'],
      publishers: [rulesPublish()],
    }).key;
    this.bus = new EventBus(this, 'Bus', { eventBusName: siteName(site, 'bus') });
    this.ledger = new LedgerTable(this, 'Ledger', { key: this.key });
    const shared = { site, bus: this.bus, key: this.key };
    new OutboxPublisher(this, 'Outbox', { ...shared, ledger: this.ledger });
    for (const family of this.families)
      new TargetFunction(this, `Target-${family}`, { site, family, ledger: this.ledger });
    this.#addRequestAndStart();
    this.#addAdvance();
    const cadence = new Timers(this, 'CadenceGroup', {
      ...shared,
      name: 'cadence',
      publishes: 'rotation.due',
    });
    new CadenceSchedules(this, 'Cadence', { site, bus: this.bus, group: cadence });
  }

  /** To run the target functions there are. */
  mayRunTargets(): Right {
    return mayInvoke(...this.families.map((family) => functionArn(this.#site, targetFunction(family))));
  }

  /** What every function is told that works with the ledger and writes down what it does. */
  get ledgerVariables(): { readonly LEDGER_TABLE: string; readonly APPEND_AUDIT: string } {
    return {
      LEDGER_TABLE: this.ledger.table.tableName,
      APPEND_AUDIT: functionArn(this.#site, 'append-audit'),
    };
  }

  #addRequestAndStart(): void {
    const shared = { site: this.#site, bus: this.bus, key: this.key };
    const { tableArn } = this.ledger.table;
    const mayAppend = mayInvoke(functionArn(this.#site, 'append-audit'));
    new QueueFedFunction(this, 'RequestRotation', {
      ...shared,
      name: 'request-rotation',
      environment: this.ledgerVariables,
      rights: [...ledgerAccess('request-rotation', tableArn), mayAppend],
    });
    new QueueFedFunction(this, 'StartRotation', {
      ...shared,
      name: 'start-rotation',
      environment: {
        ...this.ledgerVariables,
        BUS: this.bus.eventBusName,
        VAULT_WRITES_PER_SECOND: String(this.#site.vaultWritesPerSecond),
      },
      rights: [
        ...ledgerAccess('start-rotation', tableArn),
        ...vaultAccess(this.#site, 'start-rotation'),
        mayAppend,
        // Secrets Manager asks it of whoever calls RotateSecret.
        this.mayRunTargets(),
        mayPublish(this.bus.eventBusArn, 'reconcile.due'),
      ],
    });
  }

  #addAdvance(): void {
    const shared = { site: this.#site, bus: this.bus, key: this.key };
    const timers = new Timers(this, 'Timers', { ...shared, name: 'timers', publishes: 'rotation.advanced' });
    new QueueFedFunction(this, 'AdvanceRotation', {
      ...shared,
      name: 'advance-rotation',
      environment: {
        ...this.ledgerVariables,
        BUS_ARN: this.bus.eventBusArn,
        TIMER_GROUP: timers.groupName,
        TIMER_ROLE: timers.role.role.roleArn,
        TIMER_DEAD_LETTERS: timers.deadLetters.queueArn,
      },
      rights: [
        ...ledgerAccess('advance-rotation', this.ledger.table.tableArn),
        mayInvoke(functionArn(this.#site, 'append-audit')),
        this.mayRunTargets(),
        ...timers.maySchedule(),
      ],
    });
  }
}
