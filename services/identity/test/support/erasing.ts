import { followErasures, type Erasures } from '@mysmtp/test-kit';
import { documentsOf, idsOf, register, type Customer } from './customers.ts';
import { openRooms, startIdentity, tester, type Identity } from './identity.ts';
import { receiveSecurityEvents } from './security-events.ts';
import { openWorld, type World } from './world.ts';

/** A running identity with customers, and privacy's commands to erase them. */
export interface Erasing extends AsyncDisposable {
  readonly world: World;
  readonly identity: Identity;
  readonly operator: string;
  readonly erasures: Erasures;
  register(): Promise<Customer>;
  documentsOf(tenant: string): ReturnType<typeof documentsOf>;
  idsOf(tenant: string): ReturnType<typeof idsOf>;
}

export async function openErasing(): Promise<Erasing> {
  await using opened = new AsyncDisposableStack();
  const world = opened.use(await openWorld());
  opened.use(await receiveSecurityEvents(world));
  const identity = opened.use(await startIdentity(world));
  const { broker, serviceKeys: keys, fences } = world;
  const erasures = opened.adopt(
    await followErasures({ broker, service: 'identity', keys, fences }),
    (open) => open.close(),
  );
  const operator = await operatorToken(world);
  const resources = opened.move();
  return {
    world,
    identity,
    operator,
    erasures,
    register: () => register(world, identity, operator),
    documentsOf: (tenant) => documentsOf(world, tenant),
    idsOf: (tenant) => idsOf(world, tenant),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

async function operatorToken(world: World): Promise<string> {
  await using rooms = await openRooms(world);
  return (await rooms.stores.tokens.create(tester, { role: 'operator', tenant: null })).token;
}
