import type { Instant } from '../time.ts';
import type { Access, AccessOutcome, ParsedRecord, Passed } from './access.ts';
import { fieldAt, textAt } from './foreign-field.ts';
import { principalOf } from './principal.ts';
import { secretIdsIn } from './secret-name.ts';

const SERVICE = 'secretsmanager.amazonaws.com';
const SOURCE = 'aws.secretsmanager';
const READS: readonly string[] = ['GetSecretValue', 'BatchGetSecretValue'];
const REFUSALS: readonly string[] = ['AccessDenied', 'AccessDeniedException'];
const ISO_INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * Reads an EventBridge envelope around a CloudTrail record, or a bare record
 * (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html).
 *
 * Total: whatever comes in, an answer comes out, and what cannot be understood is counted rather than
 * thrown, because a record that nobody can read will be as unreadable at the next delivery. A record that
 * lacks its id, its time or the call's name cannot be recognised again and is malformed; everything else may
 * be missing. Nothing of an unread record is kept.
 */
export function parseRecord(payload: unknown): ParsedRecord {
  const isEnvelope = fieldAt(payload, 'detail') !== undefined;
  const detail = isEnvelope ? fieldAt(payload, 'detail') : payload;
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) return passed('malformed');

  const service = textAt(detail, 'eventSource');
  if (isEnvelope) {
    // Anybody may put an event on a bus; only AWS writes under an `aws.` source, and both must agree.
    const agrees = (textAt(payload, 'source') === SOURCE) === (service === SERVICE);
    if (!agrees) return passed('mismatched');
  }
  if (service !== SERVICE) return passed(service === undefined ? 'malformed' : 'other-service');
  return parseCall(detail);
}

function parseCall(detail: object): ParsedRecord {
  const type = textAt(detail, 'eventType');
  if (type === 'AwsServiceEvent') return passed('service-event');
  // The same call as seen by a VPC endpoint: counted once, by its management record.
  if (type === 'AwsVpceEvent' || textAt(detail, 'eventCategory') === 'NetworkActivity')
    return passed('network-activity');
  if (type !== undefined && type !== 'AwsApiCall') return passed('other-record');

  const eventId = identityOf(detail);
  const at = instantAt(detail);
  const call = textAt(detail, 'eventName');
  if (eventId === undefined || at === undefined || call === undefined || !/^[A-Za-z]{1,64}$/.test(call))
    return passed('malformed');

  const access: Access = {
    eventId,
    at,
    call,
    isRead: READS.includes(call),
    outcome: outcomeOf(detail, call),
    principal: principalOf(fieldAt(detail, 'userIdentity')),
    secretIds: secretIdsIn(detail),
    ...present('account', accountAt(detail)),
    ...present('versionId', textAt(detail, 'requestParameters', 'versionId')),
    ...present('versionStage', textAt(detail, 'requestParameters', 'versionStage')),
    ...present('from', addressAt(detail)),
  };
  return { kind: 'access', access };
}

/** One id for one call: the caller's and the owner's records share one, and a correction names its original. */
function identityOf(detail: object): string | undefined {
  const id =
    textAt(detail, 'sharedEventID') ??
    textAt(detail, 'addendum', 'originalEventID') ??
    textAt(detail, 'eventID');
  return id !== undefined && /^[\w-]{1,128}$/.test(id) ? id : undefined;
}

function instantAt(detail: object): Instant | undefined {
  const text = textAt(detail, 'eventTime') ?? '';
  const at = ISO_INSTANT.test(text) ? new Date(text) : undefined;
  return at === undefined || Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

function outcomeOf(detail: object, call: string): AccessOutcome {
  const error = fieldAt(detail, 'errorCode');
  if (error === undefined || error === null) return call === 'BatchGetSecretValue' ? 'asked' : 'served';
  if (typeof error !== 'string') return 'failed';
  if (REFUSALS.includes(error)) return 'refused';
  return error === 'ResourceNotFoundException' ? 'missing' : 'failed';
}

const accountAt = (detail: object): string | undefined => {
  const account = textAt(detail, 'recipientAccountId');
  return account !== undefined && /^\d{12}$/.test(account) ? account : undefined;
};

/** An IPv4 or IPv6 address, a service's host name, or "AWS Internal"; anything else is not repeated. */
const addressAt = (detail: object): string | undefined => {
  const address = textAt(detail, 'sourceIPAddress');
  return address !== undefined &&
    /^(?:[\d.]{7,15}|[\dA-Fa-f:.]{2,45}|[a-z0-9.-]{1,80}|AWS Internal)$/.test(address)
    ? address
    : undefined;
};

const passed = (why: Passed): ParsedRecord => ({ kind: 'passed', why });

const present = <K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> =>
  value === undefined ? {} : ({ [key]: value } as Record<K, string>);
