import { stringify } from 'yaml';
import { defaultOf, membersOf, type Node } from './node.ts';

const header = `# Generated from packages/chart/src/values by \`npm run fix\`: change it there.
# Values without a default are comments. README.md lists the required values.
`;

/** values.yaml: all defaults, with their descriptions. */
export function valuesYaml(schema: Node): string {
  return `${header}\n${group(schema, '')}`;
}

function group(node: Node, indent: string): string {
  return (membersOf(node) ?? [])
    .map(([name, member]) => comment(member.description, indent) + entry(name, member, indent))
    .join(indent === '' ? '\n' : '');
}

function entry(name: string, node: Node, indent: string): string {
  const members = membersOf(node);
  if (members === undefined) {
    const value = defaultOf(node);
    if (value === undefined) return `${indent}# ${name}:\n`;
    return stringify({ [name]: value }, { lineWidth: 0 }).replaceAll(/^(?=.)/gm, indent);
  }
  // YAML reads a key with only comments below it as null.
  const isEmpty = members.every(([, member]) => defaultOf(member) === undefined);
  return `${indent}${name}:${isEmpty ? ' {}' : ''}\n${group(node, `${indent}  `)}`;
}

function comment(text = '', indent: string): string {
  const width = 98 - indent.length;
  const lines = text.match(new RegExp(`.{1,${String(width)}}(\\s|$)`, 'g')) ?? [];
  return lines.map((line) => `${indent}# ${line.trimEnd()}\n`).join('');
}
