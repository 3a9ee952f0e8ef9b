import { isAscii } from './address.ts';
import { asciiStructured } from './structured.ts';

/** Of one section of a value that is continued (RFC 2231 3), in characters. */
const sectionLength = 50;

/**
 * The value of Content-Type or Content-Disposition in ASCII: parameter values become
 * `name*=utf-8''…` (RFC 2231 4), long ones in sections. `undefined` if something else is not ASCII.
 */
export function asciiParameters(value: string): string | undefined {
  const parts = partsOf(value).map((part) => (isAscii(part) ? part : asciiParameter(part)));
  return parts.includes(undefined) ? undefined : parts.join(';');
}

/** The parts between semicolons; those in quotes or comments part nothing. */
function partsOf(value: string): string[] {
  return value.match(/(?:"(?:[^"\\]|\\.)*"?|[^";])+|(?<=^|;)(?=;|$)/gsu) ?? [];
}

const parameter = /^([ \t]*)([^\s"=*]+)(\*?)[ \t]*=[ \t]*(.*)$/su;

function asciiParameter(part: string): string | undefined {
  const [, space, name, star, given] = parameter.exec(part) ?? [];
  if (space === undefined || name === undefined || given === undefined || !isAscii(name)) {
    return asciiStructured(part);
  }
  // It is in the extended form already, but not all of it.
  if (star === '*') return `${space}${name}*=${given.replaceAll(/[^\p{ASCII}]+/gu, percent)}`;
  const text = given.startsWith('"')
    ? given.replaceAll(/^"|"[ \t]*$/g, '').replaceAll(/\\(.)/gsu, '$1')
    : given.trimEnd();
  const sections: string[] = [''];
  for (const character of text) {
    const added = percent(character);
    if ((sections.at(-1) ?? '').length + added.length > sectionLength) sections.push('');
    sections.push((sections.pop() ?? '') + added);
  }
  const [only] = sections;
  if (sections.length === 1) return `${space}${name}*=utf-8''${only ?? ''}`;
  return sections
    .map(
      (section, n) =>
        `${n === 0 ? space : ' '}${name}*${String(n)}*=${n === 0 ? "utf-8''" : ''}${section}`,
    )
    .join(';');
}

/** Everything but attribute-char (RFC 2231 7) as %XX. */
const percent = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
