import { internalApis, operatorRealm, type SubmittedNotice } from '@mysmtp/contracts';
import type { ServiceClient } from '@mysmtp/http';
import { readOperatorFacts } from '../src/documents/operator.ts';
import { openLedger } from '../src/erasures/ledger.ts';
import { openHolds } from '../src/holds/register.ts';
import { requestAdvance } from '../src/jobs/advance-requests.ts';
import { openMails } from '../src/mails/outbox.ts';
import type { AdvanceDeps } from '../src/requests/advance.ts';
import { openRequests } from '../src/requests/ledger.ts';
import type { PersonRequest, RightProgress } from '../src/rights/right.ts';
import { activateTenant } from '../src/tenants/activate.ts';
import { createSealing } from '../src/tenants/sealing.ts';
import { openBench } from './keyring-deps.ts';
import { exampleOperator } from './running-service.ts';

export const address = 'Jane@example.net';

export const progress = (
  state: RightProgress['state'],
  more: Partial<RightProgress> = {},
): RightProgress => ({ state, waitingFor: [], receipts: [], ...more });

/** The ledger of requests over a real database. The test says what rights, identity and ingress answer. */
export async function openRequestBench() {
  const bench = await openBench();
  const keyring = bench.process();
  const clock = { now: () => bench.now };
  const sealing = createSealing(keyring);
  const activate = (tenant: string) => activateTenant(tenant, keyring);
  for (const tenant of ['t1', 't2', operatorRealm]) await activate(tenant);
  const access = {
    run: (tenant: string, _purpose: string, work: (scope: { tenant: string }) => unknown) =>
      work({ tenant }),
  } as never;
  const requests = await openRequests(bench.connection, { sealing, access, activate, clock });
  const erasures = await openLedger(bench.connection);
  const holds = await openHolds(bench.connection, { sealing, access, clock });
  /** What rights were asked, and what they answer; the last answer stays. */
  const asked: PersonRequest[] = [];
  const answers: (RightProgress | Error)[] = [progress('completed_live', { certificate: 'a.b.c' })];
  /** What identity says of each account. */
  const account: { address: string; undoneAt?: number } = { address };
  const [closed, told]: [object[], object[]] = [[], []];
  /** What ingress has got, and what it answers. */
  const sent: SubmittedNotice[] = [];
  const ingress: { result: 'accepted' | 'refused' | Error } = { result: 'accepted' };
  const mails = await openMails(bench.connection, {
    sealing,
    activate,
    ingress: {
      async call(_api: unknown, mail: SubmittedNotice) {
        if (ingress.result instanceof Error) throw ingress.result;
        sent.push(mail);
        return { result: ingress.result };
      },
    } as unknown as ServiceClient,
    from: 'privacy@relay.example.org',
    clock,
    log: keyring.log,
  });
  const right = async (request: PersonRequest): Promise<RightProgress> => {
    asked.push(request);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error || answer === undefined) throw answer ?? new Error('None');
    return answer;
  };
  const deps: AdvanceDeps = {
    requests,
    holds,
    rights: {
      access: right,
      portability: right,
      rectification: right,
      erasure: right,
      restriction: right,
      objection: right,
    },
    policies: { of: async () => ({ mode: 'act_at_once', days: 7, disclosedAs: null }) },
    exports: { until: async () => undefined },
    mails,
    sealing,
    identity: {
      call: async (api: unknown, body: object) => {
        if (api === internalApis.findAccount) return account;
        ('request' in body ? told : closed).push(body);
        return { result: 'closed' };
      },
    } as unknown as ServiceClient,
    holders: async (_request, tenants) => ({ holders: tenants, waitingFor: [] }),
    activeTenants: async () => ['t1', 't2'],
    facts: await readOperatorFacts(exampleOperator),
    clock,
    log: keyring.log,
  };
  const job = requestAdvance(deps);

  return {
    bench,
    deps,
    requests,
    erasures,
    holds,
    exports: { until: async () => undefined },
    mails,
    asked,
    answers,
    closed,
    account,
    told,
    sent,
    ingress,
    job,
    /** Sets what rights answer, in this order. */
    answer: (...next: (RightProgress | Error)[]) => void answers.splice(0, answers.length, ...next),
    async add(more: object = {}) {
      const [made] = await requests.add({
        kind: 'erasure',
        channel: 'api',
        tenant: 't1',
        addresses: [address],
        by: 'token:k1',
        content: {},
        receivedAt: new Date(bench.now),
        ...more,
      });
      return made ?? { id: '', nonce: '' };
    },
    async turns(count = 1): Promise<void> {
      for (let turn = 0; turn < count; turn += 1) {
        bench.now += 61_000;
        await job();
      }
    },
    async look(id: string) {
      const found = await requests.find({ _id: id });
      if (found === null) throw new Error('There is no such request');
      return found;
    },
  };
}
export type RequestBench = Awaited<ReturnType<typeof openRequestBench>>;
