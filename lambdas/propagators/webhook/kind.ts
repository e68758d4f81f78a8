import * as z from 'zod';
import type { PropagatorKind } from '../../core/kind.ts';
import { placeOfUrl } from '../../core/network-place.ts';

const WebhookSettings = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .refine((text) => {
      // Runs also where the check before it has failed.
      if (!URL.canParse(text)) return false;
      const { username, password, hash } = new URL(text);
      return [username, password, hash].every((part) => part === '');
    })
    .describe('where it is told: an https URL without login and fragment'),
  signingKey: z
    .string()
    .regex(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/)
    .max(64)
    .describe('the name of the `random` credential that signs what this receiver is told'),
  allowHosts: z
    .array(
      z
        .string()
        .max(253)
        .regex(/^[A-Za-z0-9._:-]+$/)
        .describe('a host name or address, without scheme, port or brackets'),
    )
    .max(20)
    .optional()
    .describe('hosts of `url` that may have a private address'),
});
/** What the propagator needs of a `webhook` dependent. */
export type WebhookSettings = z.infer<typeof WebhookSettings>;

/** A dependent that is told by an HTTP request, signed as Standard Webhooks says, and then acknowledges by itself. */
export const webhookKind = {
  name: 'webhook',
  isTold: true,
  settings: WebhookSettings,
  environmentBound: ['url', 'allowHosts'],
  places: ({ settings }) => [placeOfUrl(WebhookSettings.parse(settings).url)],
} as const satisfies PropagatorKind<z.ZodObject>;
