import { isDeepStrictEqual } from 'node:util';
import type { CallToolResult } from '@modelcontextprotocol/server';
import type { Profile } from '../../calls/source.ts';
import { InputError } from '../../errors.ts';
import { MAX_BYTES, rowsOf } from '../../tools/paging.ts';
import type { Tool } from '../../tools/tool.ts';
import type { ToolCall, ToolCalls } from '../tool-calls.ts';
import { missingProfile, profileOf } from './argument.ts';

export interface AcrossOptions {
  callTool: ToolCalls;
  profiles: readonly Profile[];
  toolNamed(name: string): Pick<Tool, 'spansProfiles' | 'input'>;
  /** With its contract, as far as that is known. */
  known(profile: Profile): Promise<Profile>;
}

/** Each call in the profile that it names; a list without one in all of them. */
export function acrossProfiles({ callTool, profiles, toolNamed, known }: AcrossOptions): ToolCalls {
  return async (call) => {
    try {
      const { rest: raw, profile } = profileOf(call.raw, profiles);
      if (profile) return await callTool({ ...call, raw, profile: await known(profile) });
      if (!toolNamed(call.name).spansProfiles || namesOne(raw)) throw missingProfile(profiles);
      return await inAll({ ...call, raw });
    } catch (error) {
      if (error instanceof InputError) return callTool({ ...call, refusal: error });
      throw error;
    }
  };

  async function inAll(call: ToolCall): Promise<CallToolResult> {
    const results = await Promise.all(
      profiles.map(async (profile) => callTool({ ...call, profile: await known(profile) })),
    );
    const answers = results.map((result, n) => ({ name: profiles[n]?.name ?? '', ...(result as CallToolResult) }));
    const failed = answers.filter(({ isError }) => isError);
    const notes = failed.map((answer) => `${answer.name}: ${textOf(answer)}`);
    if (failed.length === answers.length) return { isError: true, content: [{ type: 'text', text: notes.join('\n') }] };
    const done = joined(
      answers.filter(({ isError }) => !isError),
      { offset: offsetIn(call.raw), notes, isPaged: 'offset' in toolNamed(call.name).input.shape },
    );
    return { structuredContent: done, content: [{ type: 'text', text: JSON.stringify(done) }] };
  }
}

/** What an ID names is in one profile alone. */
const namesOne = (raw: unknown) =>
  Object.entries(raw ?? {}).some(([name, value]) => name.endsWith('Id') && value !== null && value !== '');

function offsetIn(raw: unknown): number {
  const { offset }: { offset?: unknown } = raw ?? {};
  return typeof offset === 'number' || typeof offset === 'string' ? Number(offset) || 0 : 0;
}

const textOf = ({ content }: CallToolResult) =>
  content.map((each) => ('text' in each ? String(each.text).replaceAll('\n', ' ') : '')).join(' ');

interface Answer extends CallToolResult {
  name: string;
}

interface Joining {
  offset: number;
  /** Whether the tool takes an offset. */
  isPaged: boolean;
  notes: string[];
}

/** The rows of all, each with its profile, and what is the same in all, in an answer no longer than one of them may be. */
function joined(answers: readonly Answer[], { offset, isPaged, notes }: Joining) {
  const lists: Record<string, unknown[]> = {};
  const same: Record<string, unknown> = {};
  for (const { name, structuredContent } of answers) {
    const { note, nextOffset, ...rest }: Record<string, unknown> = Object.assign({}, structuredContent);
    if (typeof note === 'string') notes.push(`${name}: ${note}`);
    for (const [key, items] of Object.entries(rest)) {
      if (!Array.isArray(items)) {
        if (answers.every((each) => isDeepStrictEqual(Object(each.structuredContent)[key], items))) same[key] = items;
        continue;
      }
      const page = { items, hasMore: nextOffset !== undefined };
      const { rows, ...more } = rowsOf(
        page,
        offset,
        (row: object) => ({ profile: name, ...row }),
        MAX_BYTES / answers.length,
      );
      lists[key] = [...(lists[key] ?? []), ...rows];
      if (more.nextOffset !== undefined) notes.push(moreIn(name, isPaged ? ` and offset ${more.nextOffset}` : ''));
    }
  }
  return { ...lists, ...same, ...(notes.length > 0 && { note: notes.join(' ') }) };
}

const moreIn = (name: string, place: string) => `There are more: call again with profile ${name}${place}.`;
