import { embeddedRotatingWorld, memoryRotatingWorld } from './rotating-world.ts';
import { describeRotationStartContract } from './rotation-start-contract.ts';
import { describeVaultContract } from './vault-contract.ts';

describeVaultContract('the memory vault', memoryRotatingWorld);
describeVaultContract('the embedded vault', embeddedRotatingWorld);
describeRotationStartContract('the memory vault under the StepDriver', memoryRotatingWorld);
describeRotationStartContract('the embedded vault under the StepDriver', embeddedRotatingWorld);
