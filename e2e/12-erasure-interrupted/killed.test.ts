import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { serviceNames, type ServiceName } from '@mysmtp/contracts';
import { afterAll, beforeAll, test } from 'vitest';
import { newCustomer } from '../kit/customers.ts';
import { askErasure, erasureReaches, expectEveryStoreOnce } from '../kit/erasures.ts';
import { viewLedger, type LedgerView } from '../kit/ledger.ts';
import { scenarioStack, shortTimes } from '../kit/stack.ts';

const { current, description } = scenarioStack(() => ({ env: shortTimes() }));
let ledger: LedgerView;
beforeAll(async () => {
  ledger = await viewLedger(description());
});
afterAll(() => ledger[Symbol.asyncDispose]());

const steps = [
  'planting',
  'fencing',
  'purging',
  'sweeping',
  'shredding',
  'sweeping_again',
] as const;
type Step = (typeof steps)[number];

/**
 * Each service at a step with work of its own, and privacy at the steps that write keys and receipts. In turns,
 * because a service that is killed again within seconds is started again after a longer pause.
 */
const usual: [ServiceName, Step][] = [
  ['ingress', 'planting'],
  ['privacy', 'fencing'],
  ['identity', 'planting'],
  ['privacy', 'purging'],
  ['delivery', 'fencing'],
  ['privacy', 'shredding'],
  ['logging', 'purging'],
];
const all = serviceNames.flatMap((service) =>
  steps.map((step): [ServiceName, Step] => [service, step]),
);

/** The same for one person of a customer. */
const stepsOfPerson = ['planting', 'fencing', 'purging', 'sweeping', 'lifting'] as const;
type StepOfPerson = (typeof stepsOfPerson)[number];
const usualOfPerson: [ServiceName, StepOfPerson][] = [
  ['delivery', 'purging'],
  ['privacy', 'purging'],
];
const allOfPerson = serviceNames.flatMap((service) =>
  stepsOfPerson.map((step): [ServiceName, StepOfPerson] => [service, step]),
);

/** Some steps take milliseconds: if the kill comes too late, the test tries again with another customer. */
const tries = 8;

test.each(process.env['MYSMTP_ALL'] === undefined ? usual : all)(
  '%s is killed while %s: the erasure still completes',
  async (service, step) => {
    for (let left = tries; left > 0; left -= 1) {
      if (await killWithin(service, step)) return;
    }
    throw new Error(`${step} was over before ${service} could be killed, ${String(tries)} times`);
  },
  300_000,
);

test.each(process.env['MYSMTP_ALL'] === undefined ? usualOfPerson : allOfPerson)(
  '%s is killed while %s, and a person is erased: the erasure still completes',
  async (service, step) => {
    for (let left = tries; left > 0; left -= 1) {
      if (await killWithin(service, step, `someone@${randomUUID()}.example`)) return;
    }
    throw new Error(`${step} was over before ${service} could be killed, ${String(tries)} times`);
  },
  300_000,
);

/**
 * Erases a customer, or a person, kills the service in this step, waits for the erasure to complete; false if the step was
 * already over.
 */
async function killWithin(
  service: ServiceName,
  step: Step | StepOfPerson,
  person?: string,
): Promise<boolean> {
  const domain = `${randomUUID()}.example`;
  const customer = await newCustomer(description(), {
    name: 'Somebody',
    domain,
    owner: `o@${domain}`,
  });
  const asked = await askErasure(description(), customer.id, person);
  const id = asked.url.split('/').at(-1) ?? '';
  const victim = current().process(service);
  for (let now = await ledger.stepOf(id); now !== step; now = await ledger.stepOf(id)) {
    if (now === 'completed_live') return false;
    await sleep(1);
  }
  victim.kill('SIGKILL');
  const hit = (await ledger.stepOf(id)) === step;
  const erasure = await erasureReaches(description(), asked, 'completed_live');
  expectEveryStoreOnce(erasure, person === undefined ? 'tenant' : 'person');
  await victim.ready();
  return hit;
}
