import { MIMEType } from 'node:util';
import type { RouteDefinition } from '@mysmtp/api';
import express, { type Request, type Response } from 'express';
import { Problem, problems } from './problem.ts';

/** Reads the body of a request if it is of the kind that the route takes; throws a problem otherwise. */
export type BodyReader = (request: Request, response: Response) => Promise<unknown>;

export function bodyReader(route: RouteDefinition): BodyReader {
  if (route.body === undefined) {
    return async (request) => {
      if (hasBody(request)) throw invalid('This route takes no body');
    };
  }
  // Not `express.json`, which reads an empty body as `{}`.
  const read = express.raw({ limit: route.bodyLimit ?? 65_536, type: () => true });
  return async (request, response) => {
    if (!hasBody(request)) throw missing();
    const isForm = route.form === true && formTypes.some((type) => hasType(request, type));
    if (!isForm && !hasType(request, 'application/json')) {
      throw problems.unsupported('The body must be application/json in UTF-8', {
        accept: 'application/json',
      });
    }
    return new Promise((resolve, reject) => {
      read(request, response, (error?: unknown) => {
        if (error === undefined) resolve(request.body);
        else reject(asProblem(error));
      });
    }).then((octets) => (isForm ? fieldsOf(octets as Buffer, request) : parsed(octets as Buffer)));
  };
}

/** RFC 9112 6: these headers announce a body. */
function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** In UTF-8, as JSON that systems exchange (RFC 8259 8.1) and forms of our own pages are. */
function hasType({ headers }: Request, wanted: string): boolean {
  let type: MIMEType;
  try {
    type = new MIMEType(headers['content-type'] ?? '');
  } catch {
    return false;
  }
  const charset = type.params.get('charset') ?? 'utf-8';
  return type.essence === wanted && charset.toLowerCase() === 'utf-8';
}

/** `multipart/form-data` is what mail systems send (RFC 8058 3.2). */
const formTypes = ['application/x-www-form-urlencoded', 'multipart/form-data'] as const;

/** The fields of a form. If one is repeated, its last value counts. */
async function fieldsOf(octets: Buffer, { headers }: Request): Promise<Record<string, unknown>> {
  const type = { 'content-type': headers['content-type'] ?? '' };
  try {
    return Object.fromEntries(await new globalThis.Response(octets, { headers: type }).formData());
  } catch {
    throw invalid('The form is not valid');
  }
}

function parsed(octets: Buffer): unknown {
  if (octets.length === 0) throw missing();
  try {
    return JSON.parse(utf8.decode(octets));
  } catch {
    // Its message quotes the body.
    throw notJson();
  }
}

/** Throws if the octets are not UTF-8. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Errors of express.raw. */
function asProblem(error: unknown): Problem {
  switch ((error as { status?: unknown }).status) {
    case 413:
      return new Problem('too-large');
    case 415:
      return problems.unsupported('The Content-Encoding of the body is not supported', {
        'accept-encoding': 'br, deflate, gzip, identity',
      });
    default:
      // Not in the declared encoding, or truncated.
      return notJson();
  }
}

const invalid = (message: string) => problems.invalid([{ path: '', message }]);
const missing = () => invalid('This route takes a body: application/json');
const notJson = () => invalid('The body is not valid JSON');
