import { byService, serviceNames, type ServiceName } from '@mysmtp/contracts';
import { MongoServerError, type Db, type Document } from 'mongodb';
import { withClient } from '../servers/mongodb/client.ts';
import type { ServerPlan } from '../servers/way.ts';
import type { Passwords } from './passwords.ts';

export interface DatabaseAccess {
  /** Each service's own database with a user that has no rights on the others. */
  readonly urls: Readonly<Record<ServiceName, string>>;
  /** The same databases for the verifier of erasures, with only read rights. */
  readonly verifierUrls: Readonly<Record<ServiceName, string>>;
  /** For scripts and tests: may read every database. */
  readonly viewerUrl: string;
}

/** The stack's databases `STACK_SERVICE` and their users. Idempotent; `fresh` empties them first. */
export async function provisionMongoDb(
  plan: ServerPlan,
  stack: string,
  passwords: Passwords,
  fresh: boolean,
): Promise<DatabaseAccess> {
  const prefix = stack.replaceAll('-', '_');
  const viewer = `${prefix}_viewer`;
  const verifier = `${prefix}_verifier`;
  const databaseOf = (service: ServiceName) => `${prefix}_${service}`;
  await withClient(plan.adminUrl, async (client) => {
    for (const service of serviceNames) {
      const name = databaseOf(service);
      const database = client.db(name);
      if (fresh) await database.dropDatabase();
      await putRole(database, name);
      await putUser(database, name, passwords[service], [
        { role: 'readWrite', db: name },
        { role: checkingRole, db: name },
      ]);
    }
    await putUser(client.db('admin'), viewer, passwords.viewer, [
      { role: 'readAnyDatabase', db: 'admin' },
      { role: 'clusterMonitor', db: 'admin' },
    ]);
    await putUser(
      client.db('admin'),
      verifier,
      passwords.verifier,
      serviceNames.map((service) => ({ role: 'read', db: databaseOf(service) })),
    );
  });
  const urlFor = (user: string, password: string, database: string, authSource: string) => {
    const url = new URL(plan.adminUrl);
    url.username = user;
    url.password = password;
    url.pathname = `/${database}`;
    url.searchParams.set('authSource', authSource);
    return url.href;
  };
  return {
    urls: byService((service) => {
      const name = databaseOf(service);
      return urlFor(name, passwords[service], name, name);
    }),
    verifierUrls: byService((service) =>
      urlFor(verifier, passwords.verifier, databaseOf(service), 'admin'),
    ),
    viewerUrl: urlFor(viewer, passwords.viewer, '', 'admin'),
  };
}

/**
 * For the validation of writes by the server (`openCollection` of packages/service). `readWrite` is not
 * enough for that, and `dbAdmin` would also allow to bypass the validation.
 */
const checkingRole = 'schemas';

async function putRole(database: Db, name: string): Promise<void> {
  const privileges = [{ resource: { db: name, collection: '' }, actions: ['collMod'] }];
  try {
    await database.command({ createRole: checkingRole, privileges, roles: [] });
  } catch (error) {
    const exists = error instanceof MongoServerError && error.code === 51_002;
    if (!exists) throw error;
  }
}

async function putUser(
  database: Db,
  name: string,
  password: string,
  roles: Document[],
): Promise<void> {
  try {
    await database.command({ createUser: name, pwd: password, roles });
  } catch (error) {
    const exists = error instanceof MongoServerError && error.code === 51_003;
    if (!exists) throw error;
    await database.command({ updateUser: name, pwd: password, roles });
  }
}
