/* oxlint-disable no-new -- a construct adds itself to its scope */
import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { AuditStack } from '../audit/audit-stack.ts';
import { hasLeases } from '../access/lease-kinds.ts';
import { DataKey } from '../keys/data-key.ts';
import { alarmsPublish, rulesPublish, topicPublishes, trailPublishes } from '../keys/publishers.ts';
import { deadLetterQueues, mayLookAtDeadLetters } from '../queues/dead-letter-queues.ts';
import { QueueFedFunction } from '../queues/queue-fed-function.ts';
import { ledgerAccess } from '../rights/ledger-access.ts';
import { mayInvoke } from '../rights/right.ts';
import { vaultAccess } from '../rights/vault-access.ts';
import { stuckAfterSeconds } from '../rotation/limits.ts';
import type { RotationStack } from '../rotation/rotation-stack.ts';
import { SiteStack } from '../site-stack.ts';
import { functionArn, type Site } from '../site.ts';
import { Alarms } from './alarms.ts';
import { Dashboard } from './dashboard.ts';
import { OnCallTopic, onCallTopicArn } from './on-call-topic.ts';
import { TrailOfReads, trailArn } from './trail-of-reads.ts';

/** The stacks that the watch looks at. */
export interface WatchStackProps {
  readonly audit: AuditStack;
  readonly rotation: RotationStack;
}

/** Who reads what, whether everything runs, and who is told: detector, pulse, alarms, on-call. */
export class WatchStack extends SiteStack {
  readonly #site: Site;
  readonly #stacks: WatchStackProps;
  readonly #key: DataKey;

  constructor(scope: Construct, site: Site, stacks: WatchStackProps) {
    super(scope, {
      site,
      name: 'watch',
      isStateful: false,
      description: 'detector, pulse, alarms, on-call topic',
    });
    this.#site = site;
    this.#stacks = stacks;
    const withTrail = site.deployment.trail === 'create';
    this.#key = new DataKey(this, 'WatchKey', {
      site,
      purpose: 'watch',
      through: ['sns', 'sqs', 's3'],
      publishers: [
        rulesPublish(),
        alarmsPublish(site),
        topicPublishes(onCallTopicArn(site)),
        ...(withTrail ? trailPublishes(site, trailArn(site)) : []),
      ],
    });
    const { key } = this.#key;
    if (withTrail) new TrailOfReads(this, 'Trail', { site, key });
    const { topic } = new OnCallTopic(this, 'OnCall', { site, key });
    this.#addDetector();
    this.#addPulse();
    this.#addPager(topic.topicArn);
    new Alarms(this, 'Alarms', { site, topic });
    new Dashboard(this, 'Dashboard', { site });
    new CfnOutput(this, 'OnCallTopicArn', {
      value: topic.topicArn,
      description: 'subscribe whoever is on call',
    });
  }

  #addDetector(): void {
    const { rotation } = this.#stacks;
    new QueueFedFunction(this, 'DetectAccess', {
      site: this.#site,
      name: 'detect-access',
      key: this.#key.key,
      environment: { ...rotation.ledgerVariables, ACCOUNT: this.#site.deployment.account },
      rights: [
        ...ledgerAccess('detect-access', rotation.ledger.table.tableArn),
        mayInvoke(functionArn(this.#site, 'append-audit')),
      ],
    });
  }

  #addPulse(): void {
    const { audit, rotation } = this.#stacks;
    const { table } = rotation.ledger;
    new QueueFedFunction(this, 'TakePulse', {
      site: this.#site,
      name: 'take-pulse',
      key: this.#key.key,
      environment: {
        LEDGER_TABLE: table.tableName,
        ...audit.headsVariables,
        STUCK_AFTER_SECONDS: String(stuckAfterSeconds),
        DEAD_LETTER_QUEUES: deadLetterQueues(this.#site),
      },
      rights: [
        ...ledgerAccess('take-pulse', table.tableArn, {
          without: hasLeases(this.#site.inventory) ? [] : ['lease-swept'],
        }),
        ...vaultAccess(this.#site, 'take-pulse'),
        ...audit.heads.mayRead(),
        mayLookAtDeadLetters(this.#site),
      ],
    });
  }

  #addPager(topicArn: string): void {
    new QueueFedFunction(this, 'PageOnCall', {
      site: this.#site,
      name: 'page-on-call',
      key: this.#key.key,
      bus: this.#stacks.rotation.bus,
      environment: { ON_CALL_TOPIC: topicArn },
      rights: [{ actions: ['sns:Publish'], resources: [topicArn] }],
    });
  }
}
