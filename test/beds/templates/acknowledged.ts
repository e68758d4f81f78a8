import type { Finding } from './finding.ts';

/** A warning that stands, and why. Errors cannot be acknowledged. */
export interface Acknowledgement {
  readonly ruleSet: Finding['ruleSet'];
  readonly rule: string;
  /** The type of resource that it is about. */
  readonly type: string;
  /** Beginnings of the logical ids that it is about. Absent: all of the type. */
  readonly resources?: readonly string[];
  readonly because: string;
}

const HEADS = {
  type: 'AWS::S3::Bucket',
  resources: ['HeadsBucket'],
} as const;
const TRAIL_FILES = { type: 'AWS::S3::Bucket', resources: ['TrailBucket'] } as const;
const guard = (acknowledgement: Omit<Acknowledgement, 'ruleSet'>): Acknowledgement => ({
  ruleSet: 'cfn-guard',
  ...acknowledgement,
});

const HEADS_STAY =
  'heads are never removed: each covers all before it, and whoever verifies needs every one; a lock keeps them for 90 days whatever else is written here';

/** Every warning of the rules of Control Tower (cfn-guard) and of cfn-lint on our templates. */
export const ACKNOWLEDGED: readonly Acknowledgement[] = [
  guard({
    rule: 'CT.CLOUDWATCH.PR.2',
    type: 'AWS::Logs::LogGroup',
    because:
      'a log holds ids and codes, for looking into a failure; it is forgotten after 90 days on purpose, and what must be kept is in the audit',
  }),
  guard({
    rule: 'CT.CLOUDWATCH.PR.3',
    type: 'AWS::Logs::LogGroup',
    because:
      'a log holds ids and codes and never a value, which a canary proves; CloudWatch encrypts it with a key of its own, and one of ours would be one more thing without which nobody can look into a failure',
  }),
  guard({
    rule: 'CT.LAMBDA.PR.3',
    type: 'AWS::Lambda::Function',
    because:
      'networks are not supported yet, and are refused by name where an inventory asks for one (docs/decisions/0018); a function has no address, and is reached through IAM alone',
  }),
  guard({
    rule: 'CT.LAMBDA.PR.5',
    type: 'AWS::Lambda::Url',
    resources: ['GrantLeaseBrokerFunctionAliastokens'],
    because:
      'IAM cannot verify tokens of other issuers: the function does, before anything else. There is this URL only where an issuer is declared for callers, and what it opens is said in docs/decisions/0045',
  }),
  guard({
    rule: 'CT.LAMBDA.PR.2',
    type: 'AWS::Lambda::Permission',
    resources: ['GrantLeaseBrokerFunctionAliastokens'],
    because:
      'the URL for tokens is for everybody, as its purpose is; both permissions hold for calls through it alone, so nobody may invoke the alias itself (test/template/access.test.ts)',
  }),
  guard({
    rule: 'CT.KMS.PR.3',
    type: 'AWS::KMS::Key',
    because:
      'the rule looks for a statement that denies grants; in these policies no statement gives anybody the right to make one, but the keys of tables to DynamoDB, for itself (suite `encryption`)',
  }),
  guard({ rule: 'CT.S3.PR.3', ...HEADS, because: HEADS_STAY }),
  guard({ rule: 'CT.S3.PR.6', ...HEADS, because: HEADS_STAY }),
  guard({
    rule: 'CT.S3.PR.2',
    ...HEADS,
    because:
      'objects cannot be changed or removed, each is signed, and one is added a minute: a log of access would tell nothing more',
  }),
  guard({
    rule: 'CT.S3.PR.4',
    ...HEADS,
    because: 'nobody waits for a head: `seal-audit`, which alone adds one, has just written it',
  }),
  guard({
    rule: 'CT.S3.PR.2',
    ...TRAIL_FILES,
    because:
      'CloudTrail alone writes it, its digests show a file that was changed, and its files are gone after 90 days',
  }),
  guard({
    rule: 'CT.S3.PR.4',
    ...TRAIL_FILES,
    because: 'what is in the files has come through EventBridge minutes before; nobody reads them from here',
  }),
  guard({
    rule: 'CT.S3.PR.9',
    ...TRAIL_FILES,
    because: 'its files are to be gone after 90 days, and their digests show a change without a lock',
  }),
  guard({
    rule: 'CT.S3.PR.11',
    ...TRAIL_FILES,
    because: 'CloudTrail writes each file once; a version would keep what is to be forgotten after 90 days',
  }),
  guard({
    rule: 'CT.CLOUDTRAIL.PR.3',
    type: 'AWS::CloudTrail::Trail',
    because:
      'the watch reads events from EventBridge; a log group would keep every call of the account a second time, at a price for each gigabyte',
  }),
  guard({
    rule: 'CT.SQS.PR.1',
    type: 'AWS::SQS::Queue',
    resources: [
      'OutboxGivenUp',
      'TimersDeadLetters',
      'CadenceGroupDeadLetters',
      'GrantLeaseExpiriesDeadLetters',
      'OnCallUndelivered',
    ],
    because:
      'each is where a service puts what it could not deliver, and takes dead letters of no queue, which the rule does not think of; a queue behind it would only hide it further',
  }),
  guard({
    rule: 'CT.SQS.PR.2',
    type: 'AWS::SQS::Queue',
    because:
      'the rule does not know Fn::GetStackOutput, by which a queue of a later stack names the key; that every queue is encrypted with a key of ours is tested on the resolved templates (suite `encryption`)',
  }),
  {
    ruleSet: 'cfn-lint',
    rule: 'W3005',
    type: 'AWS::Lambda::Function',
    because:
      'the toolkit writes the dependency of every function on its role beside the reference that already is one; it changes nothing',
  },
];

/** Whether a warning stands. What is not told to be about a resource of a type is about all templates with one. */
export const covers = (
  { ruleSet, rule, type, resources = [''] }: Acknowledgement,
  finding: Finding,
): boolean =>
  finding.level === 'warning' &&
  ruleSet === finding.ruleSet &&
  rule === finding.rule &&
  (finding.type === undefined || type === finding.type) &&
  (finding.resource === undefined || resources.some((each) => finding.resource?.startsWith(each)));
