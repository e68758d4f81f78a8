import { randomUUID } from 'node:crypto';
import { storeSettings } from '../../../lambdas/shell/client-settings.ts';
import { BED_REGION } from '../launch/ministack.ts';

/** How a client of a bed is made: the settings that our functions have, and a place that is not AWS. */
export const clientAt = (url: string) => ({
  ...storeSettings(),
  endpoint: url,
  region: BED_REGION,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

/** A name that no other test has, in a bed that all of them share. */
export const uniqueName = (what: string): string => `${what}-${randomUUID()}`;
