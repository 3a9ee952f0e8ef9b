import { internalApis, minute, type Use } from '@mysmtp/contracts';
import { CallError, type TokenLookup } from '@mysmtp/http';
import { tokenLookup, type Projection } from '@mysmtp/projection';
import { startJob, type ServiceContext } from '@mysmtp/service';
import type { Connections } from './connections.ts';

/** When API keys and SMTP credentials were last used here. */
export interface UseReports {
  note(kind: Use['kind'], id: string): void;
}

/** Gathers uses in memory and sends them about once a minute, the newest of each. A lost batch is harmless. */
export function openUseReports(
  context: ServiceContext<unknown>,
  send: (uses: Use[]) => Promise<unknown>,
): UseReports {
  const { clock, log } = context;
  let gathered = new Map<string, Use>();

  async function report(): Promise<void> {
    const uses = [...gathered.values()];
    gathered = new Map();
    for (let at = 0; at < uses.length; at += batchSize) {
      try {
        await send(uses.slice(at, at + batchSize));
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        log.warn('uses.not_reported', { error, count: uses.length - at });
        return;
      }
    }
  }

  context.manage(startJob('report-uses', minute, report, context), async (job) => {
    await job.stop();
    await report();
  });
  return {
    note(kind, id) {
      gathered.set(`${kind}:${id}`, { kind, id, at: clock.now() });
    },
  };
}

const batchSize = 10_000;

/** The same lookup, which notes the use of each API key. */
export const notingUse =
  (tokens: TokenLookup, uses: UseReports): TokenLookup =>
  async (hash, presented) => {
    const principal = await tokens(hash, presented);
    if (principal?.kind === 'token') uses.note('token', principal.id);
    return principal;
  };

/** The bearer tokens of a service with a projection of identity, and the report of their use. */
export function openBearerTokens(
  context: ServiceContext<{ readonly identityUrl: string }>,
  { client }: Pick<Connections, 'client'>,
  {
    projection,
    isFenced,
  }: { readonly projection: Projection; readonly isFenced: (tenant: string) => boolean },
): { readonly tokens: TokenLookup; readonly uses: UseReports } {
  const identity = client('identity', context.config.identityUrl);
  const tokens = tokenLookup({ projection, isFenced, identity, clock: context.clock });
  const uses = openUseReports(context, (batch) =>
    identity.call(internalApis.reportUse, { uses: batch }),
  );
  return { tokens: notingUse(tokens, uses), uses };
}
