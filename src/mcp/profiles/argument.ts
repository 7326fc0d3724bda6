import type { Profile } from '../../calls/source.ts';
import { InputError } from '../../errors.ts';
import { isSameName } from '../../text/same-name.ts';
import type { ListedTool } from '../listing.ts';

/** With which a call says for whom it is; all tools have it as soon as there are several. */
const NAME = 'profile';

export const withProfileArgument = (tool: ListedTool, profiles: readonly Profile[]): ListedTool => ({
  ...tool,
  listed: {
    ...tool.listed,
    inputSchema: withArgument(
      tool,
      profiles.map(({ name }) => name),
    ),
  },
});

function withArgument({ listed: { inputSchema }, spansProfiles }: ListedTool, names: string[]) {
  const { properties = {}, required = [] } = inputSchema;
  const description = `IONOS contract to act in${spansProfiles ? '; default all' : ''}`;
  return {
    ...inputSchema,
    properties: { [NAME]: { type: 'string', enum: names, description }, ...properties },
    required: spansProfiles ? required : [NAME, ...required],
  };
}

export interface Addressed {
  /** The other arguments. */
  rest: unknown;
  /** Undefined if none is named. */
  profile?: Profile;
}

/** Throws InputError for a profile that does not exist. */
export function profileOf(raw: unknown, profiles: readonly Profile[]): Addressed {
  if (typeof raw !== 'object' || raw === null) return { rest: raw };
  const { [NAME]: given, ...rest }: { [NAME]?: unknown } = raw;
  if (given === undefined || given === null || given === '') return { rest };
  const profile = profiles.find(({ name }) => typeof given === 'string' && isSameName(name, given.trim()));
  if (!profile) throw new InputError([`${NAME}: ${oneOf(profiles)}`]);
  return { rest, profile };
}

export const missingProfile = (profiles: readonly Profile[]) =>
  new InputError([`${NAME}: is missing; ${oneOf(profiles)}`]);

const oneOf = (profiles: readonly Profile[]) => `must be one of: ${profiles.map(({ name }) => name).join(', ')}`;
