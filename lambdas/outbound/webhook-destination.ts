import { fit, listOf, optional, record, text } from '../contracts/check.ts';
import type { Dependent } from '../core/credential.ts';

/** Where a `webhook` dependent is told, as its kind's schema checked it in the inventory. */
export interface WebhookDestination {
  readonly url: string;
  /** The credential that signs what it is told. */
  readonly signingKey: string;
  readonly allowHosts?: readonly string[];
}

const shape = record<WebhookDestination>({ url: text, signingKey: text, allowHosts: optional(listOf(text)) });

/** Reads it. Throws `INVENTORY_INVALID`. */
export const webhookDestination = ({ name, settings }: Dependent): WebhookDestination =>
  fit(shape, settings, 'INVENTORY_INVALID', `the settings of dependent ${name}`);
