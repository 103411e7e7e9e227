// The journal as lines of a list: days, flows with their steps, and entries that stand alone. The newest is on top; the steps
// of a flow are in the order they happened in.

import type { Event } from './api/Event';
import { keyOf, timeOf } from './journal-entries';
import type { Flow } from './journal-flows';
import { dayOf } from './journal-time';

interface Common {
  key: string;
  /** Whose day it is. */
  at: number;
}

export type Row =
  | (Common & { kind: 'day' })
  | (Common & { kind: 'flow'; flow: Flow; open: boolean; shown: number })
  | (Common & { kind: 'step'; event: Event; flow: Flow; last: boolean })
  | (Common & { kind: 'entry'; event: Event });

/** In rem. */
export const heights: Record<Row['kind'], number> = { day: 2.25, flow: 3.75, step: 2.75, entry: 3.75 };

/** An entry without a flow is a place of its own, and named like one. */
export const ALONE = '~';

/** `events`: those that are wanted, the oldest first. */
export function rowsOf(events: readonly Event[], flows: ReadonlyMap<string, Flow>, isOpen: (flow: Flow) => boolean): Row[] {
  const blocks: { at: number; seq: number; flow?: Flow; events: Event[] }[] = [];
  const placed = new Map<string, Event[]>();
  for (const event of events) {
    const flow = event.flow === undefined ? undefined : flows.get(event.flow);
    if (!flow) {
      blocks.push({ at: timeOf(event), seq: event.seq, events: [event] });
      continue;
    }
    const begun = placed.get(flow.id);
    if (begun) {
      begun.push(event);
      continue;
    }
    const steps = [event];
    placed.set(flow.id, steps);
    // A flow stays where it began, so that nothing jumps while it goes on.
    blocks.push({ at: flow.began, seq: flow.events[0]?.seq ?? event.seq, flow, events: steps });
  }
  blocks.sort((one, other) => other.at - one.at || other.seq - one.seq);

  const rows: Row[] = [];
  let day = 0;
  for (const { at, flow, events: steps } of blocks) {
    const its = dayOf(at);
    if (its !== day) {
      day = its;
      rows.push({ kind: 'day', key: `day-${its}`, at });
    }
    if (!flow) {
      const event = steps[0]!;
      rows.push({ kind: 'entry', key: ALONE + keyOf(event), at, event });
      continue;
    }
    const open = isOpen(flow);
    rows.push({ kind: 'flow', key: flow.id, at, flow, open, shown: steps.length });
    if (open) {
      steps.forEach((event, index) => rows.push({ kind: 'step', key: `${flow.id}/${keyOf(event)}`, at, event, flow, last: index === steps.length - 1 }));
    }
  }
  return rows;
}
