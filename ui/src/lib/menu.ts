// What a menu holds.

import type { Component } from 'svelte';

export interface MenuItem {
  label: string;
  icon: Component<{ size?: number }>;
  act: () => void;
  disabled?: boolean;
  /** What cannot be taken back. */
  bad?: boolean;
  /** The keys that do the same. */
  keys?: string;
  testid?: string;
  /** Begins a new part of the menu. */
  apart?: boolean;
}
