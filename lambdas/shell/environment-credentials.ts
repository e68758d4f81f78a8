import { fromEnv } from '@aws-sdk/credential-provider-env';

/**
 * Stands in for the SDK's default chain of credential providers in every bundle. In Lambda the role's credentials are
 * in the environment, always (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html); profiles, single
 * sign-on, processes and instance metadata do not exist there, and were a quarter of each bundle.
 */
export const defaultProvider = (): ReturnType<typeof fromEnv> => fromEnv();
