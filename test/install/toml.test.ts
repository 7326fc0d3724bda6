import fc from 'fast-check';
import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { toml } from '../../src/install/toml.ts';

const route = ['mcp_servers', 'ours'];
const ENTRY = { command: 'C:\\node.exe', args: ['a "b"', '--x'], env: { IONOS_TOKEN_FILE: '/t' } };
const BLOCK = `[mcp_servers.ours]
command = "C:\\\\node.exe"
args = ["a \\"b\\"", "--x"]
env = { IONOS_TOKEN_FILE = "/t" }
`;
const set = (text: string) => toml.set(text, route, ENTRY, 'config.toml');

describe('set', () => {
  test.each([
    ['an empty text', '', BLOCK],
    ['a line without its end', 'model = "x"', `model = "x"\n\n${BLOCK}`],
    ['other tables', '[a]\nb = 1 # one\n# end\n', `[a]\nb = 1 # one\n# end\n\n${BLOCK}`],
    [
      'an older one, with a table of its own for its environment',
      '# top\n[mcp_servers.ours] # mine\ncommand = "old"\n\n[mcp_servers.ours.env]\nA = "1"\n\n# of the next\n[mcp_servers.other]\ncommand = "x"\n',
      `# top\n${BLOCK}\n# of the next\n[mcp_servers.other]\ncommand = "x"\n`,
    ],
    ['one with a quoted name', '[ mcp_servers . "ours" ]\nargs = [\n  "[x]",\n]\n', BLOCK],
  ])('beside %s', (_, before, after) => {
    expect(set(before)).toBe(after);
    expect(parse(after)).toMatchObject({ mcp_servers: { ours: ENTRY } });
  });

  test('keeps to the line breaks of the text', () => {
    expect(set('a = 1\r\n')).toBe(`a = 1\r\n\r\n${BLOCK.replaceAll('\n', '\r\n')}`);
  });

  test('writes every text as one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (one, other) => {
        const entry = { command: one, args: [other], env: { [one || 'a']: other } };
        expect(parse(toml.set('', route, entry, ''))).toEqual({ mcp_servers: { ours: entry } });
      }),
    );
  });
});

describe('remove', () => {
  test.each([
    ['what was set', `model = "x"\n\n${BLOCK}`, 'model = "x"\n'],
    ['one between others', `[a]\n\n${BLOCK}\n# of b\n[b]\n`, '[a]\n\n# of b\n[b]\n'],
    ['one with tables in it', `${BLOCK}\n[mcp_servers.ours.tools.x]\na = 1\n\n[[b]]\n`, '\n[[b]]\n'],
    ['none', '[mcp_servers.others]\na = 1\n', '[mcp_servers.others]\na = 1\n'],
  ])('takes out %s', (_, before, after) => {
    expect(toml.remove(before, route)).toBe(after);
  });
});
