import { inspect } from 'node:util';
import { InputError, readKeys } from '@mysmtp/certificate';
import { collect, commandLine, runProgram } from '@mysmtp/command-line';
import { readEntries, readHeads } from './inputs.ts';
import { createChainVerifier, type ChainFault } from './verify.ts';

const exitCodes = { unchanged: 0, changed: 1, notChecked: 2 } as const;

const reasons: Readonly<Record<ChainFault, string>> = {
  front: 'is the first one, so the entries before it are missing',
  gap: 'does not have the next number: entries are missing or in another order',
  link: 'does not follow the entry before it',
  time: 'is older than the entry before it',
  key: 'is not under the key of its month',
  mac: 'was not made by logging',
  commitment: 'has a content that was changed',
  unexplained_deletion: 'has lost its content, and no erasure or expiry explains it',
  head: 'is not the one that was signed as the end of the chain',
  tail: 'was signed as the end of the chain and is missing',
};

/** Faults in the output. One change may cause many. */
const shown = 20;

interface Options {
  readonly file: string;
  readonly heads: string | undefined;
  readonly keys: readonly string[];
}

// A wrong command line ends with 2 as well.
process.exitCode = await runProgram(parseOptions, main);

function parseOptions(argv: readonly string[]): Options {
  const command = commandLine('npm run --silent verify-audit --')
    .usage('FILE [options]')
    .argument('[FILE...]', 'the whole chain: answers of GET /v1/audit/entries, one on each line')
    .option('--heads <FILE>', 'what GET /v1/audit/heads of privacy answers')
    .option(
      '--keys <FILE-or-URL>',
      'the public keys of the services (JWK Set), which sign the heads; may be repeated. Without it, those of the stack that runs in this folder',
      collect,
    )
    .addHelpText(
      'after',
      '\nExit code: 0 nothing was changed, 1 something was, 2 it could not be checked.',
    )
    .parse(argv, { from: 'user' });
  const { heads, keys = [] } = command.opts();
  const [file, ...more] = command.args;
  if (file === undefined) return command.error('Which file?');
  if (more.length > 0) return command.error(`One file at a time: ${more.join(' ')}`);
  return { file, heads, keys };
}

async function main(options: Options): Promise<number> {
  try {
    return await check(options);
  } catch (error) {
    process.stderr.write(
      error instanceof InputError ? `${error.message}\n` : `${inspect(error)}\n`,
    );
    return exitCodes.notChecked;
  }
}

async function check({ file, heads: headsFile, keys }: Options): Promise<number> {
  const known =
    headsFile === undefined
      ? { heads: [], reasons: [] }
      : await readHeads(headsFile, (await readKeys(keys)).set);
  const verifier = createChainVerifier({ heads: known.heads });
  const counts = { shown: 0, hidden: 0, deleted: 0 };
  for await (const [entry, content] of readEntries(file)) {
    verifier.add(entry, content);
    counts[content.state] += 1;
  }
  const findings = verifier.finish();
  const faults = [
    ...known.reasons,
    ...findings.map(({ fault, seq }) => `Entry ${String(seq)} ${reasons[fault]}`),
  ];
  const entries = counts.shown + counts.hidden + counts.deleted;
  print(
    faults.length === 0
      ? 'NOTHING WAS CHANGED in this chain.'
      : 'THE CHAIN WAS CHANGED. Do not rely on it.',
    ...faults.slice(0, shown).map((fault) => `  ✗ ${fault}`),
    ...(faults.length > shown ? [`  … and ${String(faults.length - shown)} more`] : []),
    '',
    `Entries        ${String(entries)}, up to number ${String(verifier.end().seq)}`,
    `Content        ${String(counts.shown)} shown, ${String(counts.hidden)} of others, ${String(counts.deleted)} deleted`,
    headsFile === undefined
      ? 'Heads          none given: entries that are missing at the end would not be noticed'
      : `Heads          ${String(known.heads.length)} signed by logging`,
  );
  return faults.length === 0 ? exitCodes.unchanged : exitCodes.changed;
}

function print(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
