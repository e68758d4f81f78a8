import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  UpdateSecretVersionStageCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';

/**
 * Takes AWSCURRENT off versions without a value. AWS makes no version where a secret is created without one; the bed
 * makes an empty one, and calls it current.
 */
export async function forgetFirstVersions(secrets: SecretsManagerClient): Promise<void> {
  const { SecretList = [] } = await secrets.send(new ListSecretsCommand({ MaxResults: 100 }));
  for (const { ARN: SecretId } of SecretList) {
    const { VersionIdsToStages = {} } = await secrets.send(new DescribeSecretCommand({ SecretId }));
    for (const [VersionId, labels] of Object.entries(VersionIdsToStages)) {
      const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId, VersionId }));
      if (SecretString !== undefined && SecretString !== '') continue;
      for (const VersionStage of labels)
        await secrets.send(
          new UpdateSecretVersionStageCommand({ SecretId, VersionStage, RemoveFromVersionId: VersionId }),
        );
    }
  }
}
