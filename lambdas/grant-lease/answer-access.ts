import { parseAsk, type AccessAnswers, type AccessAskName } from '../contracts/access-requests.ts';
import type { FindingPorts } from '../detect-access/detect-ports.ts';
import { recogniseCaller, type RecognisePorts, type Shown } from '../recognise-caller/recognise-caller.ts';
import type { ReplayedToken } from '../recognise-caller/spend-token.ts';
import type { GrantLease } from './grant-ports.ts';
import { reportMisuse } from './report-misuse.ts';

/** What answering at a door needs. */
export interface AccessPorts {
  readonly recognise: Omit<RecognisePorts, 'onReplay'>;
  readonly finding: FindingPorts;
  readonly grant: GrantLease;
}

/** One request as a door has seen it. */
export interface AccessRequest {
  readonly shown: Shown;
  /** Parsed JSON, unchecked. */
  readonly body: unknown;
  /** The address that it came from, where the world knows it. */
  readonly source?: string;
}

/** Answers one request at a door of the broker, the same in both worlds. */
export async function answerAccess(
  { recognise, finding, grant }: AccessPorts,
  { shown, body, source }: AccessRequest,
): Promise<AccessAnswers[AccessAskName]> {
  const ask = parseAsk(body);
  const onReplay = (token: ReplayedToken): Promise<void> => reportReplay(finding, token);
  const caller = await recogniseCaller({ ...recognise, onReplay }, shown, ask);
  return grant(caller, ask, {
    ...(source === undefined ? {} : { source }),
    ...(shown.by === 'token' ? { proof: shown.token } : {}),
  });
}

const reportReplay = (ports: FindingPorts, { caller, tokenId }: ReplayedToken): Promise<void> =>
  reportMisuse(ports, {
    rule: 'token-replayed',
    caller,
    subject: tokenId,
    reasons: [
      `Who: ${caller.is} ${caller.name.slice(0, 200)}, or whoever has one of its tokens.`,
      'What: a token came for a second request. It was good for one, and nobody was let in.',
      'Odd: a client of Lockstep asks its issuer for a new token each time; somebody may have seen a request.',
    ],
  });
