// The sections of the settings, in their order; their names are in the address.

export const sections = ['appearance', 'computer', 'vault', 'network', 'profiles', 'about'] as const;
export type Section = (typeof sections)[number];

/** What the address says; the first where it says nothing that there is. */
export function sectionOf(named: string | undefined): Section {
  return sections.find((one) => one === named) ?? 'appearance';
}
