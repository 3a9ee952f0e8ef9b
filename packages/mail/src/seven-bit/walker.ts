import { headerLimit, lineLimit } from '../message-reader.ts';
import { readEntity, type Entity, type Place } from './entity.ts';
import { createLineReader, withoutTrailingSpace, type Piece } from './lines.ts';
import { CannotRecode } from './refusal.ts';

/** Receives the elements of a message, in order and without a gap. */
export interface Visitor {
  /** A header; `end` is the empty line after it, and empty if the entity ends with its header. */
  header(entity: Entity, end: '\r\n' | ''): void;
  /** A line of a body, of a preamble or of an epilogue, or the next piece of one that has begun. */
  text(entity: Entity, octets: Buffer, isStart: boolean): void;
  /** A CRLF between two lines of a text, or at the end of the message. */
  lineBreak(entity: Entity): void;
  /** A multipart has ended without a part: readers take its preamble for its content. */
  withoutParts(entity: Entity): void;
  /** A delimiter, with the line ends that belong to it (RFC 2046 5.1.1). */
  delimiter(octets: Buffer): void;
}

/** A multipart that may still get parts, or whose epilogue is being read. */
interface Open {
  readonly entity: Entity;
  hasParts: boolean;
  isClosed: boolean;
}

const entityLimit = 10_000;
const crlf = Buffer.from('\r\n');
const dash = 0x2d;

/**
 * Reads the MIME structure of a message (RFC 2046 5.1, 5.2.1) as a stream, in arbitrary chunks. If readers
 * are known to differ, it throws a `CannotRecode`, because a line that one of them takes for a delimiter must
 * not be encoded.
 */
export function createMimeWalker(visitor: Visitor): { push(chunk: Buffer): void; finish(): void } {
  let open: Open[] = [];
  let count = 0;
  /** The current header; `undefined` within a body. */
  let header: Buffer[] | undefined = [];
  let headerLength = 0;
  let place: Place = { isMessage: true, isInDigest: false, isSigned: false, depth: 0 };
  let current: Entity | undefined;
  /** The CRLF of the last line, until it is known whether it belongs to a delimiter. */
  let owesLineBreak = false;

  function beginHeader(next: Place): void {
    header = [];
    headerLength = 0;
    place = next;
    current = undefined;
  }

  function takeHeader(octets: Buffer): void {
    headerLength += octets.length;
    if (headerLength > headerLimit) throw new CannotRecode('header');
    header?.push(octets);
  }

  function endHeader(end: '\r\n' | ''): void {
    if (count === entityLimit) throw new CannotRecode('structure');
    const entity = readEntity(count, Buffer.concat(header ?? []), place);
    count += 1;
    visitor.header(entity, end);
    const { kind, isSigned, depth } = entity;
    if (kind === 'message') {
      beginHeader({ isMessage: true, isInDigest: false, isSigned, depth: depth + 1 });
      return;
    }
    header = undefined;
    current = entity;
    if (kind !== 'multipart') return;
    if (open.some((outer) => areAlike(outer.entity.boundary, entity.boundary))) {
      throw new CannotRecode('structure');
    }
    open.push({ entity, hasParts: false, isClosed: false });
  }

  /** Ends the multiparts beyond the outermost `remaining`. */
  function leave(remaining: number): void {
    for (const { entity, hasParts } of open.slice(remaining)) {
      if (!hasParts) visitor.withoutParts(entity);
    }
    open = open.slice(0, remaining);
  }

  /** Leaves all entities inside the multipart of a delimiter. */
  function takeDelimiter(at: number, isLast: boolean, line: Piece): void {
    if (header !== undefined) endHeader('');
    visitor.delimiter(
      Buffer.concat([owesLineBreak ? crlf : empty, line.octets, line.isEnd ? crlf : empty]),
    );
    owesLineBreak = false;
    leave(at + 1);
    const owner = open[at];
    if (owner === undefined) return;
    const { entity } = owner;
    if (isLast) {
      owner.isClosed = true;
      header = undefined;
      current = entity;
      return;
    }
    owner.hasParts = true;
    beginHeader({
      isMessage: false,
      isInDigest: entity.isDigest,
      isSigned: entity.isSigned || entity.signsItsParts,
      depth: entity.depth + 1,
    });
  }

  /** Handles the line if it is a delimiter. Returns whether it is one. */
  function isDelimiter(line: Piece): boolean {
    const { octets, isStart } = line;
    if (!isStart || octets[0] !== dash || octets[1] !== dash || open.length === 0) return false;
    const rest = octets.toString('latin1', 2);
    // RFC 2046 5.1.1: transport padding.
    const text = octets.length > lineLimit ? rest : withoutTrailingSpace(rest);
    for (let at = open.length - 1; at >= 0; at -= 1) {
      const { entity, isClosed } = open[at] as Open;
      const isLast = text === `${entity.boundary}--`;
      if (!isLast && text !== entity.boundary) continue;
      if (!isClosed) {
        takeDelimiter(at, isLast, line);
        return true;
      }
      // A second last delimiter is text of the epilogue, but some readers ignore a part after the last one.
      if (!isLast) throw new CannotRecode('structure');
      return false;
    }
    // RFC 2046 5.1.1 compares only the beginning of the line, which most readers do not.
    if (open.some(({ entity }) => text.startsWith(entity.boundary))) {
      throw new CannotRecode('structure');
    }
    return false;
  }

  function takeText({ octets, isStart, isEnd }: Piece, entity: Entity): void {
    if (owesLineBreak) visitor.lineBreak(entity);
    visitor.text(entity, octets, isStart);
    owesLineBreak = isEnd;
  }

  const lines = createLineReader((piece) => {
    if (isDelimiter(piece)) return;
    const { octets, isStart, isEnd } = piece;
    if (current !== undefined) {
      takeText(piece, current);
    } else if (isStart && isEnd && octets.length === 0) {
      endHeader('\r\n');
    } else {
      takeHeader(isEnd ? Buffer.concat([octets, crlf]) : octets);
    }
  });

  return {
    push: (chunk) => lines.push(chunk),
    finish() {
      lines.finish();
      if (header !== undefined) endHeader('');
      if (owesLineBreak && current !== undefined) visitor.lineBreak(current);
      leave(0);
    },
  };
}

const empty = Buffer.alloc(0);

const areAlike = (one: string, other: string): boolean =>
  one === other || `${one}--` === other || one === `${other}--`;
