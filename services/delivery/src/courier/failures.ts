import type { DialFailure } from '../sites/capacity.ts';
import { SessionError } from './session.ts';

/**
 * Why no connection could be had, in words for the usage log: the server's own where it spoke,
 * else ours, which name no host.
 */
export function describeDialFailure(error: unknown): DialFailure {
  if (error instanceof SessionError) {
    if (error.reply !== undefined) return { text: error.reply.text, enhancedCode: '4.3.2' };
    return { text: 'The server ended the connection before it was ready', enhancedCode: '4.4.2' };
  }
  const { code, category, message } = error as Error & { code?: string; category?: string };
  if (category === 'dns') {
    return { text: 'No address of the mail server could be found or used', enhancedCode: '4.4.3' };
  }
  return {
    text: `No connection: ${reasons[code ?? ''] ?? timedOut(message)}`,
    enhancedCode: '4.4.1',
  };
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ETIMEDOUT: 'timed out',
  EMFILE: 'out of sockets on our side',
};

const timedOut = (message: string): string =>
  message.includes('timed out') ? 'timed out' : 'failed';
