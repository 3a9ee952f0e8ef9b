import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { kubernetesTools } from '@mysmtp/chart';

export const namespace = 'mysmtp-e2e';
export const release = 'mysmtp';

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The stream for its output. */
  readonly show?: boolean;
}

/** Runs a program to its end and returns its output; rejects with its output if it fails. */
export async function run(
  command: string,
  args: readonly string[],
  { input = '', env = {}, show = false }: RunOptions = {},
): Promise<string> {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', show ? 'inherit' : 'pipe'],
  });
  child.stdin?.on('error', () => undefined).end(input);
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const said = child.stderr === null ? Promise.resolve('') : text(child.stderr);
  const output = child.stdout === null ? Promise.resolve('') : text(child.stdout);
  const [code, out, err] = await Promise.all([exit, output, said]);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${err}${out}`);
  return out;
}

const tools = kubernetesTools(4);

/** In our namespace. */
export async function kubectl(args: readonly string[], options?: RunOptions): Promise<string> {
  return run((await tools).kubectl, ['--namespace', namespace, ...args], options);
}

export async function helm(args: readonly string[], options?: RunOptions): Promise<string> {
  return run((await tools).helm, ['--namespace', namespace, ...args], options);
}

/** One object, or a list of them. */
export async function get<T>(...what: readonly string[]): Promise<T> {
  return JSON.parse(await kubectl(['get', ...what, '--output', 'json'])) as T;
}

/** Creates or updates objects. */
export async function apply(...objects: readonly unknown[]): Promise<void> {
  const list = { apiVersion: 'v1', kind: 'List', items: objects };
  await kubectl(['apply', '--filename', '-'], { input: JSON.stringify(list) });
}

export function secret(
  name: string,
  stringData: Readonly<Record<string, string>>,
  type = 'Opaque',
): unknown {
  return { apiVersion: 'v1', kind: 'Secret', type, metadata: { name, namespace }, stringData };
}

export function progress(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)}  ${line}\n`);
}
