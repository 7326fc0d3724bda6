import { ACCESSES, type Access, includes } from '../access.ts';
import { granted, type HttpCaller, type Narrowing, toolsetsFor } from '../calls/http-caller.ts';
import type { Profile } from '../calls/source.ts';
import type { Toolset } from '../tools/toolsets.ts';
import { instructions } from './instructions.ts';
import { type ListedPrompt, type ListedResource, type ListedTool, listing } from './listing.ts';
import { withProfileArgument } from './profiles/argument.ts';
import { isTemplate } from './resources.ts';
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
  /** Those that another scope would bring, and with them all that an OAuth client can call. */
  beyond: readonly ListedTool[];
  reachable: readonly ListedTool[];
  names: readonly string[];
  prompts: readonly ListedPrompt[];
  resources: readonly ListedResource[];
  templates: readonly Template[];
  instructions: string;
}

/** Computed once per access and URL, because every HTTP request creates a server. */
export function createOffers({ access, toolsets, sandbox, writes, profiles = [] }: OfferOptions) {
  const tools = listing.tools
    .filter((tool) => (tool.isBasic || toolsets.includes(tool.toolset)) && includes(access, tool.access))
    .map((tool) => (profiles.length > 0 ? withProfileArgument(tool, profiles) : tool))
    .map((tool): ListedTool => ({ ...tool, listed: { ...tool.listed, _meta: metaOf(tool, writes) } }));
  const ofOperator = listing.resources.filter(({ toolset }) => toolsets.includes(toolset));
  const whole = offersWithin();
  // What no request has any more is forgotten.
  const narrowed = new WeakMap<Narrowing, typeof whole>();

  function offersWithin(narrowing: Narrowing = {}) {
    const { access: most = access, clusters } = narrowing;
    const chosen = toolsetsFor(toolsets, narrowing);
    const isChosen = ({ toolset }: { toolset: Toolset }) => chosen.includes(toolset);
    const left = tools.filter((tool) => (tool.isBasic || isChosen(tool)) && includes(most, tool.access));
    const offerTo = (access: Access): Offer => {
      const own = left.filter((tool) => includes(access, tool.access));
      const names = own.map(({ listed }) => listed.name);
      const writes = own.some((tool) => tool.access !== 'read');
      const resources = ofOperator.filter(isChosen);
      return {
        tools: own,
        listed: own.map(({ listed }) => listed),
        listedWithViews: own.map(({ listed, access }) => (access === 'read' ? listed : withView(listed))),
        beyond: left.filter((tool) => !own.includes(tool)),
        reachable: left,
        names,
        writes,
        prompts: listing.prompts.filter((prompt) => prompt.tools.every((tool) => names.includes(tool))),
        resources,
        templates: resources.filter(isTemplate).map(templateOf),
        instructions: instructions({ access, toolsets: chosen, clusters, writes, sandbox, profiles }),
      };
    };
    return Object.fromEntries(ACCESSES.map((each) => [each, offerTo(each)])) as Record<Access, Offer>;
  }

  function offersOf(narrowing: Narrowing | undefined) {
    if (!narrowing) return whole;
    const offers = narrowed.get(narrowing) ?? offersWithin(narrowing);
    narrowed.set(narrowing, offers);
    return offers;
  }

  return {
    tools,
    prompts: listing.prompts.map(({ listed }) => listed.name),
    named: (name: string) => listing.tools.find(({ listed }) => listed.name === name),
    resources: ofOperator,
    to: (httpCaller: HttpCaller | undefined): Offer => offersOf(httpCaller?.narrowing)[granted(access, httpCaller)],
  };
}

const templateOf = ({ name, uri: uriTemplate, title, description, mimeType }: ListedResource) => ({
  ...{ name, uriTemplate, title },
  ...{ description, mimeType },
});
type Template = ReturnType<typeof templateOf>;
