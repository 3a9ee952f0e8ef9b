import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { searchFiles } from './search.ts';

const text = 'Frau Käthe Groß, Büro 7';
const long = 'Der Drucker steht bei Frau Käthe Groß im Büro 7, gleich links neben der Tür zum Hof';

/**
 * Octets with these texts, written by other programs (base64, iconv, xxd, the sums of coreutils, Python's
 * email, json and urllib), so that an incorrect form of ours is detected.
 */
const written: readonly (readonly [string, string | Buffer])[] = [
  ['as it is', 'x Frau Käthe Groß, Büro 7 x'],
  ['in lower case', 'x frau käthe groß, büro 7 x'],
  ['Latin-1', Buffer.from('46726175204be47468652047726fdf2c2042fc726f2037', 'hex')],
  [
    'UTF-16LE',
    Buffer.from(
      '460072006100750020004b00e4007400680065002000470072006f00df002c0020004200fc0072006f0020003700',
      'hex',
    ),
  ],
  [
    'UTF-16BE',
    Buffer.from(
      '00460072006100750020004b00e4007400680065002000470072006f00df002c0020004200fc0072006f00200037',
      'hex',
    ),
  ],
  [
    'UTF-16LE in lower case',
    Buffer.from(
      '660072006100750020006b00e4007400680065002000670072006f00df002c0020006200fc0072006f0020003700',
      'hex',
    ),
  ],

  ['quoted-printable', 'bei Frau K=C3=A4the Gro=C3=9F, B=C3=BCro 7, und zwar'],
  ['quoted-printable in lower case', 'frau k=C3=A4the gro=C3=9F, b=C3=BCro 7'],
  ['quoted-printable of Latin-1', 'Frau K=E4the Gro=DF, B=FCro 7'],
  ['quoted-printable, broken', 'Der Drucker steht bei Frau K=C3=A4the Gro=\r\n=C3=9F, B=C3=BCro 7'],
  ['Q in a phrase', '=?utf-8?q?Frau_K=C3=A4the_Gro=C3=9F=2C_B=C3=BCro_7?='],
  ['Q in a text', '=?utf-8?q?Frau_K=C3=A4the_Gro=C3=9F,_B=C3=BCro_7?='],
  ['Q in lower case', '=?utf-8?q?frau_k=C3=A4the_gro=C3=9F=2C_b=C3=BCro_7?='],
  ['Q of Latin-1', '=?iso-8859-1?q?Frau_K=E4the_Gro=DF=2C_B=FCro_7?='],

  ['base64', 'RnJhdSBLw6R0aGUgR3Jvw58sIELDvHJvIDcgbW9yZQ=='],
  ['base64 after one octet', 'YUZyYXUgS8OkdGhlIEdyb8OfLCBCw7xybyA3IG1vcmU='],
  ['base64 after two octets', 'YWJGcmF1IEvDpHRoZSBHcm/DnywgQsO8cm8gNyBtb3Jl'],
  ['base64 in lower case', 'ZnJhdSBrw6R0aGUgZ3Jvw58sIGLDvHJvIDcgbW9yZQ=='],
  ['base64 in lower case after one octet', 'YWZyYXUga8OkdGhlIGdyb8OfLCBiw7xybyA3IG1vcmU='],
  ['base64 in lower case after two octets', 'YWJmcmF1IGvDpHRoZSBncm/DnywgYsO8cm8gNyBtb3Jl'],
  ['base64 of Latin-1', 'RnJhdSBL5HRoZSBHcm/fLCBC/HJvIDc='],
  ['base64url of Latin-1', 'Pj4-RnJhdSBL5HRoZSBHcm_fLCBC_HJvIDc='],
  [
    'base64 over the end of a line',
    'eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eEZyYXUgS8OkdGhl\r\nIEdyb8OfLCBCw7xybyA3IGFuZCBtb3Jl',
  ],
  [
    'base64 over the end of a line, and no CR',
    'eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4RnJhdSBLw6R0\naGUgR3Jvw58sIELDvHJvIDcgYW5kIG1vcmU=',
  ],
  [
    'base64 over the end of a line in JSON',
    String.raw`{"body":"eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHhGcmF1IEvDpHRoZSBH\r\ncm/DnywgQsO8cm8gNyBhbmQgbW9yZQ=="}`,
  ],

  ['URL', '/?q=Frau%20K%C3%A4the%20Gro%C3%9F%2C%20B%C3%BCro%207'],
  ['URL in lower case', '/?q=frau%20k%C3%A4the%20gro%C3%9F%2C%20b%C3%BCro%207'],
  ['URL of a form', 'q=Frau+K%C3%A4the+Gro%C3%9F%2C+B%C3%BCro+7&x'],
  ['JSON in ASCII', String.raw`{"x":"Frau K\u00e4the Gro\u00df, B\u00fcro 7"}`],
  ['JSON in ASCII and lower case', String.raw`{"x":"frau k\u00e4the gro\u00df, b\u00fcro 7"}`],
  ['hex', '46726175204bc3a47468652047726fc39f2c2042c3bc726f2037'],
  ['HEX', '46726175204BC3A47468652047726FC39F2C2042C3BC726F2037'],
  ['hex in lower case', '66726175206bc3a47468652067726fc39f2c2062c3bc726f2037'],

  ['MD5', 'a4b4afb443254cf074a3e44a3ebb93a5'],
  ['MD5 in base64url', 'pLSvtEMlTPB0o-RKPruTpQ=='],
  ['MD5 in lower case', '3e932fc75776d8f36def6aa9c0d20b05'],
  ['SHA-1', Buffer.from('3ac4b5f8987b00a5f2f550cfa4f239b0338ee251', 'hex')],
  ['SHA-1 in lower case', 'HPsNT6GJP6ZKejtP5NSHjznOJNk='],
  ['SHA-256', 'QyHB0nazaQA55Ew8Chj/qFVJLMfSHDB/MlSBvvKtOdI='],
  ['SHA-256 in lower case', '9bf67f61e42bff3bae75e829f1d999b2f02860ba7722892abb333f18d778c953'],

  [
    'base64 of a text longer than a line',
    'MTJEZXIgRHJ1Y2tlciBzdGVodCBiZWkgRnJhdSBLw6R0aGUgR3Jvw58gaW0gQsO8cm8gNywgZ2xl\r\naWNoIGxpbmtzIG5lYmVuIGRlciBUw7xyIHp1bSBIb2YgLi4u',
  ],
];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mysmtp-search-'));
});
afterEach(() => rm(folder, { recursive: true }));

test.each(written)('a text is found: %s', async (_name, octets) => {
  const file = path.join(folder, 'file');
  await writeFile(file, Buffer.concat([Buffer.alloc(999, 1), Buffer.from(octets as Buffer)]));
  expect((await searchFiles([folder], [text, long])).length).toBeGreaterThan(0);
});

test('another text is not found', async () => {
  const other = 'Frau Käthe Gross, Büro 8';
  await writeFile(path.join(folder, 'file'), `${other} ${Buffer.from(other).toString('base64')}`);
  expect(await searchFiles([folder], [text, long])).toEqual([]);
});

test('an unreadable file does not count as searched', async () => {
  const file = path.join(folder, 'file');
  await writeFile(file, '');
  // More than Node reads at once.
  await truncate(file, 2 ** 31);
  await expect(searchFiles([folder], [text])).rejects.toThrow(/2 GiB/);
});
