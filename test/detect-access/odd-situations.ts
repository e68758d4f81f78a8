import type { Call } from '../core/watch/a-record.ts';
import {
  AGENTS,
  aRotation,
  at,
  HEARTBEAT,
  OPENAI_FUNCTION,
  OWN,
  POSTGRES_FUNCTION,
  PULSE,
  RAG,
  ROOT,
  secret,
  STRANGER,
  WEBHOOK_FUNCTION,
} from '../core/watch/a-workspace.ts';
import { intent, type Situation } from './situation.ts';

/** Refused calls of one principal, the last one after `seconds`. */
const refusedSeries = (count: number, secrets: number, seconds: number): readonly Omit<Call, 'id'>[] =>
  Array.from({ length: count }, (_, n) => ({
    by: STRANGER,
    of: `payroll/key-${n % secrets}`,
    at: at(30, n === count - 1 ? seconds : n),
    refused: true,
  }));

/** Each of these is what a rule is for, or lies just beside it. */
export const ODD: readonly Situation[] = [
  {
    when: 'root reads a credential',
    calls: [{ by: ROOT, at: at(40) }],
    gives: ['root-read critical vector-store'],
  },
  {
    when: 'root reads anything else',
    calls: [{ by: ROOT, of: 'payroll/api', at: at(40) }],
    gives: ['root-read critical -'],
  },
  {
    when: 'root reads by filter',
    calls: [{ by: ROOT, call: 'BatchGetSecretValue', of: [], at: at(40) }],
    gives: ['root-read critical -'],
  },
  {
    when: 'root is refused',
    calls: [{ by: ROOT, at: at(40), refused: true }],
    gives: ['root-read critical vector-store'],
  },
  {
    when: 'a stranger is served',
    calls: [{ by: STRANGER, at: at(40) }],
    gives: ['unbound-read critical vector-store'],
  },
  {
    when: 'a stranger is refused',
    calls: [{ by: STRANGER, at: at(40), refused: true }],
    gives: ['unbound-read high vector-store'],
  },
  {
    when: 'a stranger is let through to a secret without a value',
    calls: [{ by: STRANGER, at: at(40), errorCode: 'ResourceNotFoundException' }],
    gives: ['unbound-read high vector-store'],
  },
  {
    when: 'a workload reads what another is bound to',
    calls: [{ by: AGENTS, at: at(40) }],
    gives: ['unbound-read critical vector-store'],
  },
  {
    when: 'a workload reads an authority',
    calls: [{ by: RAG, of: secret('rag-db-admin'), at: at(40) }],
    gives: ['unbound-read critical rag-db-admin'],
  },
  {
    when: 'a target function reads another family',
    rotations: [aRotation({ credential: 'openai-agents' })],
    calls: [{ by: POSTGRES_FUNCTION, of: secret('openai-agents'), at: at(0, 5) }],
    gives: ['unbound-read critical openai-agents'],
  },
  {
    when: 'a function of Lockstep reads what is not its own',
    calls: [
      { by: OWN('report'), at: at(40) },
      { by: WEBHOOK_FUNCTION, at: at(40) },
    ],
    gives: ['unbound-read critical vector-store', 'unbound-read critical vector-store'],
  },
  {
    when: 'a role of the same name in another account reads',
    calls: [{ by: RAG.replace('111122223333', '444455556666'), at: at(40) }],
    gives: ['unbound-read critical vector-store'],
  },
  {
    when: 'somebody touches the heartbeat',
    calls: [{ by: STRANGER, of: HEARTBEAT, at: at(40), errorCode: 'ResourceNotFoundException' }],
    gives: ['unbound-read high -'],
  },
  {
    when: 'the pulse reads a credential',
    calls: [{ by: PULSE, at: at(40) }],
    gives: ['unbound-read critical vector-store'],
  },
  {
    when: 'a batch by list names two credentials',
    calls: [
      {
        by: STRANGER,
        call: 'BatchGetSecretValue',
        of: [secret('vector-store'), secret('queue'), 'payroll/api'],
        at: at(40),
      },
    ],
    gives: ['unbound-read critical queue', 'unbound-read critical vector-store'],
  },
  {
    when: 'a batch by filter has children',
    calls: [
      { by: STRANGER, call: 'BatchGetSecretValue', of: [], at: at(40) },
      { by: STRANGER, at: at(40) },
      { by: STRANGER, of: secret('queue'), at: at(40), refused: true },
    ],
    gives: ['unbound-read critical vector-store', 'unbound-read high queue'],
  },
  {
    when: 'five refusals over three secrets come in ten minutes',
    calls: refusedSeries(5, 3, 599),
    gives: ['denied-burst medium -'],
  },
  { when: 'the fifth refusal comes a second too late', calls: refusedSeries(5, 3, 600), gives: [] },
  { when: 'four refusals come', calls: refusedSeries(4, 3, 10), gives: [] },
  { when: 'five refusals over two secrets come', calls: refusedSeries(5, 2, 10), gives: [] },
  {
    when: 'one secret is refused in three forms, five times',
    calls: [
      'payroll/api',
      'arn:aws:secretsmanager:eu-central-1:111122223333:secret:payroll/api',
      'arn:aws:secretsmanager:eu-central-1:111122223333:secret:payroll/api-AbC123',
      'payroll/api',
      'payroll/api',
    ].map((of, n) => ({ by: STRANGER, of, at: at(30, n), refused: true })),
    gives: [],
  },
  {
    when: 'a reader is served after a refusal',
    calls: [
      { by: RAG, at: at(30), refused: true },
      { by: RAG, at: at(90) },
    ],
    gives: ['denied-burst high vector-store'],
  },
  {
    when: 'a reader is served the next day',
    calls: [
      { by: RAG, at: at(30), refused: true },
      { by: RAG, at: at(30 + 24 * 60) },
    ],
    gives: ['denied-burst high vector-store'],
  },
  {
    when: 'a stranger is refused and then served',
    calls: [
      { by: STRANGER, at: at(30), refused: true },
      { by: STRANGER, at: at(31) },
    ],
    gives: [
      'denied-burst high vector-store',
      'unbound-read critical vector-store',
      'unbound-read high vector-store',
    ],
  },
  {
    when: 'the predecessor is read after the drain',
    rotations: [aRotation()],
    calls: [{ by: RAG, version: 'version-1', at: at(16) }],
    gives: ['retired-version-read medium vector-store'],
  },
  {
    when: 'AWSPREVIOUS is read after the drain',
    rotations: [aRotation()],
    calls: [{ by: RAG, stage: 'AWSPREVIOUS', at: at(16) }],
    gives: ['retired-version-read medium vector-store'],
  },
  {
    when: 'the propagator signs with the old key after `disabled`',
    rotations: [aRotation({ credential: 'hook-key', strategy: 'dual-value' })],
    calls: [{ by: WEBHOOK_FUNCTION, of: secret('hook-key'), version: 'version-1', at: at(17) }],
    gives: ['retired-version-read medium hook-key'],
  },
  {
    when: 'a retired version is refused to a reader',
    rotations: [aRotation()],
    calls: [{ by: RAG, version: 'version-1', at: at(16), refused: true }],
    gives: [],
  },
  {
    when: 'a target function reads without a rotation',
    rotations: [aRotation()],
    calls: [{ by: POSTGRES_FUNCTION, at: at(40) }],
    gives: ['rotation-role-without-intent high vector-store'],
  },
  {
    when: 'a target function reads before the rotation was asked for',
    rotations: [aRotation({ requestedAt: at(10) })],
    calls: [{ by: POSTGRES_FUNCTION, at: at(9) }],
    gives: ['rotation-role-without-intent high vector-store'],
  },
  {
    when: 'a target function reads after its intent has closed',
    intents: [['vector-store', intent(40, 41)]],
    calls: [{ by: POSTGRES_FUNCTION, at: at(41, 6) }],
    gives: ['rotation-role-without-intent high vector-store'],
  },
  {
    when: 'a target function reads an authority while nothing happens',
    rotations: [aRotation()],
    calls: [{ by: POSTGRES_FUNCTION, of: secret('rag-db-admin'), at: at(40) }],
    gives: ['rotation-role-without-intent high rag-db-admin'],
  },
  {
    when: "a target function reads a child while only its authority's rotation runs",
    rotations: [aRotation({ credential: 'rag-db-admin' })],
    calls: [{ by: POSTGRES_FUNCTION, at: at(1) }],
    gives: ['rotation-role-without-intent high vector-store'],
  },
  {
    when: 'a target function reads the retired version without an intent',
    rotations: [aRotation()],
    calls: [{ by: POSTGRES_FUNCTION, version: 'version-1', at: at(40) }],
    gives: ['rotation-role-without-intent high vector-store'],
  },
  {
    when: 'another target function asks for its own credential',
    intents: [['vector-store', intent(40, 41)]],
    calls: [{ by: OPENAI_FUNCTION, of: secret('openai-agents'), at: at(40) }],
    gives: ['rotation-role-without-intent high openai-agents'],
  },
];
