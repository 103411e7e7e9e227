import { fileURLToPath } from 'node:url';

import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

import { startsLight } from './scripts/start-size.ts';

/** `VITE_HOST=mock` makes pages that run in any browser, on recorded data and without an agent. */
const mock = process.env.VITE_HOST === 'mock';
const host = mock ? './src/lib/mock/host.ts' : './src/lib/host.ts';

export default defineConfig({
  // The samples of the mock weigh nothing in the window.
  plugins: [svelte(), svelteTesting(), ...(mock ? [] : [startsLight()])],
  // The environment of the build must not reach the bundle: nothing but VITE_ does.
  envPrefix: 'VITE_',
  resolve: { alias: { $host: fileURLToPath(new URL(host, import.meta.url)) } },
  clearScreen: false,
  server: { host: '127.0.0.1', port: 1420, strictPort: true },
  build: {
    // The WebKit of macOS 12 and of Debian's oldest supported WebKitGTK.
    target: ['safari15', 'chrome105'],
    modulePreload: false,
    reportCompressedSize: true,
  },
  test: {
    environment: 'jsdom',
    include: ['tests/**/*.test.ts'],
    setupFiles: ['tests/setup.ts'],
    // A machine that builds at the same time takes its time.
    testTimeout: 20_000,
  },
});
