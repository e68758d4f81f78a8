import { foreignName, LockstepError, type ErrorCode } from '../../core/errors.ts';

/** What STS says no with, and who acts next. Its text is not repeated: it quotes what it was sent. */
const REFUSALS: Readonly<Record<string, { readonly code: ErrorCode; readonly move: string }>> = {
  AccessDenied: {
    code: 'TARGET_LACKS_GRANT',
    move: 'its trust policy has to let the role of lease-aws-session sts:AssumeRole and sts:TagSession, and that role needs both for it; does an sts:ExternalId differ?',
  },
  MalformedPolicyDocument: {
    code: 'TARGET_REFUSED',
    move: 'it does not understand the session policy; correct allow',
  },
  PackedPolicyTooLarge: {
    code: 'TARGET_REFUSED',
    move: 'policy and tags are too large together; shorten allow and tags',
  },
  RegionDisabled: { code: 'TARGET_REFUSED', move: 'STS is not active in that region of the account' },
  ValidationError: {
    code: 'TARGET_REFUSED',
    move: 'it does not take the request; is the longest session of the role an hour, and does the role exist?',
  },
  Throttling: { code: 'TARGET_BUSY', move: 'it will be tried again later' },
  ThrottledClient: { code: 'TARGET_BUSY', move: 'it will be tried again later' },
  TooManyRequests: { code: 'TARGET_BUSY', move: 'it will be tried again later' },
};

/** The credentials of the function itself. */
const LOGIN =
  /^(?:ExpiredToken|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidSignature|CredentialsProviderError)$/;

/** The error for a call that failed. `cause` is left out: it may quote the session policy. */
export function refusalOf(subject: string, role: string, error: unknown): LockstepError {
  const name = foreignName(error);
  const plain = name.replace(/Exception$/, '');
  const known = Object.hasOwn(REFUSALS, plain) ? REFUSALS[plain] : undefined;
  const said = `STS did not let ${role} be assumed for a lease of ${subject} (${name}); `;
  if (known) return new LockstepError(known.code, `${said}${known.move}`);
  if (LOGIN.test(plain))
    return new LockstepError(
      'TARGET_REFUSES_LOGIN',
      `${said}it does not take the function's own credentials`,
    );
  return new LockstepError(
    'TARGET_UNREACHABLE',
    `${said}whether there is a session that nobody has is unknown, it will be tried again`,
  );
}
