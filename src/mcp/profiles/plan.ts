import type { Profile } from '../../calls/source.ts';
import { quoted } from '../../text/visible.ts';
import type { Tool } from '../../tools/tool.ts';

/** The tool, with plans that say in which of several profiles they happen. */
export function inProfile(tool: Tool, profile: Profile | undefined): Tool {
  if (!profile || tool.access === 'read') return tool;
  return {
    ...tool,
    async plan(...asked) {
      const made = await tool.plan(...asked);
      return 'answer' in made ? made : { ...made, summary: `${placeOf(profile)}: ${made.summary}` };
    },
  };
}

const placeOf = ({ name, contract }: Profile) =>
  `In profile ${quoted(name)}${contract === undefined ? '' : `, contract ${contract}`}`;
