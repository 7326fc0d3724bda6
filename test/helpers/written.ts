/** What a tool that writes can answer. */
export interface Written {
  outcome?: string;
  confirmationToken?: string;
  plan: { summary: string; effects: string[] };
  note: string;
}

/** The answer of such a tool, for a test that reads on in it. */
export function writtenIn({ structuredContent }: { structuredContent?: unknown }): Written {
  return { note: '', plan: { summary: '', effects: [] }, ...Object(structuredContent) };
}
