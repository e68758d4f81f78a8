import {
  ADOPTER,
  aRotation,
  at,
  HEARTBEAT,
  POSTGRES_FUNCTION,
  PULSE,
  RAG,
  secret,
  STRANGER,
  WEBHOOK_FUNCTION,
  without,
} from '../core/watch/a-workspace.ts';
import { intent, type Situation } from './situation.ts';

const open = without(aRotation({ phase: 'adopting' }), 'adoptedAt', 'disabledAt', 'endedAt');
/** Nothing here is odd: the watch stays silent. */
export const ORDINARY: readonly Situation[] = [
  { when: 'a bound workload reads', calls: [{ by: RAG, at: at(40) }], gives: [] },
  {
    when: 'a bound workload reads by a full ARN',
    calls: [
      {
        by: RAG,
        of: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:lockstep/production/vector-store-AbC123',
        at: at(40),
      },
    ],
    gives: [],
  },
  {
    when: 'a bound workload reads a name that ends like a suffix',
    calls: [{ by: RAG, of: secret('db-abcdef'), at: at(40) }],
    gives: [],
  },
  { when: 'an adopter reads what it puts', calls: [{ by: ADOPTER, at: at(40) }], gives: [] },
  {
    when: 'the four steps run and a workload follows',
    rotations: [aRotation()],
    calls: [
      { by: POSTGRES_FUNCTION, at: at(0, 1) },
      { by: POSTGRES_FUNCTION, of: secret('rag-db-admin'), at: at(0, 2) },
      { by: POSTGRES_FUNCTION, version: 'token-2', stage: 'AWSPENDING', at: at(0, 30) },
      { by: RAG, at: at(2) },
      { by: RAG, version: 'version-1', at: at(3) },
      { by: RAG, stage: 'AWSPREVIOUS', at: at(14) },
      { by: POSTGRES_FUNCTION, version: 'version-1', at: at(29) },
    ],
    gives: [],
  },
  {
    when: 'the version is read by its id while it is current',
    rotations: [aRotation()],
    calls: [{ by: RAG, version: 'token-2', at: at(100) }],
    gives: [],
  },
  {
    when: 'an overlap is open for days',
    rotations: [open],
    calls: [{ by: RAG, version: 'version-1', at: at(4000) }],
    gives: [],
  },
  {
    when: 'the propagator signs with both keys until `disabled`',
    rotations: [aRotation({ credential: 'hook-key', strategy: 'dual-value' })],
    calls: [
      { by: WEBHOOK_FUNCTION, of: secret('hook-key'), at: at(40) },
      { by: WEBHOOK_FUNCTION, of: secret('hook-key'), version: 'version-1', at: at(15, 59) },
    ],
    gives: [],
  },
  {
    when: 'a target function reads with an intent',
    intents: [['vector-store', intent(40, 41)]],
    calls: [
      { by: POSTGRES_FUNCTION, at: at(40) },
      { by: POSTGRES_FUNCTION, of: secret('rag-db-admin'), at: at(41, 4) },
    ],
    gives: [],
  },
  {
    when: 'the rotation was asked for in the same second as the read',
    rotations: [aRotation({ requestedAt: new Date(Date.parse(at(0)) + 900).toISOString() })],
    calls: [{ by: POSTGRES_FUNCTION, at: at(0) }],
    gives: [],
  },
  {
    when: 'the heartbeat beats',
    calls: [{ by: PULSE, of: HEARTBEAT, at: at(40), errorCode: 'ResourceNotFoundException' }],
    gives: [],
  },
  {
    when: 'strangers read their own secrets',
    calls: [{ by: STRANGER, of: 'payroll/api', at: at(40) }],
    gives: [],
  },
  {
    when: 'somebody lists and describes',
    calls: [
      { by: STRANGER, call: 'ListSecrets', of: [], at: at(40) },
      { by: STRANGER, call: 'DescribeSecret', at: at(40) },
    ],
    gives: [],
  },
  {
    when: 'a batch by filter names nothing',
    calls: [{ by: STRANGER, call: 'BatchGetSecretValue', of: [], at: at(40) }],
    gives: [],
  },
  {
    when: 'a secret of that name is read in another account',
    calls: [
      {
        by: STRANGER,
        of: 'arn:aws:secretsmanager:eu-central-1:444455556666:secret:lockstep/production/vector-store-AbC123',
        at: at(40),
      },
    ],
    gives: [],
  },
  {
    when: 'one wrong policy refuses one reader all day',
    calls: Array.from({ length: 50 }, (_, n) => ({ by: RAG, at: at(30, n * 10), refused: true })),
    gives: [],
  },
  {
    when: 'a read was served before it was refused',
    calls: [
      { by: RAG, at: at(30) },
      { by: RAG, at: at(32), refused: true },
    ],
    gives: [],
  },
];
