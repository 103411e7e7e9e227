// axe finds nothing, or the test fails with what it found.

import axe from 'axe-core';
import { expect } from 'vitest';

export async function expectAccessible(element: Element = document.body): Promise<void> {
  const found = await axe.run(element, {
    // jsdom lays nothing out and paints nothing: contrast is checked in a browser by scripts/screenshots.mjs.
    rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
  });
  const told = found.violations.map(({ id, help, nodes }) => `${id}: ${help}\n${nodes.map((node) => node.html).join('\n')}`);
  expect(told).toEqual([]);
}
