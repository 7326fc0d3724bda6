export interface OfferedTool {
  name: string;
  description: string;
  inputSchema: object;
}

export interface ModelCall {
  id: string;
  tool: string;
  arguments: Record<string, unknown>;
  /** Why what the model sent could not be read as arguments. */
  problem?: string;
}

export type Message =
  | { role: 'person'; text: string }
  /** `raw` is the provider's own form, which goes back as it came. */
  | { role: 'model'; raw: unknown }
  | { role: 'tools'; results: readonly { id: string; text: string; isError: boolean }[] };

export interface Usage {
  input: number;
  output: number;
}

export interface Reply {
  text: string;
  calls: readonly ModelCall[];
  /** Undefined where the provider does not say. */
  usage: Usage | undefined;
  /** Before it was tried again, as the provider asked or because it did not answer. */
  pausedMs: number;
  /** Why it is not all that the model had to say, such as max_tokens or refusal. */
  cutOff?: string;
  raw: unknown;
}

export interface Conversation {
  system: string;
  tools: readonly OfferedTool[];
  messages: readonly Message[];
}

export interface Provider {
  name: 'anthropic' | 'openai';
  model: string;
  complete(conversation: Conversation): Promise<Reply>;
}

export interface Access {
  url: string;
  key: string;
  model: string;
}
