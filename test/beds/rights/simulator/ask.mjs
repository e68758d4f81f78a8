// Asks an independent simulator of IAM what comes of requests. It is licensed under the AGPL: it runs in this process,
// which is started for it, and no code of ours loads it.
//
//   node ask.mjs <folder where it is installed> < requests > answers
//
// Requests are an array of simulations as the simulator takes them, answers an array of its verdicts, or of why it
// gave none.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const require = createRequire(join(process.argv[2], 'package.json'));
const { runSimulation } = require('@cloud-copilot/iam-simulate');

const answers = [];
for (const simulation of JSON.parse(await text(process.stdin))) {
  try {
    const answer = await runSimulation(simulation, {});
    answers.push(
      answer.resultType === 'error'
        ? { error: answer.errors }
        : { verdict: answer.overallResult, ignored: answer.result?.ignoredContextKeys ?? [] },
    );
  } catch (error) {
    answers.push({ error: { message: String(error) } });
  }
}
process.stdout.write(JSON.stringify(answers));
