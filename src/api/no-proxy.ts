export interface NoProxyTarget {
  host: string;
  port: number;
}

/** A name also matches its subdomains, `*` matches every host; each can carry a port. */
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
