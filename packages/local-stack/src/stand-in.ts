import { createSteps } from '@mysmtp/tooling';
import { explain } from './explain.ts';
import { buildStandIn } from './servers/mongodb/stand-in-build.ts';
import { findBuiltStandIn } from './servers/mongodb/stand-in-built.ts';

/** `npm run stand-in`: builds the faster stand-in for MongoDB, which later starts then use. */
async function main(): Promise<number> {
  const { say, step } = createSteps(process.stderr);
  const present = await findBuiltStandIn();
  if (present !== undefined) {
    say(`It exists already: ${present}`);
    return 0;
  }
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  try {
    const built = await buildStandIn({ progress: say, step, signal: stopping.signal });
    if ('reason' in built) {
      say(`The stand-in could not be built: ${built.reason}`);
      return 1;
    }
    say(
      `Built ${built.command}. A folder with data of another server keeps that one; --fresh starts with empty data.`,
    );
    return 0;
  } catch (error) {
    say(stopping.signal.aborted ? 'Cancelled; the next build continues from here' : explain(error));
    return 1;
  }
}

process.exitCode = await main();
