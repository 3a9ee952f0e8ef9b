import { Socket } from 'node:net';
import { checkAddress, isAscii, splitAddress, withAsciiDomain } from '@mysmtp/mail';
import { fuzz } from '@mysmtp/test-kit/fuzz';
import * as fc from 'fast-check';
import { SMTPServer } from 'smtp-server';
import { SMTPConnection } from 'smtp-server/lib/smtp-connection.js';
import { expect } from 'vitest';

const server = new SMTPServer({ hideSTARTTLS: true, allowDots: true });
const connection = new SMTPConnection(server, new Socket(), {});

const piece = fc.oneof(
  fc.constantFrom('<', '>', '@', '.', ':', ',', '"', '\\', ' ', '\t', '[', ']', '\r', '\n', '\0'),
  fc.constantFrom(
    'a',
    'example.org',
    'IPv6:',
    '::1',
    '192.0.2.1',
    'xn--mller-kva',
    'xn--',
    'ü',
    '\xff',
  ),
  fc.constantFrom(
    'SIZE=1',
    'BODY=8BITMIME',
    'SMTPUTF8',
    'AUTH=<>',
    '+0D+0A',
    'postmaster',
    '__proto__',
  ),
);
const path = fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(''));
const usual = fc
  .tuple(fc.array(piece, { maxLength: 4 }), fc.array(piece, { maxLength: 4 }), path)
  .map(([local, domain, more]) => `<${local.join('')}a@${domain.join('')}b.example>${more}`);

fuzz(
  'an address that MAIL or RCPT accepts fits into our own commands, for any input line',
  [fc.constantFrom('MAIL FROM', 'RCPT TO'), fc.oneof(path, usual)],
  (command, rest) => {
    const line = Buffer.from(`${command}:${rest}`);
    const parsed = connection._parseAddressCommand(command, line);
    if (parsed === false || parsed.given === '') return;
    if (checkAddress(parsed.given) !== undefined) return;
    const address = withAsciiDomain(parsed.given);
    if (address === undefined) return;
    const { localPart, domain } = splitAddress(address);
    expect(address).not.toMatch(/[<>\p{Cc}\p{Zl}\p{Zp}\uFFFD]/u);
    expect(isAscii(domain)).toBe(true);
    expect(domain).not.toMatch(/\s/);
    // It is in the line as the client wrote it.
    expect(line.toString()).toContain(`${localPart}@`);
  },
  2_000,
);
