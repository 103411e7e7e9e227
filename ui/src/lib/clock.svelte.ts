// The one ticking value. Pages get its time as a number, so that a test can hold it still.

export class Clock {
  now = $state(Date.now());

  /** Ticks on each full second while the window can be seen; returns what stops it. */
  start(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tick = () => {
      this.now = Date.now();
      timer = document.hidden ? undefined : setTimeout(tick, 1000 - (Date.now() % 1000));
    };
    const seen = () => {
      if (!document.hidden && timer === undefined) tick();
    };
    document.addEventListener('visibilitychange', seen);
    tick();
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
    };
  }
}
