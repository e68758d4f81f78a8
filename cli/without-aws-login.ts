/** How AWS SDKs find out who they are. */
const LOGIN =
  /^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|PROFILE|DEFAULT_PROFILE|WEB_IDENTITY_TOKEN_FILE|ROLE_ARN|ROLE_SESSION_NAME|CONTAINER_\w+|SHARED_CREDENTIALS_FILE|CONFIG_FILE)$/;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * An environment without what this process asks the broker with. A program that had it could ask by itself, and be
 * handed the value. What lies in files of this user it can still read: docs/proxy.md says how to keep it from them.
 */
export const withoutAwsLogin = (environment: Environment): Environment =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !LOGIN.test(name)));
