import { ACCESSES, type Access, includes } from '../access.ts';
import { granted, type HttpCaller } from '../calls/http-caller.ts';
import type { Profile } from '../calls/source.ts';
import type { Toolset } from '../tools/toolsets.ts';
import { instructions } from './instructions.ts';
import { type ListedPrompt, type ListedTool, listing } from './listing.ts';
import { withProfileArgument } from './profiles/argument.ts';
import { metaOf, withView } from './views/apps.ts';

export interface OfferOptions {
  access: Access;
  toolsets: readonly Toolset[];
  sandbox: boolean;
  writes: { confirm: string };
  profiles?: readonly Profile[];
}

export interface Offer {
  tools: readonly ListedTool[];
  listed: ListedTool['listed'][];
  /** For clients that render views. */
  listedWithViews: ListedTool['listed'][];
  /** Whether one of them writes. */
  writes: boolean;
  beyond: readonly ListedTool[];
  names: readonly string[];
  prompts: readonly ListedPrompt[];
  instructions: string;
}

/** Computed once per access, because every HTTP request creates a server. */
export function createOffers({ access, toolsets, sandbox, writes, profiles = [] }: OfferOptions) {
  const isChosen = ({ toolset }: { toolset: Toolset }) => toolsets.includes(toolset);
  const tools = listing.tools
    .filter((tool) => (tool.isBasic || isChosen(tool)) && includes(access, tool.access))
    .map((tool) => (profiles.length > 0 ? withProfileArgument(tool, profiles) : tool))
    .map((tool): ListedTool => ({ ...tool, listed: { ...tool.listed, _meta: metaOf(tool, writes) } }));
  const offers = Object.fromEntries(ACCESSES.map((each) => [each, offerTo(each)])) as Record<Access, Offer>;

  function offerTo(access: Access): Offer {
    const own = tools.filter((tool) => includes(access, tool.access));
    const names = own.map(({ listed }) => listed.name);
    const writes = own.some((tool) => tool.access !== 'read');
    return {
      tools: own,
      listed: own.map(({ listed }) => listed),
      listedWithViews: own.map(({ listed, access }) => (access === 'read' ? listed : withView(listed))),
      beyond: tools.filter((tool) => !own.includes(tool)),
      names,
      writes,
      prompts: listing.prompts.filter((prompt) => prompt.tools.every((tool) => names.includes(tool))),
      instructions: instructions({ access, toolsets, writes, sandbox, profiles }),
    };
  }

  return {
    tools,
    prompts: listing.prompts.map(({ listed }) => listed.name),
    named: (name: string) => listing.tools.find(({ listed }) => listed.name === name),
    resources: listing.resources.filter(isChosen),
    to: (httpCaller: HttpCaller | undefined): Offer => offers[granted(access, httpCaller)],
  };
}
