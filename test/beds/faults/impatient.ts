import type { ClientSettings } from '../../../lambdas/shell/client-settings.ts';

/** How much shorter a wait for an answer is made: a second stands for the three that a store has. */
const SHORTENED = 3;

/** The same settings for calls that are never answered, with a shorter patience, so that nobody has to wait for it. */
export const impatient = <S extends ClientSettings>({ requestHandler, ...settings }: S) => ({
  ...settings,
  requestHandler: {
    ...requestHandler,
    requestTimeout: requestHandler.requestTimeout / SHORTENED,
    socketTimeout: requestHandler.socketTimeout / SHORTENED,
  },
});
