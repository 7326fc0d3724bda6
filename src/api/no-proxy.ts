export interface NoProxyTarget {
  /** An IPv6 address without its brackets. */
  host: string;
  port: number;
}

/** NO_PROXY: names with all that is below them, or `*` for every host, each with or without a port. */
export function readNoProxy(text: string): (target: NoProxyTarget) => boolean {
  const entries = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((entry) => {
      const [, name = entry, port] = /^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? [];
      return { name: name.replace(/^\*?\./, '').replace(/^\[|\]$/g, ''), port: port && Number(port) };
    });
  return ({ host, port }) =>
    entries.some(
      (entry) =>
        (!entry.port || entry.port === port) &&
        (entry.name === '*' || `.${host.toLowerCase()}`.endsWith(`.${entry.name}`)),
    );
}
