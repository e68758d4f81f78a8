import { describe } from 'vitest';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { BED_REGION } from '../launch/ministack.ts';
import { uniqueName } from '../ports/bed-client.ts';
import { itDeviates } from './it-deviates.ts';
import { deviation } from './table.ts';

const { ministack } = bedAddresses();

/** What CloudFormation says to a stack of one resource. There is no client of it here: the toolkit deploys. */
async function saidTo(type: string): Promise<string> {
  const scope = `test/20260101/${BED_REGION}/cloudformation/aws4_request`;
  const template = { Resources: { Probe: { Type: type, Properties: {} } } };
  const answer = await fetch(ministack, {
    method: 'POST',
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0` },
    body: new URLSearchParams({
      Version: '2010-05-15',
      Action: 'CreateStack',
      StackName: uniqueName('probe'),
      TemplateBody: JSON.stringify(template),
    }),
  });
  const text = await answer.text();
  return /<Message>Template format error: ([^:]+)/.exec(text)?.[1] ?? 'taken';
}

describe('types of resources', () => {
  const answers = { bed: 'Unrecognized resource types', aws: 'taken' };
  itDeviates(deviation('ministack-deploys-no-secret-policies'), answers, () =>
    saidTo('AWS::SecretsManager::ResourcePolicy'),
  );
  itDeviates(deviation('ministack-deploys-no-trails'), answers, () => saidTo('AWS::CloudTrail::Trail'));
});
