// How much script the window needs to start: the build fails when it is too much.

import { gzipSync } from 'node:zlib';

import type { Plugin, Rollup } from 'vite';

/** Bytes, compressed as a package is. */
export const LIMIT = 120_000;

/** All scripts that are fetched before the first page is shown: the entry, and what it imports at once. */
export function startChunks(bundle: Rollup.OutputBundle): Rollup.OutputChunk[] {
  const chunks = chunksOf(bundle);
  const seen = new Set<Rollup.OutputChunk>();
  const waiting = chunks.filter((one) => one.isEntry);
  for (let chunk = waiting.pop(); chunk; chunk = waiting.pop()) {
    if (seen.has(chunk)) continue;
    seen.add(chunk);
    const { imports } = chunk;
    waiting.push(...chunks.filter((one) => imports.includes(one.fileName)));
  }
  return [...seen];
}

/** A plugin for the build of the window. */
export function startsLight(limit = LIMIT): Plugin {
  return {
    name: 'starts-light',
    apply: 'build',
    writeBundle(_options, bundle) {
      const start = sizeOf(startChunks(bundle));
      const said = `script, gzip: ${kb(start)} to start, ${kb(sizeOf(chunksOf(bundle)))} in all`;
      if (start > limit) this.error(`${said}; the limit to start is ${kb(limit)}: fetch later what the first page does not show (src/lib/later.ts)`);
      this.info(said);
    },
  };
}

function chunksOf(bundle: Rollup.OutputBundle): Rollup.OutputChunk[] {
  return Object.values(bundle).filter((one) => one.type === 'chunk');
}

function sizeOf(chunks: Rollup.OutputChunk[]): number {
  return chunks.reduce((sum, { code }) => sum + gzipSync(code).length, 0);
}

function kb(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
