import path from 'node:path';
import { byService, type ServiceName } from '@mysmtp/contracts';
import type { Servers } from '../servers/start.ts';
import type { FirstTenant } from './first-tenant.ts';
import { apiUrl, maildirOf, mxUrl, operationsUrl, type Plan } from './programs.ts';

/** stack.json: what scripts and tests need to know about a running stack. */
export interface StackDescription {
  readonly version: 1;
  readonly smtp: {
    readonly host: string;
    readonly starttlsPort: number;
    readonly tlsPort: number;
    /** `null` if the third listener is off. */
    readonly networkPort: number | null;
    readonly caFile: string;
  };
  readonly credential: {
    readonly username: string;
    readonly password: string;
    readonly from: string;
  };
  readonly tenant: { readonly id: string; readonly domain: string; readonly ownerToken: string };
  readonly operator: { readonly token: string };
  /** Base URLs. */
  readonly api: Readonly<Record<ServiceName, string>>;
  readonly operations: Readonly<Record<ServiceName, string>>;
  readonly mx: {
    readonly host: string;
    readonly smtpPort: number;
    readonly webUrl: string;
    readonly maildir: string;
  };
  /** `url` may read every database. `dataDir` is `null` if the server is external. */
  readonly mongodb: {
    readonly url: string;
    readonly dataDir: string | null;
    readonly product: string;
  };
  /** Both URLs may read everything. */
  readonly rabbitmq: {
    readonly url: string;
    readonly managementUrl: string;
    readonly dataDir: string | null;
    readonly product: string;
  };
  readonly logDir: string;
  readonly pids: Readonly<Record<string, readonly number[]>>;
}

/** The content of stack.json now. */
export function describeStack(
  plan: Plan,
  servers: Servers,
  first: FirstTenant,
  pids: StackDescription['pids'],
): StackDescription {
  const { ports, broker, databases } = plan;
  const { mongodb, rabbitmq } = servers;
  return {
    version: 1,
    smtp: {
      host: 'localhost',
      starttlsPort: ports.smtpStarttls,
      tlsPort: ports.smtpTls,
      networkPort: plan.networkListener ? ports.smtpNetwork : null,
      caFile: plan.certificates.caFile,
    },
    credential: { ...first.credential, from: `hello@${first.tenant.domain}` },
    tenant: first.tenant,
    operator: first.operator,
    api: byService((name) => apiUrl(plan, name)),
    operations: byService((name) => operationsUrl(plan, name)),
    mx: {
      host: '127.0.0.1',
      smtpPort: ports.mxSmtp,
      webUrl: mxUrl(plan),
      maildir: maildirOf(plan.dir),
    },
    mongodb: {
      url: databases.viewerUrl,
      dataDir: mongodb.plan.dataDir,
      product: mongodb.plan.product,
    },
    rabbitmq: {
      url: broker.viewerUrl,
      managementUrl: broker.viewerManagementUrl,
      dataDir: rabbitmq.plan.dataDir,
      product: rabbitmq.plan.product,
    },
    logDir: path.join(plan.dir, 'log'),
    pids,
  };
}
