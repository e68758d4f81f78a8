import { LOCAL } from '../../lambdas/contracts/inventory/local-world.ts';

/** Said wherever keys of OpenAI are shown that are none. */
export const DOUBLED = 'OpenAI is a double on this machine';

/** Whether credentials of a kind open a double and nothing else: in the embedded world all of OpenAI's do. */
export const isDoubled = (environment: string, kind: string): boolean =>
  environment === LOCAL && (kind === 'openai' || kind === 'openai-authority');
