export interface Following {
  /** Reads once; whether there is more to come. */
  read(): Promise<boolean>;
  isHidden(): boolean;
  everyMs?: number;
  longestMs?: number;
}

export const EVERY_MS = 5_000;
const LONGEST_MS = 30 * 60_000;

/** Reads again and again, one read at a time and none while nobody looks. Returns what ends it. */
export function follow({ read, isHidden, everyMs = EVERY_MS, longestMs = LONGEST_MS }: Following): () => void {
  const until = Date.now() + longestMs;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const later = () => {
    timer = setTimeout(look, everyMs);
  };
  async function look() {
    if (isOver || Date.now() > until) return;
    // A read that fails says nothing of the cluster.
    const goesOn = isHidden() || (await read().catch(() => true));
    if (goesOn && !isOver) later();
  }
  later();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
