/** On-demand prices in us-east-1, in dollars for one, as AWS's pages gave them in 2026. */
export const PRICES = {
  /** https://aws.amazon.com/secrets-manager/pricing/ */
  vaultCall: 0.05 / 10_000,
  /** https://aws.amazon.com/kms/pricing/ */
  keyCall: 0.03 / 10_000,
  /** https://aws.amazon.com/lambda/pricing/ */
  invocation: 0.2 / 1e6,
  gigabyteSecond: 0.0000133334,
  /** https://aws.amazon.com/dynamodb/pricing/on-demand/ */
  writeUnit: 0.625 / 1e6,
  readUnit: 0.125 / 1e6,
  /** https://aws.amazon.com/eventbridge/pricing/ */
  event: 1 / 1e6,
  schedule: 1 / 1e6,
  /** https://aws.amazon.com/sqs/pricing/: a message is sent, received and deleted. */
  queueCall: 0.4 / 1e6,
} as const;
