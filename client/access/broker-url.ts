import { LockstepError } from '../../lambdas/core/errors.ts';

/** A broker's address as somebody configured it. Throws `ENVIRONMENT_INVALID`; one that carries a login is not repeated. */
export function brokerUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && url.username === '' && url.password === '') return url;
  throw new LockstepError(
    'ENVIRONMENT_INVALID',
    "the broker's address is no URL, or has a login in it; it should be like https://<id>.lambda-url.<region>.on.aws/",
  );
}
