import { LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import { lambdaTargets } from '../../../lambdas/adapters/lambda-targets/lambda-targets.ts';
import { TARGET_TIMEOUT_SECONDS } from '../../../lambdas/contracts/function-timeouts.ts';
import { invokeSettings } from '../../../lambdas/shell/client-settings.ts';
import { codeOf } from '../../ports/under-test.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { clientAt } from '../ports/bed-client.ts';
import { jsonAnswer, type Interceptor } from '../proxy/bed-proxy.ts';
import { FAULTS, isSilent, startFaultyBed, type Fault } from './faulty-bed.ts';
import { impatient } from './impatient.ts';

/** A target function that is asked whether a version works, in front of a Lambda that fails as planned. */
async function aTarget(fault: Fault) {
  let ran = 0;
  const lambda: Interceptor = async () => {
    ran += 1;
    return jsonAnswer(200, { works: true });
  };
  const bed = await startFaultyBed(bedAddresses().ministack, [lambda]);
  const settings = { ...clientAt(bed.url), ...invokeSettings(isSilent(fault) ? 1 : TARGET_TIMEOUT_SECONDS) };
  const client = new LambdaClient(isSilent(fault) ? impatient(settings) : settings);
  const targets = lambdaTargets({ client, functionOf: (family) => `target-${family}` });
  const close = async (): Promise<void> => {
    client.destroy();
    await bed.close();
  };
  return {
    bed,
    ran: () => ran,
    prove: () => targets.call('db', { do: 'prove', credential: 'store' }),
    close,
  };
}

describe.concurrent('a target function', () => {
  it.each(FAULTS)('that is %s is invoked once, and what became of it is not known', async (fault) => {
    const { bed, ran, prove, close } = await aTarget(fault);
    try {
      bed.plan('Invoke', fault, Number.POSITIVE_INFINITY);
      expect(await codeOf(prove())).toBe('TARGET_UNREACHABLE');
      expect(bed.calls('Invoke')).toHaveLength(1);
      expect(ran()).toBe(fault.endsWith('after') ? 1 : 0);
      bed.mend();
      expect(await prove()).toEqual({ works: true });
    } finally {
      await close();
    }
  });
});
