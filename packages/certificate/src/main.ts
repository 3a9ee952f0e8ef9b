import { inspect } from 'node:util';
import { runProgram } from '@mysmtp/command-line';
import { explain } from './explain.ts';
import { InputError, readCertificate, readKeys, readRegistry } from './inputs.ts';
import { parseOptions, type Options } from './options.ts';
import { verify } from './verify.ts';

const exitCodes = { holds: 0, doesNotHold: 1, notChecked: 2 } as const;

// A wrong command line ends with 2 as well.
process.exitCode = await runProgram(parseOptions, main);

async function main(options: Options): Promise<number> {
  try {
    return await check(options);
  } catch (error) {
    if (error instanceof InputError) process.stderr.write(`${error.message}\n`);
    // Node's own exit code for a crash means here that the certificate does not hold.
    else process.stderr.write(`${inspect(error)}\n`);
    return exitCodes.notChecked;
  }
}

async function check({ file, keys: named, opening }: Options): Promise<number> {
  const jws = await readCertificate(file);
  const keys = await readKeys(named);
  const verification = await verify(jws, keys.set, readRegistry, opening);
  const told = { keys: keys.origin, opening: opening !== undefined };
  process.stdout.write(`${explain(verification, told)}\n`);
  return verification.holds ? exitCodes.holds : exitCodes.doesNotHold;
}
