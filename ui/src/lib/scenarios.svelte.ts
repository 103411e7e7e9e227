// The scenarios that are watched, for as long as the window lives: whoever leaves the page finds it again as it is then.

import type { Host } from './host-words';
import type { ScenarioOrder } from './scenario-words';
import { apply, blank, type Board } from './scenarios';

export class Scenarios {
  board = $state.raw<Board>(blank);
  /** An order that is on its way. */
  ordering = $state(false);
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
    host.watchScenarios((message) => {
      this.board = apply(this.board, message, Date.now());
      if (message.type !== 'line' || message.line.type === 'started' || message.line.type === 'waiting') this.ordering = false;
    });
  }

  async choose(what: 'files' | 'folder'): Promise<void> {
    await this.#host.chooseScenarios(what);
  }

  async order(order: ScenarioOrder): Promise<void> {
    this.ordering = order !== 'close';
    try {
      await this.#host.orderScenarios(order);
    } catch (refusal) {
      this.ordering = false;
      throw refusal;
    }
  }
}

const watched = new WeakMap<Host, Scenarios>();

/** One for each host. */
export function scenariosOf(host: Host): Scenarios {
  let scenarios = watched.get(host);
  if (!scenarios) {
    scenarios = new Scenarios(host);
    watched.set(host, scenarios);
  }
  return scenarios;
}
