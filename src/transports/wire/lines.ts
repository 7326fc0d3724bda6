import { HEAD } from './broken-json.ts';

const NEWLINE = 0x0a;

export interface LineReader {
  onLine(text: string): void;
  /** Runs as soon as a line exceeds `max` bytes; the rest of it is skipped. */
  onLongLine(head: string): void;
}

export function createLines(max: number, { onLine, onLongLine }: LineReader) {
  let kept: Uint8Array[] = [];
  let length = 0;
  let isSkipping = false;

  function take(part: Uint8Array) {
    if (isSkipping) return;
    kept.push(part);
    length += part.length;
    if (length <= max) return;
    const head = Buffer.concat(kept.slice(0, HEAD), Math.min(length, HEAD)).toString('utf8');
    [kept, length, isSkipping] = [[], 0, true];
    onLongLine(head);
  }

  function endLine() {
    const text = Buffer.concat(kept, length).toString('utf8');
    const wasSkipping = isSkipping;
    [kept, length, isSkipping] = [[], 0, false];
    if (!wasSkipping) onLine(text);
  }

  return {
    push(chunk: Uint8Array) {
      for (let start = 0; start < chunk.length; ) {
        const end = chunk.indexOf(NEWLINE, start);
        take(chunk.subarray(start, end === -1 ? chunk.length : end));
        if (end === -1) return;
        endLine();
        start = end + 1;
      }
    },
    end: endLine,
  };
}
