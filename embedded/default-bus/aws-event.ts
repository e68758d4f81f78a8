/**
 * An event as AWS services put it on an account's default bus, in EventBridge's envelope
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html). The embedded world
 * makes the same ones, so that the same functions handle them.
 */
export interface AwsEvent {
  readonly version: '0';
  /** The envelope's own id; a CloudTrail record inside has another one. */
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** Whole seconds, as EventBridge writes it. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Where an event happened and how it is named. */
export interface AwsPlace {
  readonly account: string;
  readonly region: string;
}

/** Takes such events to whoever watches. */
export type DefaultBus = (event: AwsEvent) => Promise<void>;

/** `2026-11-24T01:02:03Z`: CloudTrail and EventBridge know no milliseconds. */
export const wholeSeconds = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;
