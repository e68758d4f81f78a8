/**
 * How an ask reaches the broker: `POST /access` with one `AccessAsk` as JSON (`access-requests.ts`), answered with
 * `AccessAnswers[ask]` and 200, or with a `Failure` (`failure.ts`) and a status that says who acts next. Who asks is
 * proved beside the body, in one of three ways, and never in it:
 *
 * - signed: the function URL of the alias `live`, which has IAM authorisation. Signature Version 4 for the service
 *   `lambda`, over every header that is sent.
 * - token: the function URL of the alias `tokens`, or the embedded endpoint, with `lockstep-token`. Good for one request.
 * - embedded: the endpoint on loopback with `authorization: Bearer <proof>`, a `WorkloadProof`.
 *
 * An agent that acts for a person adds that person's token as `lockstep-acting-for`. docs/identity.md says more.
 */

/** The path of the broker, at every door. */
export const ACCESS_PATH = '/access';

/** Whose JWT says who the caller is. Only where nothing else does: beside a signature or a proof it is refused. */
export const TOKEN_HEADER = 'lockstep-token';

/** The JWT of the person that an agent acts for. Beside a signature or a proof alone. */
export const ACTING_FOR_HEADER = 'lockstep-acting-for';

/** Longer tokens are refused before anything of them is read, in characters. Two of them have to fit into a request's headers. */
export const MAX_TOKEN_LENGTH = 6144;

/** Longer bodies are refused unread, in characters. */
export const MAX_ASK_LENGTH = 16 * 1024;

/** The aliases of `grant-lease` that have a URL: by their ARNs IAM allows one without the other. */
export const ACCESS_ALIASES = { signed: 'live', tokens: 'tokens' } as const;

/** `typ` of the proof by which workloads and people are known in the embedded world. */
export const PROOF_TYPE = 'lockstep-workload+jwt';

/** No proof is good for longer, in seconds, whatever it says of itself. */
export const LONGEST_PROOF_SECONDS = 60;

/** `aud` of a proof. */
export const proofAudience = (environment: string): string => `lockstep/${environment}`;

/**
 * The claims of a proof of possession for exactly one request, in the manner of RFC 9449 (DPoP): a JWT signed with
 * EdDSA by the Ed25519 key that the runtime made for the workload (`identity.pem` in its folder). Digests are SHA-256
 * in base64url.
 */
export interface WorkloadProof {
  /** The workload, or `person:<name>`. */
  readonly iss: string;
  readonly aud: string;
  readonly iat: number;
  readonly exp: number;
  /** Good once. */
  readonly jti: string;
  /** The method. */
  readonly htm: string;
  /** Path and query, as they are sent. */
  readonly htu: string;
  /** Digest of the body; of the empty text where there is none. */
  readonly bdh: string;
  /** Digest of `lockstep-acting-for`; there if and only if that is. */
  readonly afh?: string;
}
