import type { NewId } from '../../lambdas/core/ports/ids.ts';
import type { Clock } from '../../lambdas/core/time.ts';
import { wholeSeconds, type AwsEvent, type AwsPlace, type DefaultBus } from '../default-bus/aws-event.ts';
import type { DriverReport } from '../step-driver/driven.ts';
import { accessRecord, type AccessedCall, type CallFailure } from './access-record.ts';

/** What a witness needs. */
export interface WitnessOptions extends AwsPlace {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly bus: DefaultBus;
  /** Told when an event could not be handed over. */
  readonly onLost?: () => void;
}

/**
 * Plays CloudTrail and Secrets Manager's own events: says on the default bus who called what, and which
 * label moved.
 *
 * Best effort, as on AWS: a bus that does not take an event must not keep a dependent from its value. That
 * reads go unseen is what the heartbeat alarm is for; here `onLost` counts them besides.
 */
export class Witness {
  readonly #options: WitnessOptions;

  constructor(options: WitnessOptions) {
    this.#options = options;
  }

  /** An API call, denied and failed ones too. */
  async called(call: AccessedCall, failure: CallFailure): Promise<void> {
    const { account, region, clock, newId } = this.#options;
    const context = { account, region, at: clock(), eventId: newId(), requestId: newId() };
    const detail = accessRecord(withResponse(call), failure, context);
    await this.#say('AWS API Call via CloudTrail', [], detail);
  }

  /** Secrets Manager's native event: every label but AWSPENDING and AWSPREVIOUS. */
  async labelMoved(
    secret: { readonly arn: string; readonly name: string },
    label: string,
    version: string,
  ): Promise<void> {
    const detail = { name: secret.name, labelUpdated: label, versionId: version };
    await this.#say('Secret Label Updated', [secret.arn], detail);
  }

  /** A service event: Secrets Manager speaks of itself, so it names no principal. */
  async rotated({ event, arn, token, code }: DriverReport): Promise<void> {
    const { account, region, clock, newId } = this.#options;
    await this.#say('AWS Service Event via CloudTrail', [], {
      eventVersion: '1.11',
      userIdentity: { accountId: account, invokedBy: 'secretsmanager.amazonaws.com' },
      eventTime: wholeSeconds(clock()),
      eventSource: 'secretsmanager.amazonaws.com',
      eventName: event,
      awsRegion: region,
      sourceIPAddress: 'secretsmanager.amazonaws.com',
      userAgent: 'secretsmanager.amazonaws.com',
      ...(code === undefined ? {} : { errorMessage: `the rotation function failed with ${code}` }),
      requestParameters: null,
      responseElements: null,
      additionalEventData: { SecretId: arn },
      requestID: `Rotation-${arn}-${token}`,
      eventID: newId(),
      readOnly: false,
      eventType: 'AwsServiceEvent',
      managementEvent: true,
      recipientAccountId: account,
      eventCategory: 'Management',
    });
  }

  async #say(detailType: string, resources: readonly string[], detail: AwsEvent['detail']): Promise<void> {
    const { account, region, clock, newId, bus, onLost } = this.#options;
    const time = wholeSeconds(clock());
    const source = 'aws.secretsmanager';
    const id = newId();
    try {
      await bus({
        version: '0',
        id,
        'detail-type': detailType,
        source,
        account,
        time,
        region,
        resources,
        detail,
      });
    } catch {
      onLost?.();
    }
  }
}

/** CloudTrail shows no answer of a call that only reads. */
function withResponse(call: AccessedCall): AccessedCall {
  switch (call.call) {
    case 'DescribeSecret':
    case 'ListSecretVersionIds':
    case 'GetSecretValue':
      return { ...call, response: null };
    case 'PutSecretValue':
    case 'UpdateSecretVersionStage':
      return call;
    case 'RotateSecret':
      return {
        ...call,
        response: { ...call.response, versionId: call.parameters['clientRequestToken'] },
      };
  }
}
